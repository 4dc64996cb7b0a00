// What a worker does that has nothing to run: it steals from queues of two or more, and from those whose worker has been busy
// with one slice for a while; finds it nothing, it spins shortly and then sleeps, one of them in the io layer's poller
// (idle_poller.h).
#include "base/epoch.h"
#include "base/freed_memory.h"
#include "process/guest.h"
#include "process/guest_queue.h"
#include "process/microstates.h"
#include "process/system_monitor.h"
#include "process/timer_service.h"
#include "process/worker.h"

namespace hanse {

// A single guest's process whose home has nothing else to do; as in steal().
bool Worker::leaves_guests(bool take_stuck) const {
  const Worker* home = home_of_single_guest();
  if (home == nullptr || home == this || home->waiting() > 0 || !home->is_online()) return false;
  return !take_stuck || seen_slices_[home->index_] != home->slices.load(std::memory_order_relaxed);
}

// What runs next here, nullptr if nothing waits.
Process* Worker::take(bool take_stuck) {
  // The host goes first, but not for ever; behind a guest that took long (collections, long queues of messages), for longer.
  static constexpr uint64_t host_slices = 8, host_times = 4, longest_ns = 100000000;
  if (uint64_t began_ns = std::exchange(guest_began_ns_, 0); began_ns != 0) [[unlikely]]
    host_until_ns_ = monotonic_now_ns() + std::min(host_times * (monotonic_now_ns() - began_ns), longest_ns);
  if (waiting_guests() > 0 && !leaves_guests(take_stuck)) [[unlikely]] {
    if (waiting() == 0 || (++host_slices_ >= host_slices && monotonic_now_ns() >= host_until_ns_)) {
      host_slices_ = 0;
      guest_began_ns_ = monotonic_now_ns();
      if (Process* process = pop_guest_process()) return process;
      guest_began_ns_ = 0;
    }
  }
  Process* alone = next_.load(std::memory_order_relaxed) ? next_.exchange(nullptr, std::memory_order_acq_rel) : nullptr;
  if (queue.length() == 0) return alone;
  if (alone) queue.push(alone);  // others have queued something meanwhile, which may be more urgent
  return queue.pop();
}

void spin_pause() {
  for (int i = 0; i < 8; i++) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
  }
}

Process* Worker::next() {
  Process* process = find_work();
  if (looking_.load(std::memory_order_relaxed)) stop_looking();
  return process;
}

// Whoever saw it looking has woken nobody: then another one has to keep watch over what waits behind the slice that begins now.
void Worker::stop_looking() {
  looking_.store(false, std::memory_order_seq_cst);
  if (waiting() > 0 && !scheduler_state().watched.load(std::memory_order_relaxed)) wake_a_sleeper();
}

Process* Worker::find_work() {
  static constexpr int spins = 64, short_spins = 4;  // 64: 10 to 30 microseconds
  int rounds = spins;
  bool awaits_dirty = std::exchange(awaits_dirty_, false);
  for (;;) {
    if (is_online()) {
      if (rounds == spins) note_slices();
      // What comes from outside wakes the one that polls; spinning would only keep it from that.
      IdlePoller* poller = scheduler_state().poller.load(std::memory_order_acquire);
      if (poller && rounds == spins && !awaits_dirty && !poller->is_led()) rounds = short_spins;
      for (int i = 0; i < rounds; i++) {
        bool take_stuck = i == rounds - 1;
        if (Process* process = take(take_stuck)) return process;
        if (Process* process = steal(take_stuck)) return process;
        if (i == 0) looking_.store(true, std::memory_order_seq_cst);
        {
          epoch::Guard guard;
          advance_timers(index_);
        }
        release_guests();
        spin_pause();
      }
    } else {  // those who are online may be too busy to steal what was queued here before
      while (Process* process = take(true)) enqueue_at(*scheduler_state().workers[0], *process);
    }
    looking_.store(false, std::memory_order_seq_cst);
    epoch::collect();
    epoch::pass_on();
    rounds = sleep() ? 1 : spins;
    awaits_dirty = false;
  }
}

void Worker::note_slices() {
  auto& workers = scheduler_state().workers;
  for (size_t i = 0; i < workers.size(); i++) seen_slices_[i] = workers[i]->slices.load(std::memory_order_relaxed);
}

// A queue of one is left to its worker. With `take_stuck`, not if that has been in the same slice since note_slices().
Process* Worker::steal(bool take_stuck) {
  auto& workers = scheduler_state().workers;
  for (unsigned i = 1; i < workers.size(); i++) {
    unsigned other = (index_ + i) % static_cast<unsigned>(workers.size());
    Worker& victim = *workers[other];
    size_t length = victim.waiting();
    if (length == 0) continue;
    bool stuck = take_stuck && seen_slices_[other] == victim.slices.load(std::memory_order_relaxed);
    if (length < 2 && victim.is_online() && (!stuck || victim.is_asleep())) continue;
    if (Process* process = victim.queue.pop()) return process;
    if (!stuck && victim.is_online()) continue;
    if (Process* process = victim.next_.exchange(nullptr, std::memory_order_acq_rel)) return process;
  }
  return nullptr;
}

bool Worker::others_have_work() const {
  if (waiting_guests() > 0 && !leaves_guests(false)) return true;
  for (auto& worker : scheduler_state().workers)
    if (worker->waiting() >= (worker.get() == this || !worker->is_online() ? 1u : 2u)) return true;
  return false;
}

// Tells the profiler that this worker begins or ends to sleep.
void Worker::profile_sleep(bool is_over) {
  if ((profiled_events.load(std::memory_order_relaxed) & profiled::scheduler) == 0) [[likely]] return;
  epoch::Guard guard;
  SchedulerState& state = scheduler_state();
  unsigned awake = static_cast<unsigned>(state.workers.size()) - state.sleepers.load(std::memory_order_relaxed);
  profile_scheduler(id, is_over, is_over ? awake : awake - 1);
}

// One of the sleepers keeps watch while others run: it looks every millisecond whether a slice that takes very long (a
// large built-in function) holds up a process behind it. True: it woke for that, and nothing else has happened.
bool Worker::sleep() {
  static constexpr uint64_t watch_ns = 1000000, idle_ns_before_return = 1000000000;
  SchedulerState& state = scheduler_state();
  IdlePoller* poller = state.poller.load(std::memory_order_acquire);
  profile_sleep(false);
  uint64_t before = monotonic_now_ns();
  idle.start(before);
  enter_microstate(Microstate::sleep);
  bool timed_out = false, watching = false, leading = false, returns_memory = false;
  queue.mutex.lock();
  asleep_.store(true, std::memory_order_seq_cst);
  unsigned sleeping = state.sleepers.fetch_add(1, std::memory_order_seq_cst) + 1;
  bool online = is_online();
  if (online ? !others_have_work() : waiting() == 0) {
    uint64_t wait_ns = no_deadline;
    if (uint64_t next_ms = next_timer_ms(index_); next_ms != no_deadline) {
      uint64_t until = next_ms > no_deadline / 2000000 ? before + uint64_t{60000000000} : next_ms * 1000000;
      wait_ns = until > before ? until - before : 0;
    }
    if (uint64_t release_ns = next_guest_release_ns(); release_ns != no_deadline)
      wait_ns = std::min(wait_ns, release_ns > before ? release_ns - before : 0);
    if (online && sleeping < state.workers.size() && !state.watched.exchange(true)) {
      watching = true;
      note_slices();
      wait_ns = std::min(wait_ns, watch_ns);
    }
    if (!watching && wait_ns > idle_ns_before_return && keeps_freed_memory()) {
      returns_memory = true;
      wait_ns = idle_ns_before_return;
    }
    leading = online && poller && poller->try_lead();
    if (leading)
      timed_out = sleep_in_poller(*poller, wait_ns);
    else if (wait_ns > 0)
      timed_out = sleep_alone(online ? poller : nullptr, wait_ns);
  }
  if (watching) state.watched.store(false);
  asleep_.store(false, std::memory_order_seq_cst);
  state.sleepers.fetch_sub(1, std::memory_order_seq_cst);
  queue.mutex.unlock();
  idle.stop(monotonic_now_ns());
  enter_microstate(leading ? Microstate::check_io : Microstate::other);
  profile_sleep(true);
  if (leading) {
    epoch::Guard guard;
    poller->dispatch();
    poller->release();
    enter_microstate(Microstate::other);
  }
  if (returns_memory && timed_out) return_freed_memory();
  if (!is_online()) {  // somebody must see to our timers
    epoch::Guard guard;
    advance_timers(index_);
  }
  return watching && timed_out;
}

// Both: with the queue's mutex held, which they give up while they wait. True: the time is over.
bool Worker::sleep_alone(IdlePoller* poller, uint64_t wait_ns) {
  if (poller) poller->add_idle_worker();
  std::unique_lock lock(queue.mutex.native(), std::adopt_lock);
  bool timed_out = false;
  if (wait_ns == no_deadline)
    condition_.wait(lock);
  else
    timed_out = condition_.wait_for(lock, std::chrono::nanoseconds(wait_ns)) == std::cv_status::timeout;
  lock.release();
  if (poller) poller->remove_idle_worker();
  return timed_out;
}

// Waking a thread takes the one that does it, and the one that is woken, ten microseconds and more; inside a virtual machine some fifty.
// While what it waits for has come at once again and again, it looks for a while before it waits.
bool Worker::wait_in_poller(IdlePoller& poller, uint64_t wait_ns) {
  static constexpr int looks = 96, least_short_waits = 4, most_short_waits = 16;  // 96: about 70 microseconds
  static constexpr uint64_t short_ns = 100000;
  if (short_waits_ >= least_short_waits) {
    for (int i = 0; i < looks; i++) {
      if (!poller.wait(0)) return false;
      spin_pause();
    }
  }
  uint64_t before = monotonic_now_ns();
  bool timed_out = poller.wait(wait_ns);
  bool was_short = !timed_out && monotonic_now_ns() - before < short_ns;
  short_waits_ = was_short ? std::min(short_waits_ + 1, most_short_waits) : short_waits_ / 2;
  return timed_out;
}

bool Worker::sleep_in_poller(IdlePoller& poller, uint64_t wait_ns) {
  polled_ = &poller;
  queue.mutex.unlock();
  bool timed_out = wait_in_poller(poller, wait_ns);
  queue.mutex.lock();
  polled_ = nullptr;
  return timed_out;
}

void Worker::wake() {
  Lock lock(queue.mutex);
  if (polled_)
    polled_->interrupt();
  else
    condition_.notify_one();
}

}  // namespace hanse
