// Timers: a hierarchical wheel of milliseconds per scheduler thread. Any thread may set and cancel.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hanse {

class Process;

uint64_t monotonic_now_ns();  // since the start of the node, never goes back; erlang:monotonic_time
// The first whole millisecond that is at least timeout_ms from now.
uint64_t deadline_after_ms(uint64_t timeout_ms);

// A link of the circular lists in a wheel.
struct TimerLink {
  TimerLink* next = nullptr;  // nullptr: in no wheel
  TimerLink* previous = nullptr;
};

// One deadline. Embedded in what it wakes, or derived from. Not copied or moved while set.
class Timer : private TimerLink {
 public:
  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  uint64_t deadline_ms() const { return deadline_ms_; }

 protected:
  virtual ~Timer() = default;
  // Called once on a scheduler thread, without locks, under an epoch::Guard. The timer is no longer set: it may delete
  // itself.
  virtual void expired() = 0;

 private:
  friend class TimerWheel;
  friend class TimerService;
  uint64_t deadline_ms_ = 0;
  uint16_t shard_ = 0;
};

// Node-wide functions; deadlines are absolute (deadline_after_ms).
void set_timer(Timer& timer, uint64_t deadline_ms);
// True: it will not expire. False: it was not set, or expired() has begun or is about to begin on another thread.
bool cancel_timer(Timer& timer);

// receive ... after: `timed_out` of the process becomes true and it is woken once the time is over. Its own thread only.
// 0 < timeout_ms. If one is set already it stays (a receive that goes on waiting).
void set_receive_timeout(Process& process, uint64_t timeout_ms);
// No-op if none is set. Clears timed_out. Called when a receive ends: with a message or with its timeout.
void cancel_receive_timeout(Process& process);

// --- for the scheduler ---
void start_timer_service(unsigned shards);
inline constexpr uint64_t no_deadline = ~uint64_t{0};
// Expires what is due in the shard of this scheduler; the caller holds an epoch::Guard. Cheap if nothing is due.
void advance_timers(unsigned shard);
// When the shard needs advance_timers() next, in milliseconds; no_deadline if it is empty. The thread that sleeps until
// then is woken by `wake_shard` if an earlier timer is set.
uint64_t next_timer_ms(unsigned shard);
void set_timer_wake(void (*wake_shard)(unsigned shard));
// True if the receive timeout of the process is over by now.
bool receive_timeout_is_over(const Process& process);
size_t active_timers();

}  // namespace hanse
