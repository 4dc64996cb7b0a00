// Idle workers steal. Busy ones whose processes compute for long never are idle: they take from longer queues now and then, so that
// processes which started in one place get equal parts of all processors.
#include "process/worker.h"

namespace hanse {

void Worker::balance() {
  static constexpr uint64_t period_reductions = 64 * slice_reductions;  // tens of milliseconds; short slices never get there
  uint64_t now = reductions.load(std::memory_order_relaxed);
  if (now - balance_reductions_ < period_reductions) return;
  balance_reductions_ = now;
  if (!is_online()) return;
  for (auto& other : scheduler_state().workers) {
    if (other.get() == this || other->waiting() <= waiting() + 1) continue;
    Process* process = other->queue.pop();
    if (process == nullptr) continue;
    put(*process);
    return;
  }
}

}  // namespace hanse
