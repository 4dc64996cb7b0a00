// Who of the guests runs next: processes of a guest wait in a queue of its machine, and machines take turns. The one whose
// time so far, divided by its share, is least comes first (start-time fair queueing; Goyal et al. 1996). A machine without
// reductions in its budget waits until there are some again. The host's processes go first (scheduler.cc).
//
// Processes of the host that serve a machine (its keeper, its broker) run in its turns, before its own processes, whatever is left of its
// budget: what they use is taken from that and from its share.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include "process/machine.h"
#include "process/process.h"
#include "process/timer_service.h"

namespace hanse {

class Guest;
class Worker;

// A process of the host works for a machine from now on, until it ends or works for another (nullptr: none). On its own thread.
void serve_guest(Process& process, Guest* guest);
Guest* served_guest(const Process& process);
// On whose share a process runs: its own machine's guest, or the one that it serves; nullptr: the host's. By whoever runs it, or has
// claimed it to be queued.
inline Guest* payer_of(const Process& process) {
  if (Guest* guest = process.machine.guest()) return guest;
  return process.owns_machines ? served_guest(process) : nullptr;
}

// A process that a guest pays for may run; `worker`, or nullptr, is the one on whose thread that turned out. True: somebody else should look for work.
bool push_guest_process(Guest& payer, Process& process, const Worker* worker);
// The urgency of a process has grown (RunQueue::requeue). False: no guest pays for it, or it does not wait.
bool requeue_guest_process(Process& process);
// nullptr: none may run now.
Process* pop_guest_process();
// Written by the queue; asked by each worker around each slice, also where there are no guests.
struct GuestQueueSigns {
  std::atomic<unsigned> waiting{0};
  std::atomic<const Worker*> home_of_single{nullptr};
  std::atomic<uint64_t> next_release_ns{no_deadline};
};
inline constinit GuestQueueSigns guest_queue_signs;
// How many machines wait for a worker; and when the next one that is out of reductions may go on (no_deadline: none).
inline unsigned waiting_guests() { return guest_queue_signs.waiting.load(std::memory_order_seq_cst); }
// A single process that waits is left to the worker that has made it run, or nullptr, so that two that talk to each other share a core.
inline const Worker* home_of_single_guest() { return guest_queue_signs.home_of_single.load(std::memory_order_relaxed); }
inline uint64_t next_guest_release_ns() { return guest_queue_signs.next_release_ns.load(std::memory_order_relaxed); }
// Lets those go on whose time has come.
void release_guests_now();
// Without such machines it does not even look at the clock.
inline void release_guests() {
  if (next_guest_release_ns() != no_deadline) [[unlikely]] release_guests_now();
}

// One slice of the guest has taken so much. was_expected: it was pop_guest_process() that gave it; those of dirty threads were not.
void charge_turn(Guest& guest, uint64_t ns, int64_t reductions, bool was_expected);
// The machine ends: its budget does not matter any more.
void let_guest_run(Guest& guest);
// 0: no limit.
void set_reduction_budget(Guest& guest, int64_t per_second, int64_t burst);
std::pair<int64_t, int64_t> reduction_budget(const Guest& guest);
// Before the guest goes.
void forget_guest(Guest& guest);

}  // namespace hanse
