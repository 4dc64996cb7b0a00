// The control channel between a node and a guard: frames with a length of four bytes (big endian) on the guard's
// standard input and output. The first byte of a frame tells its kind. Owned by the guard, one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hanse::guard {

// From the node.
inline constexpr char order_start = 'S';   // what to run: parse_plan()
inline constexpr char order_stop = 'T';    // SIGTERM to the worker's group
inline constexpr char order_kill = 'K';    // SIGKILL to whatever the worker has started
inline constexpr char order_memory = 'M';  // answered with report_memory

// To the node.
inline constexpr char report_channel = 'H';  // where `hanse-guard attach` brings the descriptors of the data channel
inline constexpr char report_started = 'P';  // process id, four bytes
inline constexpr char report_failed = 'F';   // a text: why nothing was started
inline constexpr char report_output = 'O';   // bytes of the worker's standard output
inline constexpr char report_errors = 'E';   // bytes of its standard error
inline constexpr char report_dropped = 'D';  // bytes that were not forwarded since they came too fast, eight bytes
inline constexpr char report_memory = 'M';   // resident bytes of the worker and its children, eight bytes
inline constexpr char report_exit = 'X';     // 'e' and exit status or 's' and signal, four bytes

// The largest frame that is accepted: arguments and environment of one program.
inline constexpr size_t frame_limit_bytes = 4 << 20;

// Takes what was read apart; keeps an unfinished frame.
class FrameReader {
 public:
  void feed(std::string_view bytes) { rest_.append(bytes); }
  std::optional<std::string> next();
  // A length beyond the limit: the other side speaks another language.
  bool broken() const { return broken_; }

 private:
  std::string rest_;
  bool broken_ = false;
};

std::string framed(char kind, std::string_view content);
std::string number_bytes(uint64_t number, unsigned size);

// What a worker is, and what it may do.
struct Plan {
  std::vector<std::string> arguments;            // the first is looked for in PATH of `environment`
  std::vector<std::string> environment;          // NAME=VALUE, all of it
  std::string directory;                         // empty: the node's
  std::string user;                              // empty: the node's
  std::vector<std::pair<int, uint64_t>> limits;  // RLIMIT_x, soft and hard
  bool network = true;                           // false: no sockets but local ones
  int channel_input = 0, channel_output = 1;     // descriptors of the data channel in the worker
  unsigned grace_ms = 1000;                      // between SIGTERM and SIGKILL once the node is gone
};

// The content of order_start: KEY=VALUE entries, each ended by a zero byte. The error is a text for people.
struct ParsedPlan {
  Plan plan;
  std::string error;  // empty: all is well
};
ParsedPlan parse_plan(std::string_view content);

}  // namespace hanse::guard
