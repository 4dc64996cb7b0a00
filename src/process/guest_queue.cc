#include "process/guest_queue.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "process/guest.h"
#include "process/process.h"
#include "process/machine.h"
#include "process/timer_service.h"

namespace hanse {

namespace {

struct Release {
  uint64_t at_ns;
  Guest* guest;
};

RunQueue& queue_of(Guest& guest, const Process& process) { return process.machine.guest() == &guest ? guest.queue : guest.servers; }

constexpr uint64_t unit_share = 100;
// A slice is charged when it begins with what the latest one of its machine took, and set right when it is over: several workers may
// serve one machine at a time.
constexpr uint64_t longest_expected_ns = 1000000;

uint64_t in_virtual_time(const Guest& guest, uint64_t ns) {
  return ns * unit_share / std::max(1u, guest.share.load(std::memory_order_relaxed));
}

// The machines that wait, a binary heap; each knows its place, so that its time may change while it waits.
class WaitingGuests {
 public:
  bool empty() const { return heap_.empty(); }
  size_t size() const { return heap_.size(); }
  Guest& first() const { return *heap_.front(); }
  void add(Guest& guest) {
    guest.turn.place = heap_.size();
    heap_.push_back(&guest);
    up(guest.turn.place);
  }
  void remove(Guest& guest) {
    size_t place = guest.turn.place;
    guest.turn.place = Guest::Turn::nowhere;
    Guest* last = heap_.back();
    heap_.pop_back();
    if (last == &guest) return;
    put(place, last);
    changed(*last);
  }
  // Its time has changed.
  void changed(Guest& guest) {
    up(guest.turn.place);
    down(guest.turn.place);
  }

 private:
  static bool before(const Guest* a, const Guest* b) { return a->turn.virtual_ns < b->turn.virtual_ns; }
  void put(size_t place, Guest* guest) {
    heap_[place] = guest;
    guest->turn.place = place;
  }
  void up(size_t place) {
    Guest* guest = heap_[place];
    for (; place > 0 && before(guest, heap_[(place - 1) / 2]); place = (place - 1) / 2) put(place, heap_[(place - 1) / 2]);
    put(place, guest);
  }
  void down(size_t place) {
    Guest* guest = heap_[place];
    for (size_t child; (child = 2 * place + 1) < heap_.size(); place = child) {
      if (child + 1 < heap_.size() && before(heap_[child + 1], heap_[child])) child++;
      if (!before(heap_[child], guest)) break;
      put(place, heap_[child]);
    }
    put(place, guest);
  }
  std::vector<Guest*> heap_;
};

class GuestQueue {
 public:
  bool push(Guest& guest, Process& process, const Worker* worker) {
    Lock lock(mutex_);
    queue_of(guest, process).push(&process);
    if (!has_work(guest)) return worker == nullptr;  // who sleeps may not know yet when it will go on
    add(guest);
    bool is_single = waiting_.size() == 1 && guest.queue.length() + guest.servers.length() == 1;
    set_home_of_single(is_single ? worker : nullptr);
    return !is_single || worker == nullptr;
  }

  // The one that it served before.
  Guest* serve(const Process& process, Guest* guest) {
    Lock lock(mutex_);
    Guest* before = served_locked(process);
    if (guest != nullptr) served_[process.self.word()] = guest;
    else served_.erase(process.self.word());
    return before;
  }
  Guest* served(const Process& process) {
    Lock lock(mutex_);
    return served_locked(process);
  }

  Process* pop() {
    Lock lock(mutex_);
    set_home_of_single(nullptr);
    while (!waiting_.empty()) {
      Guest& guest = waiting_.first();
      Process* process = guest.servers.pop();
      if (process == nullptr && may_run(guest)) process = guest.queue.pop();
      if (process == nullptr) {
        remove(guest);
        continue;
      }
      now_ = std::max(now_, guest.turn.virtual_ns);
      guest.turn.virtual_ns += in_virtual_time(guest, guest.turn.expected_ns);
      guest.turn.slices++;
      if (guest.queue.length() + guest.servers.length() > 0) waiting_.changed(guest);
      else remove(guest);
      return process;
    }
    return nullptr;
  }

  void charge(Guest& guest, uint64_t ns, int64_t reductions, bool was_expected) {
    guest.cpu_ns.fetch_add(ns, std::memory_order_relaxed);
    guest.reductions.fetch_add(static_cast<uint64_t>(reductions), std::memory_order_relaxed);
    Lock lock(mutex_);
    Guest::Turn& turn = guest.turn;
    if (was_expected) {
      turn.slices--;
      turn.virtual_ns -= std::min(turn.virtual_ns, in_virtual_time(guest, turn.expected_ns));
    }
    turn.virtual_ns += in_virtual_time(guest, ns);
    if (turn.slices == 0) turn.expected_ns = std::min(ns, longest_expected_ns);  // what others have charged is taken back as it was
    if (turn.place != Guest::Turn::nowhere) waiting_.changed(guest);
    if (turn.budget.is_limited()) turn.budget.take(static_cast<double>(reductions), monotonic_now_ns());
  }

  void let_run(Guest& guest) {
    Lock lock(mutex_);
    go_on(guest);
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
  std::pair<int64_t, int64_t> budget(const Guest& guest) {
    Lock lock(mutex_);
    return {guest.turn.budget.per_second(), guest.turn.budget.burst()};
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
      go_on(guest);
    }
    note_release();
  }
  void forget(Guest& guest) {
    Lock lock(mutex_);
    std::erase_if(throttled_, [&](const Release& entry) { return entry.guest == &guest; });
    if (guest.turn.place != Guest::Turn::nowhere) remove(guest);
    note_release();
  }

 private:
  Guest* served_locked(const Process& process) REQUIRES_LOCK(mutex_) {
    auto found = served_.find(process.self.word());
    return found == served_.end() ? nullptr : found->second;
  }
  void set_home_of_single(const Worker* worker) REQUIRES_LOCK(mutex_) {
    guest_queue_signs.home_of_single.store(worker, std::memory_order_relaxed);
  }
  void go_on(Guest& guest) REQUIRES_LOCK(mutex_) {
    if (!has_work(guest)) return;
    set_home_of_single(nullptr);
    add(guest);
  }
  // Unless it is there.
  void add(Guest& guest) REQUIRES_LOCK(mutex_) {
    if (guest.turn.place != Guest::Turn::nowhere) return;
    // Who has slept does not make up for it.
    if (guest.turn.slices == 0) guest.turn.virtual_ns = std::max(guest.turn.virtual_ns, now_);
    waiting_.add(guest);
    note_length();
  }
  void remove(Guest& guest) REQUIRES_LOCK(mutex_) {
    waiting_.remove(guest);
    note_length();
  }
  bool has_work(Guest& guest) REQUIRES_LOCK(mutex_) {
    return guest.servers.length() > 0 || (guest.queue.length() > 0 && may_run(guest));
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
  void note_length() REQUIRES_LOCK(mutex_) {
    guest_queue_signs.waiting.store(static_cast<unsigned>(waiting_.size()), std::memory_order_seq_cst);
  }
  void note_release() REQUIRES_LOCK(mutex_) {
    uint64_t next = no_deadline;
    for (const Release& entry : throttled_) next = std::min(next, entry.at_ns);
    guest_queue_signs.next_release_ns.store(next, std::memory_order_relaxed);
  }

  Mutex<LockRank::guest_queue> mutex_;
  WaitingGuests waiting_ GUARDED_BY(mutex_);
  std::vector<Release> throttled_ GUARDED_BY(mutex_);
  std::unordered_map<Word, Guest*> served_ GUARDED_BY(mutex_);  // by the processes of the host that serve them, each with a hold on its machine
  uint64_t now_ GUARDED_BY(mutex_) = 0;  // the virtual time at which the latest slice began
};

GuestQueue& queue() {
  static auto* instance = new GuestQueue;
  return *instance;
}

}  // namespace

bool push_guest_process(Guest& payer, Process& process, const Worker* worker) { return queue().push(payer, process, worker); }
Process* pop_guest_process() { return queue().pop(); }
void release_guests_now() {
  uint64_t now_ns = monotonic_now_ns();
  if (next_guest_release_ns() <= now_ns) queue().release(now_ns);
}
void charge_turn(Guest& guest, uint64_t ns, int64_t reductions, bool was_expected) {
  queue().charge(guest, ns, reductions, was_expected);
}
bool requeue_guest_process(Process& process) {
  Guest* guest = process.machine.guest() != nullptr ? process.machine.guest() : served_guest(process);
  return guest != nullptr && queue_of(*guest, process).requeue(process);
}
void serve_guest(Process& process, Guest* guest) {
  if (guest != nullptr) {
    guest->machine().retain();
    process.owns_machines = true;
  }
  Guest* before = queue().serve(process, guest);
  if (before != nullptr) before->machine().release();
}
Guest* served_guest(const Process& process) { return queue().served(process); }
void let_guest_run(Guest& guest) { queue().let_run(guest); }
void set_reduction_budget(Guest& guest, int64_t per_second, int64_t burst) { queue().set_budget(guest, per_second, burst); }
std::pair<int64_t, int64_t> reduction_budget(const Guest& guest) { return queue().budget(guest); }
void forget_guest(Guest& guest) { queue().forget(guest); }

}  // namespace hanse
