// Work that a process does between two slices because others ask for it.
#include "process/tasks.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "process/heap_report.h"
#include "process/observed_collection.h"
#include "process/process_states.h"
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

namespace {

using PutOff = std::unordered_map<const Process*, std::vector<std::shared_ptr<PendingTask>>>;
std::mutex put_off_mutex;
PutOff& put_off_tasks() {
  static auto* only = new PutOff;
  return *only;
}

std::vector<std::shared_ptr<PendingTask>> take_put_off(const Process& process) {
  std::lock_guard lock(put_off_mutex);
  auto found = put_off_tasks().find(&process);
  if (found == put_off_tasks().end()) return {};
  auto tasks = std::move(found->second);
  put_off_tasks().erase(found);
  return tasks;
}

void add_task(Process& process, std::shared_ptr<PendingTask> pending, bool moves_terms) {
  if (!process.tasks) process.tasks = std::make_unique<std::vector<std::function<void(Process&)>>>();
  process.tasks->push_back([pending = std::move(pending), moves_terms](Process& self) {
    if (moves_terms && (self.state.load(std::memory_order_relaxed) & process_state::terms_stay) != 0) {
      std::lock_guard lock(put_off_mutex);
      put_off_tasks()[&self].push_back(pending);
      return;
    }
    pending->is_done = true;
    pending->task(self);
  });
  process.interrupt = true;
}

void request(Term pid, std::function<void(Process&)> task, std::function<void()> gone, bool moves_terms) {
  auto* signal = new ActionSignal;
  signal->action = [task = std::move(task), gone, moves_terms](Process& process) {
    add_task(process, std::make_shared<PendingTask>(task, gone), moves_terms);
  };
  signal->gone = std::move(gone);
  deliver_signal(pid, signal);
}

}  // namespace

void request_task(Term pid, std::function<void(Process&)> task, std::function<void()> gone) {
  request(pid, std::move(task), std::move(gone), true);
}
void request_look(Term pid, std::function<void(Process&)> task, std::function<void()> gone) {
  request(pid, std::move(task), std::move(gone), false);
}

void take_up_tasks(Process& process) {
  for (auto& pending : take_put_off(process)) add_task(process, std::move(pending), true);
}
void drop_put_off_tasks(const Process& process) {
  if ((process.state.load(std::memory_order_relaxed) & process_state::terms_stay) != 0) take_put_off(process);
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
