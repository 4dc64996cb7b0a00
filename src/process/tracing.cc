#include "process/tracing.h"

#include <ctime>

#include "base/epoch.h"
#include "base/mutex.h"
#include "process/erlang_clock.h"
#include "process/ports_interface.h"
#include "process/process_table.h"
#include "process/scheduler.h"
#include "term/build.h"
#include "term/copy.h"

namespace hanse {

std::atomic<bool> anything_new_is_traced{false};
std::atomic<bool> cpu_timestamps{false};

namespace {

struct TraceState {
  Mutex<LockRank::trace> mutex;
  NewTracing for_new GUARDED_BY(mutex);
};
TraceState& state() {
  static auto* only = new TraceState;
  return *only;
}

std::atomic<CallTracer*> the_call_tracer{nullptr};

// Replaces what is traced of the process. Under the lock.
void replace(Process& process, TraceSettings settings) {
  ProcessTrace& own = trace_of(process);
  const TraceSettings* next = settings.flags != 0 ? new TraceSettings(settings) : nullptr;
  const TraceSettings* old = own.settings.exchange(next, std::memory_order_acq_rel);
  process.trace_flags.fetch_or(settings.flags, std::memory_order_acq_rel);
  process.trace_flags.fetch_and(settings.flags | ~trace_flag::all, std::memory_order_acq_rel);
  if (old) epoch::retire(const_cast<TraceSettings*>(old));
}

TraceSettings current(Process& process) {
  ProcessTrace* own = process.trace.load(std::memory_order_acquire);
  const TraceSettings* settings = own ? own->settings.load(std::memory_order_acquire) : nullptr;
  return settings ? *settings : TraceSettings{};
}

// The settings as they are after a change; false if another tracer, which is alive, is in the way.
bool change(TraceSettings& settings, uint32_t add, uint32_t remove, Term tracer) {
  settings.flags &= ~remove;
  if (add != 0) {
    bool has_other = settings.flags != 0 && !settings.tracer.is_none() && settings.tracer != tracer;
    if (has_other && tracer_is_alive(settings.tracer)) return false;
    if (has_other) settings.flags = 0;
    settings.flags |= add;
    settings.tracer = tracer;
  }
  if (settings.flags == 0) settings.tracer = Term::none();
  return true;
}

}  // namespace

void set_call_tracer(CallTracer* tracer) { the_call_tracer.store(tracer, std::memory_order_release); }
CallTracer& call_tracer() { return *the_call_tracer.load(std::memory_order_acquire); }

ProcessTrace::~ProcessTrace() { delete settings.load(std::memory_order_relaxed); }

ProcessTrace& trace_of(Process& process) {
  ProcessTrace* own = process.trace.load(std::memory_order_acquire);
  if (own) return *own;
  auto* made = new ProcessTrace;
  if (process.trace.compare_exchange_strong(own, made, std::memory_order_acq_rel)) return *made;
  delete made;
  return *own;
}

// --- settings ---

TraceSettings trace_settings(Process& process) {
  epoch::Guard guard;
  return current(process);
}

bool tracer_is_alive(Term tracer) {
  epoch::Guard guard;
  if (tracer.is_local_port()) return port_signals() && port_signals()->is_alive(tracer);
  Process* process = tracer.is_local_pid() ? find_process(tracer) : nullptr;
  return process && !(process->state.load(std::memory_order_acquire) & (process_state::exiting | process_state::exited));
}

TraceSettings checked_trace_settings(Process& process) {
  TraceSettings settings = trace_settings(process);
  if (settings.flags == 0 || tracer_is_alive(settings.tracer)) return settings;
  set_trace(process, {});
  return {};
}

void set_trace(Process& process, TraceSettings settings) {
  epoch::Guard guard;
  Lock lock(state().mutex);
  replace(process, settings);
}

TraceChange change_trace(Process& process, uint32_t add, uint32_t remove, Term tracer) {
  epoch::Guard guard;
  Lock lock(state().mutex);
  TraceSettings settings = current(process);
  if (add == 0 && settings.flags == 0) return TraceChange::done;
  if (!change(settings, add, remove, tracer)) return TraceChange::other_tracer;
  replace(process, settings);
  return TraceChange::done;
}

NewTracing new_tracing() {
  Lock lock(state().mutex);
  for (TraceSettings* settings : {&state().for_new.processes, &state().for_new.ports})
    if (settings->flags != 0 && !tracer_is_alive(settings->tracer)) *settings = {};
  return state().for_new;
}

void change_new_tracing(bool processes, bool ports, uint32_t add, uint32_t remove, Term tracer) {
  Lock lock(state().mutex);
  NewTracing& settings = state().for_new;
  for (auto [wanted, which] : {std::pair{processes, &settings.processes}, std::pair{ports, &settings.ports}}) {
    if (!wanted) continue;
    if (add != 0 && which->tracer != tracer) *which = {};
    (void)change(*which, which == &settings.ports ? add & trace_flag::of_ports : add, remove, tracer);
  }
  anything_new_is_traced.store(settings.processes.flags != 0 || settings.ports.flags != 0, std::memory_order_release);
}

// --- messages ---

// The time that the processors have spent on the node, in the form of now/0.
static Term make_cpu_time(Arena& arena) {
  timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return make_tuple(arena, Term::small(time.tv_sec / 1'000'000), Term::small(time.tv_sec % 1'000'000), Term::small(time.tv_nsec / 1000));
}

Term trace_timestamp(Arena& arena, uint32_t flags) {
  if ((flags & trace_flag::timestamp) && cpu_timestamps.load(std::memory_order_relaxed)) return make_cpu_time(arena);
  if (flags & trace_flag::timestamp) return make_now(arena);
  if (flags & trace_flag::strict_monotonic_timestamp) {
    Term time = make_integer(arena, erlang_monotonic_ns());
    return make_tuple(arena, time, make_monotonic_unique(arena));
  }
  if (flags & trace_flag::monotonic_timestamp) return make_integer(arena, erlang_monotonic_ns());
  return Term::none();
}

bool send_trace(Term tracer, uint32_t flags, Term tracee, TraceWords words) {
  size_t size = words.size() + 12;
  for (Term word : words)
    if (word.is_pointer()) size += flat_size(word);
  FragmentArena arena(size);
  std::vector<Term> elements{(flags & trace_flag::timestamps) ? am::trace_ts : am::trace, tracee};
  for (Term word : words)
    if (!word.is_none()) elements.push_back(copy(arena, word));
  if (flags & trace_flag::scheduler_id) {
    SchedulerThread* thread = this_scheduler_thread();
    elements.push_back(Term::small(thread == nullptr ? 0 : thread->id));
  }
  if (Term time = trace_timestamp(arena, flags); !time.is_none()) elements.push_back(time);
  Term message = hanse::make_tuple(arena, std::span<const Term>(elements));
  if (tracer.is_local_pid()) return deliver_fragment(tracer, message, arena.take());
  return port_signals() && port_signals()->trace(tracer, message);
}

static void send_event(Process& process, const TraceSettings& settings, TraceWords words) {
  if (process.sensitive || settings.tracer == process.self) return;
  if (!send_trace(settings.tracer, settings.flags, process.self, words)) set_trace(process, {});
}

void trace_event(Process& process, uint32_t flag, TraceWords words) {
  TraceSettings settings = trace_settings(process);
  if (settings.flags & flag) send_event(process, settings, words);
}

void trace_registration(Term holder, Term tag, Term name) {
  if (!holder.is_local_port()) trace_event(holder, trace_flag::procs, {tag, name});
  else if (PortSignals* ports = port_signals()) ports->trace_event(holder, tag, name);
}

void trace_event(Term pid, uint32_t flag, TraceWords words) {
  epoch::Guard guard;
  Process* process = pid.is_local_pid() ? find_process(pid) : nullptr;
  if (process && is_traced(*process, flag)) trace_event(*process, flag, words);
}

}  // namespace hanse
