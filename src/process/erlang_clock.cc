#include "process/erlang_clock.h"

#include <chrono>

#include "process/timer_service.h"
#include "term/term.h"

namespace hanse {

// erlang:monotonic_time/0 starts at the smallest small integer, as stock's does.
static constexpr int64_t monotonic_start = Term::small_min;

int64_t erlang_monotonic_ns() { return monotonic_start + static_cast<int64_t>(monotonic_now_ns()); }

int64_t time_offset_ns() {
  // Fixed for the life of the node ("no time warp", Erlang user's guide, "Time and Time Correction").
  static const int64_t offset = [] {
    auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count() - erlang_monotonic_ns();
  }();
  return offset;
}

int64_t erlang_system_ns() { return erlang_monotonic_ns() + time_offset_ns(); }

}  // namespace hanse
