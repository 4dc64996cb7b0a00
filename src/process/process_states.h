// The states of a process (Process::state, bits in process.h), and who may change them.
//
//            wake: signal, timeout, answer               taken from a queue
//   waiting ------------------------------> queued ---------------------------> running
//      ^                                      ^                                    |  |
//      |            nothing to do             |      slice over, or new signals    |  |
//      +--------------------------------------+------------------------------------+  +--> exited
//
// Anybody sets `signals`, `timeout` or `active`, and with the same compare-and-swap `queued` if the process is neither
// queued nor running: whoever sets `queued` puts it into a run queue, so that it is in at most one. Only the thread that
// took it from there sets and clears `running`; when it clears it, it looks at the other bits in the same
// compare-and-swap, so that a signal or a wake-up which arrives while the process goes to wait is never lost. A thread
// that runs a dirty call may let go of the process meanwhile (`away`): then it is queued and runs for its signals alone.
#pragma once

#include "process/process.h"

namespace hanse::process_state {

inline constexpr uint32_t away = 512;      // in a window of a dirty call: others handle its signals; see dirty_window.h
inline constexpr uint32_t gone = 1024;     // nothing of it is touched any more: exit.cc is through with it
inline constexpr uint32_t terms_stay = 8192;  // with `away`: the dirty call uses terms, nothing may be collected; see dirty_window.h
// While signals of somebody more urgent wait for it, that one's priority; else low. Two bits, inverted: none is 0.
inline constexpr unsigned urgency_shift = 11;
inline constexpr uint32_t urgency_mask = 3u << urgency_shift;
inline Priority urgency(uint32_t bits) { return static_cast<Priority>(3 - ((bits & urgency_mask) >> urgency_shift)); }
static_assert(static_cast<unsigned>(Priority::low) == 3);

inline bool is_lifted(uint32_t bits, const Process& process) { return urgency(bits) < process.priority; }

inline bool is_runnable(uint32_t bits) {
  if ((bits & away) != 0) return (bits & signals) != 0;
  return (bits & (signals | timeout)) != 0 || ((bits & active) != 0 && (bits & suspended) == 0);
}

// True: the caller must put the process into a run queue.
inline bool set_and_claim(Process& process, uint32_t bits) {
  uint32_t old = process.state.load(std::memory_order_relaxed), next;
  do {
    next = old | bits;
    if ((old & (running | queued | exited)) == 0 && is_runnable(next)) next |= queued;
  } while (!process.state.compare_exchange_weak(old, next, std::memory_order_acq_rel, std::memory_order_relaxed));
  return (next & queued) != 0 && (old & queued) == 0;
}

// From queued to running; the bits before. Whoever wakes it from now on is heard when the slice ends.
inline uint32_t begin_running(Process& process) {
  uint32_t old = process.state.load(std::memory_order_relaxed), next;
  do {
    next = (old & ~(queued | timeout | active)) | running;
  } while (!process.state.compare_exchange_weak(old, next, std::memory_order_acq_rel, std::memory_order_relaxed));
  return old;
}

// From running to waiting or queued. True: the caller must put the process into a run queue.
inline bool end_running(Process& process, bool is_active) {
  uint32_t old = process.state.load(std::memory_order_relaxed), next;
  do {
    next = (old & away) != 0 ? old & ~running : old & ~(running | dirty);
    if (is_active) next |= active;
    if (is_runnable(next)) next |= queued;
  } while (!process.state.compare_exchange_weak(old, next, std::memory_order_acq_rel, std::memory_order_relaxed));
  return (next & queued) != 0;
}

// The thread that runs a dirty call lets go of the process. True: the caller must put it into a run queue.
inline bool open_window(Process& process) {
  uint32_t old = process.state.load(std::memory_order_relaxed), next;
  do {
    next = (old & ~running) | away;
    if (!process.inbox.empty()) next |= signals;
    if (is_runnable(next)) next |= queued;
  } while (!process.state.compare_exchange_weak(old, next, std::memory_order_acq_rel, std::memory_order_relaxed));
  return (next & queued) != 0;
}
// It takes the process back, unless that has exited; false: a worker has it, or will have it soon.
inline bool close_window(Process& process) {
  uint32_t old = process.state.load(std::memory_order_acquire);
  for (;;) {
    if ((old & gone) != 0) return true;
    if ((old & (running | queued | exiting | exited)) != 0) return false;
    if (process.state.compare_exchange_weak(old, (old & ~away) | running, std::memory_order_acq_rel, std::memory_order_acquire)) return true;
  }
}

}  // namespace hanse::process_state
