#include "process/microstates.h"

#include <deque>
#include <mutex>

#include "process/timer_service.h"

namespace hanse {
namespace {

struct Clock {
  Clock(MicrostateThread thread_kind, unsigned thread_id) : kind(thread_kind), id(thread_id) {}
  const MicrostateThread kind;
  const unsigned id;
  std::atomic<Microstate> state{Microstate::other};  // written by its own thread
  std::mutex mutex;                                  // of the rest
  uint64_t since_ns = 0;
  std::array<uint64_t, microstate_count> ns{};

  // The time since then belongs to the state of now. With the mutex held.
  void settle(uint64_t now_ns) {
    if (now_ns > since_ns) ns[static_cast<size_t>(state.load(std::memory_order_relaxed))] += now_ns - since_ns;
    since_ns = now_ns;
  }
};

struct Clocks {
  std::mutex mutex;
  std::deque<Clock> all;
};
Clocks& clocks() {
  static auto* only = new Clocks;
  return *only;
}

std::atomic<bool> measured{false};
thread_local Clock* own = nullptr;

}  // namespace

void account_microstates(MicrostateThread kind, unsigned id) {
  std::lock_guard lock(clocks().mutex);
  own = &clocks().all.emplace_back(kind, id);
  own->since_ns = monotonic_now_ns();
}

Microstate enter_microstate(Microstate state) {
  if (own == nullptr) return state;
  Microstate before = own->state.load(std::memory_order_relaxed);
  if (!measured.load(std::memory_order_relaxed)) [[likely]] {
    own->state.store(state, std::memory_order_relaxed);
  } else if (before != state) {
    std::lock_guard lock(own->mutex);
    own->settle(monotonic_now_ns());
    own->state.store(state, std::memory_order_relaxed);
  }
  return before;
}

std::vector<MicrostateTimes> microstate_times() {
  std::lock_guard all(clocks().mutex);
  std::vector<MicrostateTimes> times;
  for (Clock& clock : clocks().all) {
    std::lock_guard lock(clock.mutex);
    if (measured.load(std::memory_order_relaxed)) clock.settle(monotonic_now_ns());
    times.push_back({clock.kind, clock.id, clock.ns});
  }
  return times;
}

bool measure_microstates(bool on) {
  std::lock_guard all(clocks().mutex);
  bool before = measured.load(std::memory_order_relaxed);
  if (before == on) return before;
  uint64_t now_ns = monotonic_now_ns();
  for (Clock& clock : clocks().all) {
    std::lock_guard lock(clock.mutex);
    if (on) clock.since_ns = now_ns;
    else clock.settle(now_ns);
  }
  measured.store(on, std::memory_order_relaxed);
  return before;
}

bool microstates_are_measured() { return measured.load(std::memory_order_relaxed); }

void reset_microstates() {
  std::lock_guard all(clocks().mutex);
  for (Clock& clock : clocks().all) {
    std::lock_guard lock(clock.mutex);
    clock.ns.fill(0);
    clock.since_ns = monotonic_now_ns();
  }
}

}  // namespace hanse
