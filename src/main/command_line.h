// The command line of a node: erl's flags. What the emulator itself is told (+X) is separated from what OTP's init gets.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "io/prim_file_names.h"
#include "main/thread_flags.h"
#include "process/node_clock.h"

namespace hanse {

struct NodeOptions {
  std::vector<std::string> init_arguments;      // what erl_init:start/2 gets: -root R -bindir B ... and the user's
  std::vector<std::string> emulator_arguments;  // +X as given, for system_info(emu_args)
  std::vector<std::string> warnings;            // flags that are accepted and have no effect here
  std::string root = "/usr/lib/erlang";         // of OTP
  std::string bindir;
  std::string initial_module = "init";
  ThreadNumbers threads;
  uint64_t process_limit = 262144;
  uint64_t port_limit = 65536;
  uint64_t atom_limit = 1048576;
  uint64_t async_threads = 1;                   // +A: for jobs of linked-in drivers
  uint64_t ets_limit = 0;                       // +e, ERL_MAX_ETS_TABLES: told, not enforced
  uint64_t busy_limit_bytes = 1 << 20;          // of connections to other nodes
  char warning_level = 'w';                     // of error_logger: i, w or e
  int64_t node_delay_ms = 60000;                // +zdntgc; -1: for ever. See term/node.h
  uint64_t peer_name_limit = 1 << 18;           // see dist/remote_node.h
  uint64_t minimum_heap_words = 233;
  uint64_t minimum_binary_words = 46422;
  uint64_t maximum_heap_words = 0;
  bool maximum_heap_kills = true;               // +hmaxk
  bool maximum_heap_logs = true;                // +hmaxel
  TimeWarp time_warp = TimeWarp::none;          // +C
  bool corrects_time = true;                    // +c
  FileNameSettings file_names;                  // +fn
  bool message_queue_off_heap = false;          // +hmqd
  bool printable_unicode = false;               // +pc unicode
  char break_mode = 0;                          // +Bi, +Bc, +Bd
  bool detached = false;
  bool start_epmd = false;                      // the node has a name: a port mapper must run
  std::string epmd_command;                     // -epmd: the shell command that starts it; empty: our own
  bool show_version = false;
};

// arguments: without the program's name. Reads ERL_AFLAGS, ERL_FLAGS, ERL_ZFLAGS and files named by -args_file; sets what
// -env says. The error says what was expected.
std::expected<NodeOptions, std::string> parse_command_line(std::vector<std::string> arguments);

// Words of a flags variable or an arguments file: quotes and backslashes as in the shell, # comments in files.
std::vector<std::string> split_words(const std::string& text, bool comments);

}  // namespace hanse
