// Timers: a hierarchical wheel of milliseconds per scheduler thread. Any thread may set and cancel.
#pragma once

#include <cstdint>

namespace hanse {

class Process;

uint64_t monotonic_now_ns();  // since the start of the node, never goes back; erlang:monotonic_time
// The first whole millisecond that is at least timeout_ms from now.
uint64_t deadline_after_ms(uint64_t timeout_ms);

// One deadline. Embedded in what it wakes, or derived from. Not copied or moved while set.
class Timer {
 public:
  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  uint64_t deadline_ms() const { return deadline_ms_; }

 protected:
  virtual ~Timer() = default;
  // Called once on a scheduler thread, without locks. The timer is no longer set: it may delete itself.
  virtual void expired() = 0;

 private:
  friend class TimerWheel;
  friend class TimerService;
  Timer* next_ = nullptr;
  Timer** previous_ = nullptr;  // what points at this; nullptr: not in a wheel
  uint64_t deadline_ms_ = 0;
  uint16_t shard_ = 0;
};

// Node-wide functions; deadlines are absolute (deadline_after_ms).
void set_timer(Timer& timer, uint64_t deadline_ms);
// True: it will not expire. False: it was not set, or expired() has begun or is about to begin on another thread.
bool cancel_timer(Timer& timer);

// receive ... after: `timed_out` of the process becomes true and it is woken once the time is over. Its own thread only.
void set_receive_timeout(Process& process, uint64_t timeout_ms);
// No-op if none is set; afterwards none will fire.
void cancel_receive_timeout(Process& process);

}  // namespace hanse
