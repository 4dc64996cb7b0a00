#include "process/guest_queue.h"

#include <algorithm>
#include <vector>

#include "process/guest.h"
#include "process/process.h"
#include "process/machine.h"
#include "process/timer_service.h"

namespace hanse {

namespace {

struct Entry {
  uint64_t virtual_ns;
  Guest* guest;
  bool operator<(const Entry& other) const { return virtual_ns > other.virtual_ns; }  // the least is on top
};
struct Release {
  uint64_t at_ns;
  Guest* guest;
};

// What a slice is thought to take until it is over: several workers may serve one machine at a time.
constexpr uint64_t expected_slice_ns = 200000;
constexpr uint64_t unit_share = 100;

class GuestQueue {
 public:
  bool push(Process& process) {
    Guest& guest = *process.machine.guest();
    Lock lock(mutex_);
    guest.queue.push(&process);
    return may_run(guest) && add(guest);
  }

  Process* pop() {
    Lock lock(mutex_);
    while (!heap_.empty()) {
      Entry first = heap_.front();
      std::pop_heap(heap_.begin(), heap_.end());
      heap_.pop_back();
      Guest& guest = *first.guest;
      if (first.virtual_ns < guest.turn.virtual_ns) {  // it has been charged since
        push_entry(guest);
        continue;
      }
      guest.turn.waits = false;
      note_length();
      Process* process = may_run(guest) ? guest.queue.pop() : nullptr;
      if (process == nullptr) continue;
      now_ = std::max(now_, first.virtual_ns);
      guest.turn.virtual_ns += in_virtual_time(guest, expected_slice_ns);
      if (guest.queue.length() > 0) add(guest);
      return process;
    }
    return nullptr;
  }

  void charge(Guest& guest, uint64_t ns, int64_t reductions) {
    guest.cpu_ns.fetch_add(ns, std::memory_order_relaxed);
    guest.reductions.fetch_add(static_cast<uint64_t>(reductions), std::memory_order_relaxed);
    Lock lock(mutex_);
    uint64_t expected = in_virtual_time(guest, expected_slice_ns), used = in_virtual_time(guest, ns);
    guest.turn.virtual_ns = guest.turn.virtual_ns - std::min(guest.turn.virtual_ns, expected) + used;
    if (guest.turn.budget.is_limited()) guest.turn.budget.take(static_cast<double>(reductions), monotonic_now_ns());
  }

  void let_run(Guest& guest) {
    Lock lock(mutex_);
    if (guest.queue.length() > 0 && may_run(guest)) add(guest);
  }
  void set_budget(Guest& guest, int64_t per_second, int64_t burst) {
    {
      Lock lock(mutex_);
      guest.turn.budget.set(per_second, burst, monotonic_now_ns());
      guest.turn.is_throttled = false;
      std::erase_if(throttled_, [&](const Release& entry) { return entry.guest == &guest; });
      note_release();
    }
    let_run(guest);
  }
  void release(uint64_t now_ns) {
    Lock lock(mutex_);
    for (size_t i = 0; i < throttled_.size();) {
      if (throttled_[i].at_ns > now_ns) {
        i++;
        continue;
      }
      Guest& guest = *throttled_[i].guest;
      throttled_[i] = throttled_.back();
      throttled_.pop_back();
      guest.turn.is_throttled = false;
      if (guest.queue.length() > 0 && may_run(guest)) add(guest);
    }
    note_release();
  }
  void forget(Guest& guest) {
    Lock lock(mutex_);
    std::erase_if(throttled_, [&](const Release& entry) { return entry.guest == &guest; });
    if (std::erase_if(heap_, [&](const Entry& entry) { return entry.guest == &guest; }) > 0) std::make_heap(heap_.begin(), heap_.end());
    note_release();
    note_length();
  }

  unsigned waiting() const { return waiting_.load(std::memory_order_seq_cst); }
  uint64_t next_release() const { return next_release_.load(std::memory_order_relaxed); }

 private:
  static uint64_t in_virtual_time(const Guest& guest, uint64_t ns) {
    return ns * unit_share / std::max(1u, guest.share.load(std::memory_order_relaxed));
  }
  void push_entry(Guest& guest) REQUIRES_LOCK(mutex_) {
    heap_.push_back({guest.turn.virtual_ns, &guest});
    std::push_heap(heap_.begin(), heap_.end());
  }
  // True: it was not there.
  bool add(Guest& guest) REQUIRES_LOCK(mutex_) {
    if (guest.turn.waits) return false;
    guest.turn.waits = true;
    // Who has slept does not make up for it.
    guest.turn.virtual_ns = std::max(guest.turn.virtual_ns, now_);
    push_entry(guest);
    note_length();
    return true;
  }
  bool may_run(Guest& guest) REQUIRES_LOCK(mutex_) {
    if (guest.is_dying()) return true;
    if (guest.turn.is_throttled) return false;
    if (!guest.turn.budget.is_limited()) return true;
    uint64_t now = monotonic_now_ns();
    if (!guest.turn.budget.is_empty(now)) return true;
    guest.turn.is_throttled = true;
    throttled_.push_back({std::max(guest.turn.budget.refilled_ns(), now + 1000000), &guest});
    note_release();
    return false;
  }
  void note_length() REQUIRES_LOCK(mutex_) { waiting_.store(static_cast<unsigned>(heap_.size()), std::memory_order_seq_cst); }
  void note_release() REQUIRES_LOCK(mutex_) {
    uint64_t next = no_deadline;
    for (const Release& entry : throttled_) next = std::min(next, entry.at_ns);
    next_release_.store(next, std::memory_order_relaxed);
  }

  Mutex<LockRank::guest_queue> mutex_;
  std::vector<Entry> heap_ GUARDED_BY(mutex_);
  std::vector<Release> throttled_ GUARDED_BY(mutex_);
  uint64_t now_ GUARDED_BY(mutex_) = 0;  // the virtual time of the latest slice's begin
  std::atomic<unsigned> waiting_{0};
  std::atomic<uint64_t> next_release_{no_deadline};
};

GuestQueue& queue() {
  static auto* instance = new GuestQueue;
  return *instance;
}

}  // namespace

bool push_guest_process(Process& process) { return queue().push(process); }
Process* pop_guest_process() { return queue().pop(); }
unsigned waiting_guests() { return queue().waiting(); }
uint64_t next_guest_release_ns() { return queue().next_release(); }
void release_guests(uint64_t now_ns) {
  if (queue().next_release() <= now_ns) [[unlikely]] queue().release(now_ns);
}
void charge_turn(Guest& guest, uint64_t ns, int64_t reductions) { queue().charge(guest, ns, reductions); }
void let_guest_run(Guest& guest) { queue().let_run(guest); }
void set_reduction_budget(Guest& guest, int64_t per_second, int64_t burst) { queue().set_budget(guest, per_second, burst); }
void forget_guest(Guest& guest) { queue().forget(guest); }

}  // namespace hanse
