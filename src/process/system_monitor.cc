#include "process/system_monitor.h"

#include "base/epoch.h"
#include "base/mutex.h"
#include "process/engine.h"
#include "process/ports_interface.h"
#include "process/scheduler.h"
#include "process/send.h"
#include "process/tracing.h"
#include "term/build.h"

namespace hanse {

std::atomic<uint32_t> monitored_events{0};
std::atomic<uint32_t> collection_delay_ms{0};
std::atomic<uint32_t> profiled_events{0};

namespace {

struct Settings {
  Mutex<LockRank::trace> mutex;
  SystemMonitor monitor GUARDED_BY(mutex);
  SystemProfile profile GUARDED_BY(mutex);
};
Settings& settings() {
  static auto* only = new Settings;
  return *only;
}

struct Figure {
  Term name;
  size_t value;
};

Term figure_list(Arena& arena, const ProcessHeap& heap) {
  const Figure figures[] = {{am::old_heap_block_size, heap.old_heap_words()}, {am::heap_block_size, heap.heap_words()},
                            {am::mbuf_size, heap.fragment_words()},           {am::stack_size, heap.stack_words()},
                            {am::old_heap_size, heap.old_used_words()},       {am::heap_size, heap.young_used_words()}};
  Term list = Term::nil();
  for (size_t i = std::size(figures); i-- > 0;)
    list = make_cons(arena, make_tuple(arena, figures[i].name, make_unsigned(arena, figures[i].value)), list);
  return list;
}

// The monitor does not watch itself.
void tell(const SystemMonitor& monitor, FragmentArena& arena, Term subject, Term what, Term info) {
  if (subject == monitor.pid) return;
  Term message = make_tuple(arena, am::monitor, subject, what, info);
  if (!deliver_fragment(monitor.pid, message, arena.take())) set_system_monitor({});
}

}  // namespace

SystemMonitor system_monitor() {
  Lock lock(settings().mutex);
  SystemMonitor& monitor = settings().monitor;
  if (!monitor.pid.is_none() && !tracer_is_alive(monitor.pid)) {
    monitor = {};
    monitored_events.store(0, std::memory_order_release);
  }
  return monitor;
}

void set_system_monitor(const SystemMonitor& monitor) {
  Lock lock(settings().mutex);
  settings().monitor = monitor;
  monitored_events.store(monitor.events, std::memory_order_release);
}

void monitor_collection(Process& process, uint64_t took_ns) {
  SystemMonitor monitor = system_monitor();
  const ProcessHeap& heap = process.heap;
  if ((monitor.events & monitored_event::long_gc) && took_ns / 1000000 >= monitor.long_gc_ms) {
    FragmentArena arena(96);
    Term time = make_tuple(arena, am::timeout, make_unsigned(arena, took_ns / 1000000));
    tell(monitor, arena, process.self, am::long_gc, make_cons(arena, time, figure_list(arena, heap)));
  }
  size_t words = heap.heap_words() + heap.old_heap_words() + heap.fragment_words();
  if ((monitor.events & monitored_event::large_heap) && words > monitor.large_heap_words) {
    FragmentArena arena(96);
    tell(monitor, arena, process.self, am::large_heap, figure_list(arena, heap));
  }
}

static StoredTerm place_of(Process& process) {
  FragmentArena arena(32);
  Term place = current_function(arena, process);
  return StoredTerm(place, arena.take());
}

WatchedSlice::WatchedSlice(Process& process) : pid_(process.self), began_ns_(monotonic_now_ns()), in_(place_of(process)) {}

void WatchedSlice::ended(Process* process) {
  uint64_t took_ns = monotonic_now_ns() - began_ns_;
  SystemMonitor monitor = system_monitor();
  if (!(monitor.events & monitored_event::long_schedule) || took_ns / 1000000 < monitor.long_schedule_ms) return;
  FragmentArena arena(64);
  auto pair = [&](Term name, Term value) { return make_tuple(arena, name, copy(arena, value)); };
  StoredTerm out = process != nullptr ? place_of(*process) : StoredTerm(am::undefined);
  Term info[] = {pair(am::timeout, make_unsigned(arena, took_ns / 1000000)), pair(am::in, in_.term()), pair(am::out, out.term())};
  tell(monitor, arena, pid_, am::long_schedule, make_list(arena, info));
}

void monitor_port_schedule(Term port, uint64_t took_ns, Term operation) {
  SystemMonitor monitor = system_monitor();
  if (!(monitor.events & monitored_event::long_schedule) || took_ns / 1000000 < monitor.long_schedule_ms) return;
  FragmentArena arena(32);
  Term info[] = {make_tuple(arena, am::timeout, make_unsigned(arena, took_ns / 1000000)), make_tuple(arena, make_atom("port_op"), operation)};
  tell(monitor, arena, port, am::long_schedule, make_list(arena, info));
}

void monitor_busy(Term process, Term what, Term port) {
  SystemMonitor monitor = system_monitor();
  if (monitor.pid.is_none()) return;
  FragmentArena arena(16);
  tell(monitor, arena, process, what, port);
}

// --- profiling ---

SystemProfile system_profile() {
  Lock lock(settings().mutex);
  SystemProfile& profile = settings().profile;
  if (!profile.profiler.is_none() && !tracer_is_alive(profile.profiler)) {
    profile = {};
    profiled_events.store(0, std::memory_order_release);
  }
  return profile;
}

void set_system_profile(const SystemProfile& profile) {
  Lock lock(settings().mutex);
  settings().profile = profile;
  profiled_events.store(profile.events, std::memory_order_release);
}

static void tell_profiler(const SystemProfile& profile, FragmentArena& arena, Term message) {
  bool arrived = profile.profiler.is_local_pid() ? deliver_fragment(profile.profiler, message, arena.take())
                                                 : port_signals() && port_signals()->trace(profile.profiler, message);
  if (!arrived) set_system_profile({});
}

static Term profile_time(FragmentArena& arena, const SystemProfile& profile) {
  return trace_timestamp(arena, profile.timestamps != 0 ? profile.timestamps : trace_flag::timestamp);
}

void profile_process(Process& process, bool becomes_active) {
  SystemProfile profile = system_profile();
  if (profile.profiler.is_none() || profile.profiler == process.self) return;
  FragmentArena arena(64);
  Term place = Term::small(0);
  if (!(process.state.load(std::memory_order_relaxed) & (process_state::exiting | process_state::exited)))
    place = current_function(arena, process);
  Term state = becomes_active ? am::active : am::inactive;
  tell_profiler(profile, arena, make_tuple(arena, am::profile, process.self, state, place, profile_time(arena, profile)));
}

void profile_port(Term port, bool becomes_active) {
  SystemProfile profile = system_profile();
  if (profile.profiler.is_none() || profile.profiler == port) return;
  FragmentArena arena(64);
  Term state = becomes_active ? am::active : am::inactive, time = profile_time(arena, profile);
  tell_profiler(profile, arena, make_tuple(arena, am::profile, port, state, Term::small(0), time));
}

void profile_scheduler(unsigned id, bool becomes_active, unsigned active_schedulers) {
  SystemProfile profile = system_profile();
  if (profile.profiler.is_none()) return;
  FragmentArena arena(64);
  Term state = becomes_active ? am::active : am::inactive, time = profile_time(arena, profile);
  tell_profiler(profile, arena, make_tuple(arena, am::profile, am::scheduler, Term::small(id), state, Term::small(active_schedulers), time));
}

}  // namespace hanse
