#include "process/thread_progress.h"

#include "process/worker.h"

namespace hanse {

std::vector<uint64_t> slices_begun() {
  std::vector<uint64_t> counts;
  for (auto& worker : scheduler_state().workers) counts.push_back(worker->slices.load(std::memory_order_seq_cst));
  return counts;
}

bool all_have_moved_on(const std::vector<uint64_t>& before) {
  const auto& workers = scheduler_state().workers;
  for (size_t i = 0; i < workers.size(); i++) {
    bool moved = workers[i]->slices.load(std::memory_order_seq_cst) != before[i];
    if (!moved && workers[i].get() != this_scheduler_thread() && !workers[i]->is_asleep()) return false;
  }
  return true;
}

}  // namespace hanse
