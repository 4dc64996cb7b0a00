#include "process/timer_wheel.h"

#include <algorithm>
#include <bit>

namespace hanse {

TimerWheel::TimerWheel(uint64_t now_ms) : current_ms_(now_ms) {
  for (TimerLink& slot : slots_) slot.next = slot.previous = &slot;
  due_.next = due_.previous = &due_;
}

void TimerWheel::append(TimerLink& list, Timer& timer) {
  TimerLink& link = timer;
  link.previous = list.previous;
  link.next = &list;
  list.previous->next = &link;
  list.previous = &link;
}

void TimerWheel::insert(Timer& timer, uint64_t deadline_ms) {
  timer.deadline_ms_ = deadline_ms;
  count_++;
  place(timer);
}

void TimerWheel::place(Timer& timer) {
  uint64_t deadline = timer.deadline_ms_;
  if (deadline <= current_ms_) return append(due_, timer);
  // Beyond the last level: wait in its farthest slot and be placed again from there.
  uint64_t farthest = current_ms_ + (uint64_t{63} << shift(levels - 1));
  deadline = std::min(deadline, farthest);
  unsigned level = 0;
  while (level + 1 < levels && deadline - current_ms_ >= uint64_t{1} << shift(level + 1)) level++;
  unsigned index = first_slot(level) + static_cast<unsigned>((deadline >> shift(level)) & (slots(level) - 1));
  append(slots_[index], timer);
  used_[index / 64] |= uint64_t{1} << (index % 64);
}

bool TimerWheel::remove(Timer& timer) {
  TimerLink& link = timer;
  if (!link.next) return false;
  link.previous->next = link.next;
  link.next->previous = link.previous;
  link.next = link.previous = nullptr;
  count_--;
  return true;  // the slot's bit is cleared when its time comes
}

uint64_t TimerWheel::next_event_of(unsigned level) const {
  uint64_t now = current_ms_ >> shift(level);
  unsigned words = slots(level) / 64;
  unsigned base = first_slot(level) / 64;
  unsigned start = static_cast<unsigned>((now + 1) & (slots(level) - 1));
  // The words of the bit set in circular order from `start`; the first one twice, its low part last.
  for (unsigned i = 0; i <= words; i++) {
    unsigned word = (start / 64 + i) % words;
    uint64_t bits = used_[base + word];
    if (i == 0) bits &= ~uint64_t{0} << (start % 64);
    if (i == words) bits &= ~(~uint64_t{0} << (start % 64));
    if (bits == 0) continue;
    unsigned slot = word * 64 + static_cast<unsigned>(std::countr_zero(bits));
    uint64_t distance = (slot - start) & (slots(level) - 1);
    return (now + 1 + distance) << shift(level);
  }
  return no_deadline;
}

uint64_t TimerWheel::next_event() const {
  if (due_.next != &due_) return current_ms_;
  if (count_ == 0) return no_deadline;
  uint64_t next = no_deadline;
  for (unsigned level = 0; level < levels; level++) next = std::min(next, next_event_of(level));
  return next;
}

// Empties the slot of a level that begins now.
void TimerWheel::cascade(unsigned level) {
  unsigned index = first_slot(level) + static_cast<unsigned>((current_ms_ >> shift(level)) & (slots(level) - 1));
  used_[index / 64] &= ~(uint64_t{1} << (index % 64));
  TimerLink& slot = slots_[index];
  TimerLink* link = slot.next;
  slot.next = slot.previous = &slot;
  while (link != &slot) {
    TimerLink* next = link->next;
    place(static_cast<Timer&>(*link));
    link = next;
  }
}

Timer* TimerWheel::next_due(uint64_t now_ms) {
  while (due_.next == &due_) {
    uint64_t next = next_event();
    if (next > now_ms) {
      current_ms_ = std::max(current_ms_, now_ms);
      return nullptr;
    }
    current_ms_ = next;
    for (unsigned level = levels; level-- > 0;)
      if ((current_ms_ & ((uint64_t{1} << shift(level)) - 1)) == 0) cascade(level);
  }
  auto* timer = static_cast<Timer*>(due_.next);
  remove(*timer);
  return timer;
}

}  // namespace hanse
