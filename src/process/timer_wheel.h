// A hierarchical timing wheel (Varghese and Lauck 1987): 256 slots of one millisecond, then four levels of 64 slots, each
// as long as the whole level below. Setting and cancelling are constant time; a timer moves down at most four times.
// Bit sets of used slots let it jump over empty time. Not synchronised.
//
// A slot of level k holds timers whose deadline, divided by the slot's length, is one number in (now, now + slots]; so each
// slot stands for exactly one stretch of time, and the first used one after `now` is the next event of that level.
#pragma once

#include "process/timer_service.h"

namespace hanse {

class TimerWheel {
 public:
  explicit TimerWheel(uint64_t now_ms = 0);

  void insert(Timer& timer, uint64_t deadline_ms);
  // False if it is not in the wheel.
  bool remove(Timer& timer);
  // Unlinks all timers with deadline <= now_ms, in the order of deadlines, and calls visit(Timer&) for each.
  template <class Visit>
  void advance(uint64_t now_ms, Visit visit) {
    while (Timer* timer = next_due(now_ms)) visit(*timer);
  }
  // The time at which advance() has something to do; no_deadline if the wheel is empty. May be early, never late.
  uint64_t next_event() const;
  size_t size() const { return count_; }

 private:
  static constexpr unsigned levels = 5;
  static constexpr unsigned slot_total = 256 + 4 * 64;
  static constexpr unsigned shift(unsigned level) { return level == 0 ? 0 : 8 + 6 * (level - 1); }
  static constexpr unsigned slots(unsigned level) { return level == 0 ? 256 : 64; }
  static constexpr unsigned first_slot(unsigned level) { return level == 0 ? 0 : 256 + 64 * (level - 1); }

  Timer* next_due(uint64_t now_ms);
  void place(Timer& timer);
  void append(TimerLink& list, Timer& timer);
  void cascade(unsigned level);
  uint64_t next_event_of(unsigned level) const;

  uint64_t current_ms_;
  size_t count_ = 0;
  uint64_t used_[slot_total / 64] = {};
  TimerLink slots_[slot_total];
  TimerLink due_;
};

}  // namespace hanse
