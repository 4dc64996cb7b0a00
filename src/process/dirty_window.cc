#include "process/dirty_window.h"

#include <chrono>
#include <thread>

#include "process/process_states.h"
#include "process/tasks.h"
#include "process/worker.h"

namespace hanse {

static bool on_dirty_thread() {
  SchedulerThread* thread = this_scheduler_thread();
  return thread != nullptr && thread->is_dirty;
}

DirtyWindow::DirtyWindow(Call& call, Terms terms) : call_(call), open_(on_dirty_thread()), terms_(terms) {
  if (!open_) return;
  if (terms == Terms::stay) call.process.state.fetch_or(process_state::terms_stay, std::memory_order_relaxed);
  call.process.save_registers(call.args, call.row->arity);
  if (process_state::open_window(call.process)) enqueue(call.process);
}

// A worker that has begun to handle signals, or will soon, is waited for.
DirtyWindow::~DirtyWindow() {
  if (!open_) return;
  Process& process = call_.process;
  while (!process_state::close_window(process)) std::this_thread::sleep_for(std::chrono::microseconds(20));
  if (has_exited(process)) return;
  process.x = call_.args;
  if (terms_ == Terms::may_move) {
    process.load_registers(call_.args);
  } else {
    process.state.fetch_and(~process_state::terms_stay, std::memory_order_relaxed);
    take_up_tasks(process);
  }
  process.live = 0;
}

bool has_exited(const Process& process) { return (process.state.load(std::memory_order_acquire) & process_state::exited) != 0; }

}  // namespace hanse
