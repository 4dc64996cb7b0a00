#include "process/wall_time.h"

#include <mutex>

#include "process/timer_service.h"
#include "process/worker.h"

namespace hanse {
namespace {

struct Measuring {
  std::mutex mutex;
  uint64_t began_ns = 0;
  std::vector<uint64_t> busy_before_ns;  // by id - 1
};
Measuring& measuring() {
  static auto* only = new Measuring;
  return *only;
}

// By id: workers, then the threads of the pool for processors, then those for input and output.
std::vector<uint64_t> busy_ns(uint64_t now_ns) {
  SchedulerState& state = scheduler_state();
  std::vector<uint64_t> busy;
  for (auto& worker : state.workers) {
    uint64_t idle_ns = worker->idle.total_ns(now_ns);
    busy.push_back(now_ns > idle_ns ? now_ns - idle_ns : 0);
  }
  for (DirtyPool* pool : {state.dirty_cpu.get(), state.dirty_io.get()})
    for (const Stopwatch& watch : pool->busy()) busy.push_back(watch.total_ns(now_ns));
  return busy;
}

}  // namespace

bool wall_time_is_measured() { return scheduler_state().measures_dirty.load(std::memory_order_relaxed); }

bool measure_wall_time(bool on) {
  std::lock_guard lock(measuring().mutex);
  bool before = scheduler_state().measures_dirty.exchange(on);
  if (on && !before) {
    measuring().began_ns = monotonic_now_ns();
    measuring().busy_before_ns = busy_ns(measuring().began_ns);
  }
  return before;
}

std::vector<SchedulerTime> scheduler_times(MeasuredThreads which) {
  std::lock_guard lock(measuring().mutex);
  std::vector<SchedulerTime> times;
  if (!wall_time_is_measured()) return times;
  uint64_t now_ns = monotonic_now_ns(), total_ns = now_ns - measuring().began_ns;
  std::vector<uint64_t> busy = busy_ns(now_ns);
  const SchedulerOptions& options = scheduler_options();
  size_t count = which == MeasuredThreads::all ? busy.size() : options.schedulers + options.dirty_cpu;
  for (size_t i = 0; i < count; i++) {
    uint64_t before = measuring().busy_before_ns[i], active = busy[i] > before ? busy[i] - before : 0;
    times.push_back({static_cast<unsigned>(i + 1), active < total_ns ? active : total_ns, total_ns});
  }
  return times;
}

}  // namespace hanse
