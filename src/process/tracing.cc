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
#include "term/map.h"

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

// The settings as they are after a change.
void apply(TraceSettings& settings, uint32_t add, uint32_t remove, const Tracer& tracer) {
  settings.flags &= ~remove;
  if (add != 0) {
    if (!(settings.tracer == tracer)) settings.flags = 0;
    settings.flags |= add;
    settings.tracer = tracer.kept();
  }
  if (settings.flags == 0) settings.tracer = {};
}

}  // namespace

void set_call_tracer(CallTracer* tracer) { the_call_tracer.store(tracer, std::memory_order_release); }
CallTracer& call_tracer() { return *the_call_tracer.load(std::memory_order_acquire); }

ProcessTrace& trace_of(Process& process) {
  ProcessTrace* own = process.trace.load(std::memory_order_acquire);
  if (own) return *own;
  auto* made = new ProcessTrace;
  if (process.trace.compare_exchange_strong(own, made, std::memory_order_acq_rel)) return *made;
  delete made;
  return *own;
}

// --- settings ---

TraceSettings TraceSlot::read() const {
  epoch::Guard guard;
  const TraceSettings* settings = settings_.load(std::memory_order_acquire);
  return settings ? *settings : TraceSettings{};
}

void TraceSlot::set(std::atomic<uint32_t>& flags, TraceSettings settings) {
  Lock lock(state().mutex);
  replace(flags, std::move(settings));
}

void TraceSlot::replace(std::atomic<uint32_t>& flags, TraceSettings settings) {
  uint32_t bits = settings.flags;
  const TraceSettings* next = bits != 0 ? new TraceSettings(std::move(settings)) : nullptr;
  const TraceSettings* old = settings_.exchange(next, std::memory_order_acq_rel);
  flags.fetch_or(bits, std::memory_order_acq_rel);
  flags.fetch_and(bits | ~trace_flag::all, std::memory_order_acq_rel);
  if (old) epoch::retire(const_cast<TraceSettings*>(old));
}

bool TraceSlot::change(std::atomic<uint32_t>& flags, Term tracee, uint32_t add, uint32_t remove, const Tracer& tracer) {
  // Asked before anything is locked: it may be a module.
  TraceSettings before = read();
  auto is_in_the_way = [&](const Tracer& other) { return add != 0 && !other.is_none() && !(other == tracer); };
  bool other_has_gone = is_in_the_way(before.tracer) && !tracer_is_alive(before.tracer, tracee);
  bool is_refused = add != 0 && tracer.is_module() && !tracer_is_alive(tracer, tracee);
  Lock lock(state().mutex);
  TraceSettings settings = read();
  if (add == 0 && settings.flags == 0) return true;
  if (is_in_the_way(settings.tracer) && !(other_has_gone && settings.tracer == before.tracer)) return false;
  apply(settings, add, remove, tracer);
  replace(flags, is_refused ? TraceSettings{} : std::move(settings));
  return true;
}

TraceSettings trace_settings(Process& process) {
  ProcessTrace* own = process.trace.load(std::memory_order_acquire);
  return own ? own->traced.read() : TraceSettings{};
}

TraceSettings checked_trace_settings(Process& process) {
  TraceSettings settings = trace_settings(process);
  if (settings.flags == 0 || tracer_is_alive(settings.tracer, process.self)) return settings;
  set_trace(process, {});
  return {};
}

void set_trace(Process& process, TraceSettings settings) { trace_of(process).traced.set(process.trace_flags, std::move(settings)); }

TraceChange change_trace(Process& process, uint32_t add, uint32_t remove, const Tracer& tracer) {
  if (add == 0 && process.trace.load(std::memory_order_acquire) == nullptr) return TraceChange::done;
  bool done = trace_of(process).traced.change(process.trace_flags, process.self, add, remove, tracer);
  return done ? TraceChange::done : TraceChange::other_tracer;
}

NewTracing new_tracing() {
  NewTracing found;
  {
    Lock lock(state().mutex);
    found = state().for_new;
  }
  for (auto [wanted, own] : {std::pair{&found.processes, &NewTracing::processes}, std::pair{&found.ports, &NewTracing::ports}}) {
    if (wanted->flags == 0 || tracer_is_alive(wanted->tracer)) continue;
    Lock lock(state().mutex);
    if (TraceSettings& kept = state().for_new.*own; kept.tracer == wanted->tracer) kept = {};
    *wanted = {};
  }
  return found;
}

void change_new_tracing(bool processes, bool ports, uint32_t add, uint32_t remove, const Tracer& tracer) {
  Lock lock(state().mutex);
  NewTracing& settings = state().for_new;
  if (processes) apply(settings.processes, add, remove, tracer);
  if (ports) apply(settings.ports, add & trace_flag::of_ports, remove, tracer);
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

// {trace, Tracee, Words...}: what is after the tag and its subject, and what a match specification has added.
struct TraceParts {
  Term extra = Term::none(), result = Term::none();
};
static TraceParts parts_of(TraceWords words) {
  const Term* word = words.begin();
  bool has_extra = word[0] != am::call && word[0] != am::receive;
  TraceParts parts;
  if (words.size() > 2) (has_extra ? parts.extra : parts.result) = word[2];
  if (words.size() > 3) parts.result = word[3];
  return parts;
}

static Term timestamp_name(uint32_t flags) {
  if (flags & trace_flag::timestamp) return cpu_timestamps.load(std::memory_order_relaxed) ? am::cpu_timestamp : am::timestamp;
  if (flags & trace_flag::strict_monotonic_timestamp) return am::strict_monotonic;
  return flags & trace_flag::monotonic_timestamp ? am::monotonic : Term::none();
}

static Term this_scheduler_number() {
  SchedulerThread* thread = this_scheduler_thread();
  return Term::small(thread == nullptr ? 0 : thread->id);
}

Term tracer_options(Arena& arena, uint32_t flags, Term extra, Term result) {
  Term scheduler = flags & trace_flag::scheduler_id ? this_scheduler_number() : Term::none();
  Term options = map_empty(arena);
  for (auto [key, value] : {std::pair{am::extra, extra}, std::pair{am::match_spec_result, result}, std::pair{am::scheduler_id, scheduler},
                            std::pair{am::timestamp, timestamp_name(flags)}})
    if (!value.is_none()) options = map_put(arena, options, key, value);
  return options;
}

static void call_tracer_module(const Tracer& tracer, uint32_t flags, Term tracee, TraceWords words) {
  FragmentArena arena(32);
  TraceParts parts = parts_of(words);
  tracer_modules().trace(tracer, words.begin()[0], tracee, words.begin()[1], tracer_options(arena, flags, parts.extra, parts.result));
}

bool tell_tracer(const Tracer& tracer, uint32_t flags, Term tracee, TraceWords words) {
  if (tracer.is_module()) return call_tracer_module(tracer, flags, tracee, words), true;
  size_t size = words.size() + 12;
  for (Term word : words)
    if (word.is_pointer()) size += flat_size(word);
  FragmentArena arena(size);
  std::vector<Term> elements{(flags & trace_flag::timestamps) ? am::trace_ts : am::trace, tracee};
  for (Term word : words)
    if (!word.is_none()) elements.push_back(copy(arena, word));
  if (flags & trace_flag::scheduler_id) elements.push_back(this_scheduler_number());
  if (Term time = trace_timestamp(arena, flags); !time.is_none()) elements.push_back(time);
  Term message = hanse::make_tuple(arena, std::span<const Term>(elements));
  if (tracer.term().is_local_pid()) return deliver_fragment(tracer.term(), message, arena.take());
  return port_signals() && port_signals()->trace(tracer.term(), message);
}

// As in stock, whoever wants to be told of a call is told how it ended.
static Term asked_tag(Term tag) {
  bool is_end = tag == am::return_from || tag == am::return_to || tag == am::exception_from;
  return is_end ? am::call : tag;
}

bool send_trace(const Tracer& tracer, uint32_t flags, Term tracee, TraceWords words) {
  if (!tracer.is_module()) return tell_tracer(tracer, flags, tracee, words);
  TracerAnswer answer = ask_tracer(tracer, asked_tag(words.begin()[0]), tracee);
  return answer == TracerAnswer::trace ? tell_tracer(tracer, flags, tracee, words) : answer == TracerAnswer::discard;
}

static void send_event(Process& process, const TraceSettings& settings, TraceWords words) {
  if (process.sensitive || settings.tracer.is(process.self)) return;
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
