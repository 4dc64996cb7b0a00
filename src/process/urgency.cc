#include "process/urgency.h"

#include "base/epoch.h"
#include "process/process_table.h"
#include "process/worker.h"

namespace hanse {

void raise_urgency(Process& process, Priority wanted) {
  if (wanted >= process.effective_priority()) return;
  process.urgency.store(wanted, std::memory_order_relaxed);
  // Whoever puts it into a queue from now on sees the urgency; if it is in one already, it moves to the right list.
  if ((process.state.load(std::memory_order_seq_cst) & process_state::queued) == 0) return;
  for (auto& worker : scheduler_state().workers)
    if (worker->queue.requeue(process)) return;
}

void answer_is_urgent(Term pid, Priority wanted) {
  if (!pid.is_local_pid() || wanted >= Priority::low) return;
  epoch::Guard guard;
  if (Process* process = find_process(pid)) raise_urgency(*process, wanted);
}

}  // namespace hanse
