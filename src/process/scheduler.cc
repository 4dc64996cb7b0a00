// Where a woken process goes: to the queue of the worker that woke it, so that two processes which talk to each other
// share a core and its cache. Workers without work steal from queues of two or more, and from those whose worker has
// been busy with one slice for a while. A worker that finds nothing spins shortly and then sleeps, one of them in the
// io layer's poller (idle_poller.h); whoever makes a queue longer than one wakes a sleeper.
#include "process/scheduler.h"

#include "base/asymmetric_fence.h"
#include "base/epoch.h"
#include "base/freed_memory.h"
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

static void wake_a_sleeper() {
  SchedulerState& state = scheduler_state();
  if (state.sleepers.load(std::memory_order_seq_cst) == 0) return;
  for (auto& worker : state.workers)
    if (worker->is_online() && worker->is_asleep()) return worker->wake();
}

static void enqueue_at(Worker& target, Process& process) {
  target.queue.push(&process);
  if (target.is_asleep())
    target.wake();
  else
    wake_a_sleeper();
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

// A single guest's process whose home has nothing else to do; as in steal().
bool Worker::leaves_guests(bool take_stuck) const {
  const Worker* home = home_of_single_guest();
  if (home == nullptr || home == this || home->waiting() > 0 || !home->is_online()) return false;
  return !take_stuck || seen_slices_[home->index_] != home->slices.load(std::memory_order_relaxed);
}

// What runs next here, nullptr if nothing waits.
Process* Worker::take(bool take_stuck) {
  // The host goes first, but not for ever; behind a guest that took long (collections, long queues of messages), for longer.
  static constexpr uint64_t host_slices = 8, host_times = 4, longest_ns = 100000000;
  if (uint64_t began_ns = std::exchange(guest_began_ns_, 0); began_ns != 0) [[unlikely]]
    host_until_ns_ = monotonic_now_ns() + std::min(host_times * (monotonic_now_ns() - began_ns), longest_ns);
  if (waiting_guests() > 0 && !leaves_guests(take_stuck)) [[unlikely]] {
    if (waiting() == 0 || (++host_slices_ >= host_slices && monotonic_now_ns() >= host_until_ns_)) {
      host_slices_ = 0;
      guest_began_ns_ = monotonic_now_ns();
      if (Process* process = pop_guest_process()) return process;
      guest_began_ns_ = 0;
    }
  }
  Process* alone = next_.load(std::memory_order_relaxed) ? next_.exchange(nullptr, std::memory_order_acq_rel) : nullptr;
  if (queue.length() == 0) return alone;
  if (alone) queue.push(alone);  // others have queued something meanwhile, which may be more urgent
  return queue.pop();
}

void spin_pause() {
  for (int i = 0; i < 8; i++) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
  }
}

Process* Worker::next() {
  static constexpr int spins = 64, short_spins = 4;
  int rounds = spins;
  for (;;) {
    if (is_online()) {
      if (rounds == spins) note_slices();
      // What comes from outside wakes the one that polls; spinning would only keep it from that.
      IdlePoller* poller = scheduler_state().poller.load(std::memory_order_acquire);
      bool dirty = scheduler_state().dirty.load(std::memory_order_relaxed) > 0;
      if (poller && rounds == spins && !dirty && !poller->is_led()) rounds = short_spins;
      for (int i = 0; i < rounds; i++) {
        bool take_stuck = i == rounds - 1;
        if (Process* process = take(take_stuck)) return process;
        if (Process* process = steal(take_stuck)) return process;
        {
          epoch::Guard guard;
          advance_timers(index_);
        }
        release_guests();
        spin_pause();
      }
    } else {  // those who are online may be too busy to steal what was queued here before
      while (Process* process = take(true)) enqueue_at(*scheduler_state().workers[0], *process);
    }
    epoch::collect();
    rounds = sleep() ? 1 : spins;
  }
}

void Worker::note_slices() {
  auto& workers = scheduler_state().workers;
  for (size_t i = 0; i < workers.size(); i++) seen_slices_[i] = workers[i]->slices.load(std::memory_order_relaxed);
}

// A queue of one is left to its worker. With `take_stuck`, not if that has been in the same slice since note_slices().
Process* Worker::steal(bool take_stuck) {
  auto& workers = scheduler_state().workers;
  for (unsigned i = 1; i < workers.size(); i++) {
    unsigned other = (index_ + i) % static_cast<unsigned>(workers.size());
    Worker& victim = *workers[other];
    size_t length = victim.waiting();
    if (length == 0) continue;
    bool stuck = take_stuck && seen_slices_[other] == victim.slices.load(std::memory_order_relaxed);
    if (length < 2 && victim.is_online() && (!stuck || victim.is_asleep())) continue;
    if (Process* process = victim.queue.pop()) return process;
    if (!stuck && victim.is_online()) continue;
    if (Process* process = victim.next_.exchange(nullptr, std::memory_order_acq_rel)) return process;
  }
  return nullptr;
}

bool Worker::others_have_work() const {
  if (waiting_guests() > 0 && !leaves_guests(false)) return true;
  for (auto& worker : scheduler_state().workers)
    if (worker->waiting() >= (worker.get() == this || !worker->is_online() ? 1u : 2u)) return true;
  return false;
}

// Tells the profiler that this worker begins or ends to sleep.
void Worker::profile_sleep(bool is_over) {
  if ((profiled_events.load(std::memory_order_relaxed) & profiled::scheduler) == 0) [[likely]] return;
  epoch::Guard guard;
  SchedulerState& state = scheduler_state();
  unsigned awake = static_cast<unsigned>(state.workers.size()) - state.sleepers.load(std::memory_order_relaxed);
  profile_scheduler(id, is_over, is_over ? awake : awake - 1);
}

// One of the sleepers keeps watch while others run: it looks every millisecond whether a slice that takes very long (a
// large built-in function) holds up a process behind it. True: it woke for that, and nothing else has happened.
bool Worker::sleep() {
  static constexpr uint64_t watch_ns = 1000000, idle_ns_before_return = 1000000000;
  SchedulerState& state = scheduler_state();
  IdlePoller* poller = state.poller.load(std::memory_order_acquire);
  profile_sleep(false);
  uint64_t before = monotonic_now_ns();
  idle.start(before);
  enter_microstate(Microstate::sleep);
  bool timed_out = false, watching = false, leading = false, returns_memory = false;
  queue.mutex.lock();
  asleep_.store(true, std::memory_order_seq_cst);
  unsigned sleeping = state.sleepers.fetch_add(1, std::memory_order_seq_cst) + 1;
  bool online = is_online();
  if (online ? !others_have_work() : waiting() == 0) {
    uint64_t wait_ns = no_deadline;
    if (uint64_t next_ms = next_timer_ms(index_); next_ms != no_deadline) {
      uint64_t until = next_ms > no_deadline / 2000000 ? before + uint64_t{60000000000} : next_ms * 1000000;
      wait_ns = until > before ? until - before : 0;
    }
    if (uint64_t release_ns = next_guest_release_ns(); release_ns != no_deadline)
      wait_ns = std::min(wait_ns, release_ns > before ? release_ns - before : 0);
    if (online && sleeping < state.workers.size() && !state.watched.exchange(true)) {
      watching = true;
      note_slices();
      wait_ns = std::min(wait_ns, watch_ns);
    }
    if (!watching && wait_ns > idle_ns_before_return && keeps_freed_memory()) {
      returns_memory = true;
      wait_ns = idle_ns_before_return;
    }
    leading = online && poller && poller->try_lead();
    if (leading)
      timed_out = sleep_in_poller(*poller, wait_ns);
    else if (wait_ns > 0)
      timed_out = sleep_alone(online ? poller : nullptr, wait_ns);
  }
  if (watching) state.watched.store(false);
  asleep_.store(false, std::memory_order_seq_cst);
  state.sleepers.fetch_sub(1, std::memory_order_seq_cst);
  queue.mutex.unlock();
  idle.stop(monotonic_now_ns());
  enter_microstate(leading ? Microstate::check_io : Microstate::other);
  profile_sleep(true);
  if (leading) {
    epoch::Guard guard;
    poller->dispatch();
    poller->release();
    enter_microstate(Microstate::other);
  }
  if (returns_memory && timed_out) return_freed_memory();
  if (!is_online()) {  // somebody must see to our timers
    epoch::Guard guard;
    advance_timers(index_);
  }
  return watching && timed_out;
}

// Both: with the queue's mutex held, which they give up while they wait. True: the time is over.
bool Worker::sleep_alone(IdlePoller* poller, uint64_t wait_ns) {
  if (poller) poller->add_idle_worker();
  std::unique_lock lock(queue.mutex.native(), std::adopt_lock);
  bool timed_out = false;
  if (wait_ns == no_deadline)
    condition_.wait(lock);
  else
    timed_out = condition_.wait_for(lock, std::chrono::nanoseconds(wait_ns)) == std::cv_status::timeout;
  lock.release();
  if (poller) poller->remove_idle_worker();
  return timed_out;
}

bool Worker::sleep_in_poller(IdlePoller& poller, uint64_t wait_ns) {
  polled_ = &poller;
  queue.mutex.unlock();
  bool timed_out = poller.wait(wait_ns);
  queue.mutex.lock();
  polled_ = nullptr;
  return timed_out;
}

void Worker::wake() {
  Lock lock(queue.mutex);
  if (polled_)
    polled_->interrupt();
  else
    condition_.notify_one();
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
