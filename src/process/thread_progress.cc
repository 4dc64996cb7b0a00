#include "process/thread_progress.h"

#include "base/asymmetric_fence.h"
#include "process/worker.h"

namespace hanse {

std::vector<uint64_t> slices_begun() {
  heavy_fence();  // pairs with Worker::run(): a slice that is not counted here sees what the caller did before
  std::vector<uint64_t> counts;
  for (auto& worker : scheduler_state().workers) counts.push_back(worker->slices.load(std::memory_order_relaxed));
  return counts;
}

bool all_have_moved_on(const std::vector<uint64_t>& before) {
  const auto& workers = scheduler_state().workers;
  for (size_t i = 0; i < workers.size(); i++) {
    bool moved = workers[i]->slices.load(std::memory_order_acquire) != before[i];
    if (!moved && workers[i].get() != this_scheduler_thread() && !workers[i]->is_asleep()) return false;
  }
  return true;
}

}  // namespace hanse
