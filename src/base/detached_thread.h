// Work that nobody waits for.
#pragma once

#include <memory>
#include <utility>

namespace hanse {

// False: the system gives no thread.
[[nodiscard]] bool start_detached(void (*run)(void*), void* argument);

// Runs the task on a thread of its own, or here and now if the system gives none (no memory, a limit of threads).
template <class Task>
void run_detached(Task task) {
  auto run = [](void* argument) {
    std::unique_ptr<Task> own(static_cast<Task*>(argument));
    (*own)();
  };
  auto* own = new Task(std::move(task));
  if (!start_detached(run, own)) run(own);
}

}  // namespace hanse
