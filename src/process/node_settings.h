// What holds for the whole node: settings that erlang:system_flag/2 changes, and figures that layers above this one supply to
// erlang:system_info/1. Set up by main before guests run; afterwards any thread may touch the atomic ones.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "term/word.h"

namespace hanse {

inline constexpr const char* hanse_version = "0.1.0";
inline constexpr const char* otp_release = "25";
inline constexpr const char* erts_version = "13.1.5";

struct NodeSettings {
  // As given on the command line, the program first.
  std::vector<std::string> emulator_arguments;
  bool break_ignored = false;
  bool has_heart = false;  // -heart: another program starts the node again when it ends
  bool printable_unicode = false;  // +pc unicode
  char warning_level = 'w';        // +W: what error_logger makes of warnings: i, w or e
  int async_threads = 1;           // +A: how many do the jobs of linked-in drivers
  uint64_t ets_limit = 0;          // what system_info(ets_limit) tells
  bool message_queue_off_heap = false;  // +hmqd: of processes that do not say

  // Frames in stack traces.
  std::atomic<int> backtrace_depth{8};
  std::atomic<int> outstanding_system_requests{4};
  std::atomic<Word> trace_control_word{0};

  // Supplied by the layers that know; absent: 0.
  size_t (*port_count)() = nullptr;
  size_t (*ets_table_count)() = nullptr;
  // Bytes that ports have read and written: statistics(io).
  std::atomic<uint64_t> bytes_in{0};
  std::atomic<uint64_t> bytes_out{0};
  // Counted by whoever collects a heap: statistics(garbage_collection).
  std::atomic<uint64_t> collections{0};
  std::atomic<uint64_t> reclaimed_words{0};
};
NodeSettings& node_settings();

}  // namespace hanse
