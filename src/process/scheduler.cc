// Where a woken process goes: to the queue of the worker that woke it, so that two processes which talk to each other
// share a core and its cache. What workers without work do stands in idle_worker.cc; whoever makes a queue longer than one
// wakes a sleeper.
#include "process/scheduler.h"

#include "base/asymmetric_fence.h"
#include "base/epoch.h"
#include "process/guest.h"
#include "process/guest_queue.h"
#include "process/last_signals.h"
#include "process/machine.h"
#include "process/microstates.h"
#include "process/online.h"
#include "process/ports_interface.h"
#include "process/process_states.h"
#include "process/process_table.h"
#include "process/processors.h"
#include "process/send.h"
#include "process/run_queues.h"
#include "process/scheduling_block.h"
#include "process/spawn.h"
#include "process/system_monitor.h"
#include "process/timer_service.h"
#include "process/tracing.h"
#include "process/worker.h"
#include "term/literal_purge.h"

namespace hanse {

SchedulerState& scheduler_state() {
  static auto* state = new SchedulerState;
  return *state;
}

static thread_local SchedulerThread* current_thread = nullptr;
static thread_local bool made_process_run = false;
SchedulerThread* this_scheduler_thread() { return current_thread; }
void enter_scheduler_thread(SchedulerThread& thread) { current_thread = &thread; }
const SchedulerOptions& scheduler_options() { return scheduler_state().options; }
Engine& engine() { return *scheduler_state().engine; }

// --- queues ---

void wake_a_sleeper() {
  SchedulerState& state = scheduler_state();
  if (state.sleepers.load(std::memory_order_seq_cst) == 0) return;
  for (auto& worker : state.workers)
    if (worker->is_online() && worker->is_asleep()) return worker->wake();
}

void enqueue_at(Worker& target, Process& process) {
  target.queue.push(&process);
  if (target.is_asleep()) target.wake();
  else if (!target.is_looking() || target.waiting() > 1) wake_a_sleeper();
}

void enqueue(Process& process) {
  SchedulerState& state = scheduler_state();
  SchedulerThread* thread = current_thread;
  auto* worker = thread && !thread->is_dirty ? static_cast<Worker*>(thread) : nullptr;
  // A single one runs next, right here; but behind a slice, somebody must keep watch in case that takes long.
  bool needs_watch = worker && worker->running && !state.watched.load(std::memory_order_relaxed);
  if (Guest* payer = payer_of(process)) [[unlikely]] {
    if (!worker) made_process_run = true;
    if (push_guest_process(*payer, process, worker) || needs_watch || worker->waiting() > 0) wake_a_sleeper();
    return;
  }
  if (worker) {
    size_t length = worker->put(process) + waiting_guests();
    if (length >= 2 || needs_watch) wake_a_sleeper();
    return;
  }
  made_process_run = true;
  Worker* target = process.home ? static_cast<Worker*>(process.home) : state.workers[0].get();
  enqueue_at(target->is_online() ? *target : *state.workers[0], process);
}

static bool profiles_processes() { return (profiled_events.load(std::memory_order_relaxed) & profiled::runnable_procs) != 0; }

// Whoever has claimed a process that waited.
static void make_runnable(Process& process) {
  if (profiles_processes()) [[unlikely]] profile_process(process, true);
  enqueue(process);
}

void wake_process(Process& process) {
  if (process_state::set_and_claim(process, process_state::active)) make_runnable(process);
}
void signals_arrived(Process& process) {
  if (process_state::set_and_claim(process, process_state::signals)) make_runnable(process);
}
void receive_timeout_fired(Process& process) {
  if (process_state::set_and_claim(process, process_state::timeout)) make_runnable(process);
}

// The slice is over. A profiler is told before that the process waits: afterwards others may run it.
static void stop_running(Process& process, bool active) {
  bool profiled = !active && profiles_processes();
  if (profiled) [[unlikely]] profile_process(process, false);
  if (!process_state::end_running(process, active)) return;
  if (profiled) profile_process(process, true);
  enqueue(process);
}

void schedule_end(Process& process) {
  process.state.fetch_or(process_state::queued, std::memory_order_acq_rel);
  enqueue(process);
}

// --- slices ---

static void run_tasks(Process& process) {
  while (process.tasks) {
    auto tasks = std::move(process.tasks);
    for (auto& task : *tasks) task(process);
  }
}

// Signals, timeout and tasks. False: the process has exited.
static bool prepare_slice(Process& process, uint32_t bits) {
  process.activated = false;
  process.interrupt = false;
  // A sender sets the flag after it has pushed: the signal may have been taken in between, and the flag is stale.
  if ((bits & process_state::signals) != 0 || !process.inbox.empty()) process.handle_signals();
  if ((bits & process_state::timeout) && receive_timeout_is_over(process)) {
    process.timed_out = true;
    process.activated = true;
  }
  if (process.tasks) run_tasks(process);
  if (!process.pending_exit.is_none()) {
    exit_process(process, process.pending_exit);
    return false;
  }
  process.interrupt = false;
  return true;
}

void after_slice(Process& process, SliceEnd end) {
  if (end == SliceEnd::exited) return;
  SchedulerState& state = scheduler_state();
  if (end == SliceEnd::dirty_cpu || end == SliceEnd::dirty_io) {
    process.state.fetch_or(process_state::dirty, std::memory_order_relaxed);
    (end == SliceEnd::dirty_cpu ? *state.dirty_cpu : *state.dirty_io).push(&process);
    return;
  }
  if (process.tasks) run_tasks(process);
  stop_running(process, end == SliceEnd::yielded || !process.pending_exit.is_none());
}

void stop_if_held() {
  while (scheduler_state().held.load(std::memory_order_relaxed)) [[unlikely]]
    std::this_thread::sleep_for(std::chrono::seconds(1));
}

void Worker::run(Process& process) {
  stop_if_held();
  MicrostateScope microstate(Microstate::emulator);
  epoch::Guard guard;
  uint32_t bits = process_state::begin_running(process);
  GuestSlice slice(payer_of(process), process);
  if ((bits & process_state::exited) != 0) [[unlikely]] return continue_exit(process);
  process.home = this;
  process.x = x;
  running = &process;
  slices.store(slices.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  light_fence();  // see thread_progress.h
  look_at_literal_purge();
  process.slice_active = (bits & process_state::active) != 0;
  if (prepare_slice(process, bits)) {
    bool active = process.slice_active || process.activated;
    uint32_t now = process.state.load(std::memory_order_relaxed);
    // Who was only lifted by others' urgency takes its turn with its own kind.
    bool was_lifted = process_state::is_lifted(now, process);
    if ((now & process_state::urgency_mask) != 0) process.state.fetch_and(~process_state::urgency_mask, std::memory_order_relaxed);
    if (!active || was_lifted || (now & (process_state::suspended | process_state::away)) != 0) {
      slice.check(process, 0);
      stop_running(process, active || !process.pending_exit.is_none());
    } else {
      process.slice_active = true;
      process.reductions_left = slice_reductions;
      if (is_traced(process, trace_flag::on_schedule)) [[unlikely]] trace_scheduled_in(process);
      std::unique_ptr<WatchedSlice> watched_slice = watch_slice(process);
      SliceEnd end = scheduler_state().engine->run(process, *this);
      if (watched_slice) [[unlikely]] watched_slice->ended(end == SliceEnd::exited ? nullptr : &process);
      int64_t used = slice_reductions - process.reductions_left;
      reductions.store(reductions.load(std::memory_order_relaxed) + static_cast<uint64_t>(used),
                       std::memory_order_relaxed);
      if (end != SliceEnd::exited) {
        if (is_traced(process, trace_flag::on_schedule)) [[unlikely]] trace_scheduled_out(process);
        process.reductions_total += static_cast<uint64_t>(used);
        process.reductions_left = slice_reductions;
        slice.check(process, used);
      }
      awaits_dirty_ = end == SliceEnd::dirty_cpu || end == SliceEnd::dirty_io;
      after_slice(process, end);
    }
  }
  running = nullptr;
  if (!put_off.empty()) [[unlikely]]
    finish_put_off();
}

void Worker::finish_put_off() {
  for (PutOff* work : std::exchange(put_off, {})) work->slice_ended();
}

// --- workers ---

void Worker::start() {
  seen_slices_.resize(scheduler_state().workers.size());
  thread_ = std::thread([this] { loop(); });
}

void Worker::loop() {
  enter_scheduler_thread(*this);
  enter_scheduler(index_);
  account_microstates(MicrostateThread::scheduler, id);
  for (unsigned turn = 0;; turn++) {
    Process* process = next();
    run(*process);
    look_at_clock();
    balance();
    if (turn % 1024 == 0 || epoch::collection_pays) {
      MicrostateScope microstate(Microstate::aux);
      epoch::collect();
    }
  }
}

// After a while: reading the clock takes as long as a short slice.
void Worker::look_at_clock() {
  static constexpr uint64_t often_slices = 8, often_reductions = 500;
  uint64_t slices_now = slices.load(std::memory_order_relaxed), reductions_now = reductions.load(std::memory_order_relaxed);
  if (slices_now - clock_slices_ < often_slices && reductions_now - clock_reductions_ < often_reductions) return;
  clock_slices_ = slices_now;
  clock_reductions_ = reductions_now;
  MicrostateScope microstate(Microstate::aux);
  epoch::Guard guard;
  advance_timers(index_);
  release_guests();
}

size_t Worker::put(Process& process) {
  Process* alone = next_.load(std::memory_order_relaxed);
  if (!alone && process.priority == Priority::normal && queue.length() == 0) {
    next_.store(&process, std::memory_order_release);
    return 1;
  }
  if (alone && (alone = next_.exchange(nullptr, std::memory_order_acq_rel))) queue.push(alone);
  return queue.push(&process);
}

bool has_made_process_run() { return std::exchange(made_process_run, false); }
void set_idle_poller(IdlePoller* poller) { scheduler_state().poller.store(poller, std::memory_order_release); }
IdlePoller* idle_poller() { return scheduler_state().poller.load(std::memory_order_acquire); }

// --- start, numbers ---

static OnlineThreads& online_at_start() {
  static OnlineThreads threads;
  return threads;
}
void set_online_at_start(OnlineThreads threads) { online_at_start() = threads; }

void prepare_schedulers(const SchedulerOptions& options, Engine& engine) {
  SchedulerState& state = scheduler_state();
  CHECK(state.workers.empty() && options.schedulers > 0);
  state.options = options;
  state.engine = &engine;
  unsigned online = online_at_start().schedulers;
  state.online = online != 0 ? online : options.schedulers;
  release_scheduling_blocks_at_exit();
  start_timer_service(options.schedulers);
  set_timer_wake([](unsigned shard) { scheduler_state().workers[shard]->wake(); });
  for (unsigned i = 0; i < options.schedulers; i++) state.workers.push_back(std::make_unique<Worker>(i));
}

void run_schedulers() {
  SchedulerState& state = scheduler_state();
  unsigned id = state.options.schedulers + 1;
  state.dirty_cpu = std::make_unique<DirtyPool>(MicrostateThread::dirty_cpu, state.options.dirty_cpu, id);
  if (unsigned online = online_at_start().dirty_cpu; online != 0) state.dirty_cpu->set_online(online);
  state.dirty_io = std::make_unique<DirtyPool>(MicrostateThread::dirty_io, state.options.dirty_io, id + state.options.dirty_cpu);
  for (auto& worker : state.workers) worker->start();
}

void start_schedulers(const SchedulerOptions& options, Engine& engine) {
  prepare_schedulers(options, engine);
  run_schedulers();
}

void hold_schedulers() { scheduler_state().held.store(true, std::memory_order_seq_cst); }

unsigned online_schedulers() { return scheduler_state().online.load(std::memory_order_relaxed); }
void set_online_schedulers(unsigned count) {
  unsigned before = scheduler_state().online.exchange(count, std::memory_order_seq_cst);
  unsigned dirty = std::max(online_dirty_cpu() * count / before, 1u);
  set_online_dirty_cpu(std::min(dirty, std::min(count, scheduler_options().dirty_cpu)));
  for (auto& worker : scheduler_state().workers) worker->wake();
}

}  // namespace hanse
