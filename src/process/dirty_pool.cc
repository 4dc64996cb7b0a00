// The pools of threads for built-in functions that block or take long.
#include "base/epoch.h"
#include "process/dirty_window.h"
#include "process/guest.h"
#include "process/guest_queue.h"
#include "process/machine.h"
#include "process/timer_service.h"
#include "process/tracing.h"
#include "process/worker.h"
#include "term/literal_purge.h"

namespace hanse {

// About 50 microseconds.
static constexpr int dirty_spins = 400;

DirtyPool::DirtyPool(MicrostateThread kind, unsigned threads, unsigned first_id) : kind_(kind), first_id_(first_id), busy_(threads), online_(threads) {
  for (unsigned i = 0; i < threads; i++) threads_.emplace_back([this, i] { loop(i); });
}

void DirtyPool::push(Process* process) {
  queue_.push(process);
  if (spinning_.load(std::memory_order_seq_cst)) return;  // that thread looks once more after it has said that it stops
  wake_one();
}

void DirtyPool::wake_one() {
  Lock lock(queue_.mutex);
  if (online() < busy_.size()) condition_.notify_all();  // one alone might be one that must not work
  else condition_.notify_one();
}

void DirtyPool::set_online(unsigned count) {
  Lock lock(queue_.mutex);
  online_.store(count, std::memory_order_seq_cst);
  condition_.notify_all();
}

void DirtyPool::loop(unsigned index) {
  Stopwatch& busy = busy_[index];
  auto thread = std::make_unique<DirtyWorker>();
  thread->id = first_id_ + index;
  thread->is_dirty = true;
  enter_scheduler_thread(*thread);
  account_microstates(kind_, index + 1);
  bool works = true;
  for (;;) {
    epoch::collect_if_it_pays();
    epoch::pass_on();
    // A process that does one small operation after the other comes back soon: waking up would take longer than that.
    if (index < online() && !spinning_.exchange(true, std::memory_order_seq_cst)) {
      for (int i = 0; i < dirty_spins && queue_.length() == 0; i++) spin_pause();
      spinning_.store(false, std::memory_order_seq_cst);
    }
    queue_.mutex.lock();
    Process* process = nullptr;
    while (index >= online() || !(process = queue_.pop_locked())) {
      bool has_stopped = works && index >= online();
      works = index < online();
      if (has_stopped && queue_.length() > 0) condition_.notify_all();  // who pushed may have relied on this one
      std::unique_lock lock(queue_.mutex.native(), std::adopt_lock);
      MicrostateScope microstate(Microstate::sleep);
      condition_.wait(lock);
      lock.release();
    }
    queue_.mutex.unlock();
    if (queue_.length() > 0) wake_one();  // who pushed may have relied on this thread alone
    stop_if_held();
    MicrostateScope microstate(Microstate::emulator);
    bool measured = scheduler_state().measures_dirty.load(std::memory_order_relaxed);
    if (measured) busy.start(monotonic_now_ns());
    epoch::Guard guard;
    thread->running = process;
    GuestSlice slice(payer_of(*process), *process);
    look_at_literal_purge();
    process->x = thread->x;
    SliceEnd end = SliceEnd::yielded;  // to a worker, if signals ask for that
    if (!process->inbox.empty()) process->handle_signals();
    process->reductions_left = slice_reductions;
    if (!process->interrupt) {
      if (is_traced(*process, trace_flag::on_schedule)) [[unlikely]] trace_scheduled_in(*process);
      end = scheduler_state().engine->run_dirty(*process, *thread);
      if (has_exited(*process)) end = SliceEnd::exited;  // in a window
      if (end != SliceEnd::exited && is_traced(*process, trace_flag::on_schedule)) [[unlikely]] trace_scheduled_out(*process);
    }
    if (end != SliceEnd::exited) {
      process->reductions_total += static_cast<uint64_t>(slice_reductions - process->reductions_left);
      slice.check(*process, slice_reductions - process->reductions_left);
    }
    after_slice(*process, end);
    thread->running = nullptr;
    if (measured) busy.stop(monotonic_now_ns());
  }
}

}  // namespace hanse
