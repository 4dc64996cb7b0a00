#include "process/urgency.h"

#include "base/epoch.h"
#include "process/guest_queue.h"
#include "process/process.h"
#include "process/process_states.h"
#include "process/process_table.h"
#include "process/worker.h"

namespace hanse {

void raise_urgency(Process& process, Priority wanted) {
  // Only the process itself writes its priority, which therefore is read as an atomic here.
  if (wanted >= std::atomic_ref(process.priority).load(std::memory_order_relaxed)) return;
  uint32_t old = process.state.load(std::memory_order_relaxed), next;
  do {
    if (wanted >= process_state::urgency(old)) return;
    next = (old & ~process_state::urgency_mask) | (3 - static_cast<uint32_t>(wanted)) << process_state::urgency_shift;
  } while (!process.state.compare_exchange_weak(old, next, std::memory_order_seq_cst, std::memory_order_relaxed));
  // Whoever puts it into a queue from now on sees the urgency; if it is in one already, it moves to the right list.
  if ((next & process_state::queued) == 0) return;
  for (auto& worker : scheduler_state().workers)
    if (process.machine.guest() == nullptr && worker->queue.requeue(process)) return;
  requeue_guest_process(process);
}

void answer_is_urgent(Term pid, Priority wanted) {
  if (!pid.is_local_pid() || wanted >= Priority::low) return;
  epoch::Guard guard;
  if (Process* process = find_process(pid)) raise_urgency(*process, wanted);
}

}  // namespace hanse
