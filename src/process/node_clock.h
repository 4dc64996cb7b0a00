// The clock of the node: how Erlang monotonic time and Erlang system time follow the clocks of the operating system when that one's
// system time is set (Erlang user's guide, "Time and Time Correction in Erlang", time warp modes).
//
// Monotonic time is the system's steady clock, plus what corrections have added to it. Where the time offset is final,
// system time approaches the system's by letting monotonic time run one percent faster or slower; without time correction
// it leaps forward at once, or stands still. Where the offset may change ("volatile"), monotonic time is left alone.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/mutex.h"

namespace hanse {

enum class TimeWarp : uint8_t { none, single, multi };
enum class OffsetState : uint8_t { preliminary, final, is_volatile };

class NodeClock {
 public:
  // Nanoseconds. The steady clock never goes back; the system clock counts from 1970.
  struct Source {
    int64_t (*steady_ns)();
    int64_t (*system_ns)();
  };
  explicit NodeClock(Source source);
  NodeClock(const NodeClock&) = delete;
  NodeClock& operator=(const NodeClock&) = delete;

  // Before anybody else uses the clock.
  void configure(TimeWarp warp, bool corrects);
  TimeWarp warp() const { return warp_; }
  bool corrects() const { return corrects_; }

  // Any thread may call the following.
  // Since the start of the node; never goes back.
  uint64_t monotonic_ns() const;
  // System time when monotonic_ns() was 0: the system time of the node is the sum of both.
  int64_t system_start_ns() const { return system_start_ns_.load(std::memory_order_acquire); }
  OffsetState offset_state() const { return state_.load(std::memory_order_acquire); }
  // The clock of the operating system may have been set. True: system_start_ns() has changed.
  bool compare();
  // The offset becomes final; only `preliminary` does. The state before.
  OffsetState finalize();

 private:
  static constexpr int64_t tolerated_ns = 1000000;
  static constexpr int64_t slow_divisor = 100;  // one percent
  int64_t behind_ns() const;
  void steer(int64_t by_ns) REQUIRES_LOCK(mutex_);
  int64_t corrected(int64_t steady_ns) const;

  const Source source_;
  const int64_t start_ns_;
  TimeWarp warp_ = TimeWarp::none;
  bool corrects_ = true;
  std::atomic<int64_t> system_start_ns_;
  std::atomic<OffsetState> state_{OffsetState::final};

  Mutex<LockRank::timer> mutex_;
  // The correction: written under the mutex, read by anybody between two equal, even versions. Version 0: none yet.
  std::atomic<uint32_t> version_{0};
  std::atomic<int64_t> base_ns_{0};     // what earlier corrections added
  std::atomic<int64_t> begin_ns_{0};    // of this one, on the steady clock
  std::atomic<int64_t> amount_ns_{0};   // what this one adds in the end
  std::atomic<int64_t> divisor_{1};     // it adds a nanosecond in as many
};

// That of this node.
NodeClock& node_clock();

}  // namespace hanse
