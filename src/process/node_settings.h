// What holds for the whole node: settings that erlang:system_flag/2 changes, and figures that layers above this one supply to
// erlang:system_info/1. Set up by main before guests run; afterwards any thread may touch the atomic ones.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "heap/process_heap.h"
#include "term/atom.h"

namespace hanse {

inline constexpr const char* hanse_version = "0.1.0";
inline constexpr const char* otp_release = "25";
inline constexpr const char* erts_version = "13.1.5";

struct NodeSettings {
  // As given on the command line, the program first.
  std::vector<std::string> emulator_arguments;
  bool break_ignored = false;

  // Defaults for processes that are spawned from now on.
  std::atomic<uint32_t> minimum_heap_words{HeapSettings{}.minimum_words};
  std::atomic<uint32_t> minimum_binary_words{HeapSettings{}.minimum_binary_words};
  std::atomic<uint32_t> full_sweep_after{HeapSettings{}.full_sweep_after};
  std::atomic<size_t> maximum_heap_words{0};
  std::atomic<bool> maximum_heap_kills{true};
  std::atomic<bool> maximum_heap_logs{true};
  // Frames in stack traces.
  std::atomic<int> backtrace_depth{8};
  std::atomic<int> outstanding_system_requests{4};
  // Word of an immediate: who gets the emulator's log messages: a local pid, `logger` or `undefined`.
  std::atomic<Word> system_logger{am::logger.word()};
  std::atomic<Word> trace_control_word{0};

  // Supplied by the layers that know; absent: 0.
  size_t (*port_count)() = nullptr;
  size_t (*ets_table_count)() = nullptr;
  size_t (*loaded_code_bytes)() = nullptr;
  // Bytes that ports have read and written: statistics(io).
  std::atomic<uint64_t> bytes_in{0};
  std::atomic<uint64_t> bytes_out{0};
  // Counted by whoever collects a heap: statistics(garbage_collection).
  std::atomic<uint64_t> collections{0};
  std::atomic<uint64_t> reclaimed_words{0};

  HeapSettings heap_defaults() const {
    return {.minimum_words = minimum_heap_words.load(std::memory_order_relaxed),
            .minimum_binary_words = minimum_binary_words.load(std::memory_order_relaxed),
            .full_sweep_after = full_sweep_after.load(std::memory_order_relaxed),
            .maximum_words = maximum_heap_words.load(std::memory_order_relaxed),
            .maximum_kills = maximum_heap_kills.load(std::memory_order_relaxed),
            .maximum_logs = maximum_heap_logs.load(std::memory_order_relaxed)};
  }
};
NodeSettings& node_settings();

}  // namespace hanse
