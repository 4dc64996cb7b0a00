// Work that a process does between two slices because others ask for it.
#include <atomic>
#include <memory>
#include <vector>

#include "process/heap_report.h"
#include "process/observed_collection.h"
#include "process/scheduler.h"
#include "process/send.h"
#include "process/signals.h"

namespace hanse {

namespace {

// A process may take the signal in its last slice: then it goes with the task undone.
struct PendingTask {
  std::function<void(Process&)> task;
  std::function<void()> gone;
  bool is_done = false;
  ~PendingTask() {
    if (!is_done && gone) gone();
  }
};

}  // namespace

void request_task(Term pid, std::function<void(Process&)> task, std::function<void()> gone) {
  auto* signal = new ActionSignal;
  signal->action = [task = std::move(task), gone](Process& process) {
    if (!process.tasks) process.tasks = std::make_unique<std::vector<std::function<void(Process&)>>>();
    process.tasks->push_back([pending = std::make_shared<PendingTask>(task, gone)](Process& self) {
      pending->is_done = true;
      pending->task(self);
    });
    process.interrupt = true;
  };
  signal->gone = std::move(gone);
  deliver_signal(pid, signal);
}

static std::atomic<CodeUsage*> code_usage_implementation{nullptr};
void set_code_usage(CodeUsage* usage) { code_usage_implementation.store(usage, std::memory_order_release); }
CodeUsage* code_usage() { return code_usage_implementation.load(std::memory_order_acquire); }

CollectionResult collect_process(Process& process, CollectionKind kind, const LiteralArea* evacuate) {
  struct Token : SchedulerThread {
    static Safepoint make() { return safepoint(); }
  };
  for (;;) {
    CollectionResult result;
    if (queue_exceeds_heap_limit(process)) {
      result.heap_limit_exceeded = true;
    } else {
      result = observed_collection(process, kind, 0, [&](CollectionKind chosen) {
        return collect(Token::make(), process.heap, process, chosen, 0, evacuate);
      });
    }
    bool refused = result.heap_limit_exceeded || result.out_of_memory;
    if (!refused || !heap_limit_reached(process, 0, result.out_of_memory)) return result;
  }
}

}  // namespace hanse
