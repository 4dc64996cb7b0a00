#include "process/run_queues.h"

#include "process/timer_service.h"
#include "process/worker.h"

namespace hanse {

size_t active_tasks(unsigned scheduler) {
  const Worker& worker = *scheduler_state().workers[scheduler];
  return worker.waiting() + (worker.is_asleep() ? 0 : 1);
}

unsigned online_dirty_cpu() { return scheduler_state().dirty_cpu->online(); }
void set_online_dirty_cpu(unsigned count) { scheduler_state().dirty_cpu->set_online(count); }

size_t run_queue_length() {
  size_t sum = 0;
  for (auto& worker : scheduler_state().workers) sum += worker->waiting();
  return sum;
}
size_t run_queue_length(unsigned scheduler) { return scheduler_state().workers[scheduler]->waiting(); }
uint64_t total_reductions() {
  uint64_t sum = 0;
  for (auto& worker : scheduler_state().workers) sum += worker->reductions.load(std::memory_order_relaxed);
  return sum;
}
uint64_t context_switches() {
  uint64_t sum = 0;
  for (auto& worker : scheduler_state().workers) sum += worker->slices.load(std::memory_order_relaxed);
  return sum;
}
uint64_t scheduler_busy_ns(unsigned scheduler) {
  uint64_t now = monotonic_now_ns(), idle = scheduler_state().workers[scheduler]->idle.total_ns(now);
  return now > idle ? now - idle : 0;
}
}  // namespace hanse
