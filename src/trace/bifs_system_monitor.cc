// erlang:system_monitor/0,1,2 and erlang:system_profile/0,2.
#include "bif/list_builder.h"
#include "bif/tables.h"
#include "process/call.h"
#include "process/system_monitor.h"
#include "process/tracing.h"

namespace hanse {

// --- system_monitor ---

static constexpr uint64_t least_large_heap_words = 16384;  // as in stock

static Term monitor_term(Arena& arena, const SystemMonitor& monitor) {
  if (monitor.pid.is_none()) return am::undefined;
  ListBuilder list(arena);
  auto limit = [&](uint32_t event, Term name, uint64_t value) {
    if (monitor.events & event) list.add(make_tuple(arena, name, make_unsigned(arena, value)));
  };
  if (monitor.events & monitored_event::busy_dist_port) list.add(am::busy_dist_port);
  if (monitor.events & monitored_event::busy_port) list.add(am::busy_port);
  limit(monitored_event::large_heap, am::large_heap, monitor.large_heap_words);
  limit(monitored_event::long_schedule, am::long_schedule, monitor.long_schedule_ms);
  limit(monitored_event::long_gc, am::long_gc, monitor.long_gc_ms);
  return make_tuple(arena, monitor.pid, list.finish());
}

static bool parse_limit(Term option, SystemMonitor& monitor) {
  if (!is_tuple_of_arity(option, 2)) return false;
  Term name = as_tuple(option)->elements[0], value = as_tuple(option)->elements[1];
  if (!value.is_small() || value.as_small() < 0) return false;
  auto number = static_cast<uint64_t>(value.as_small());
  if (name == am::long_gc) {
    monitor.events |= monitored_event::long_gc;
    monitor.long_gc_ms = std::max<uint64_t>(number, 1);
  } else if (name == am::long_schedule) {
    monitor.events |= monitored_event::long_schedule;
    monitor.long_schedule_ms = std::max<uint64_t>(number, 1);
  } else if (name == am::large_heap) {
    monitor.events |= monitored_event::large_heap;
    monitor.large_heap_words = std::max(number, least_large_heap_words);
  } else {
    return false;
  }
  return true;
}

static Result change_monitor(Call& call, Term pid, Term options) {
  SystemMonitor monitor;
  // Without options nobody watches, whoever is named.
  if (!options.is_nil() && (!pid.is_local_pid() || !tracer_is_alive(pid))) return raise_badarg(call);
  for (; options.is_cons(); options = options.as_cons()->tail) {
    Term option = options.as_cons()->head;
    if (option == am::busy_port) monitor.events |= monitored_event::busy_port;
    else if (option == am::busy_dist_port) monitor.events |= monitored_event::busy_dist_port;
    else if (!parse_limit(option, monitor)) return raise_badarg(call);
  }
  if (!options.is_nil()) return raise_badarg(call);
  Term old = monitor_term(call.arena(), system_monitor());
  if (monitor.events != 0) monitor.pid = pid;
  set_system_monitor(monitor);
  return old;
}

static Result no_monitor(Call& call) {
  Term old = monitor_term(call.arena(), system_monitor());
  set_system_monitor({});
  return old;
}

static Result erlang_system_monitor_0(Call& call) { return monitor_term(call.arena(), system_monitor()); }
static Result erlang_system_monitor_1(Call& call) {
  Term setting = call.args[0];
  if (setting == am::undefined) return no_monitor(call);
  if (!is_tuple_of_arity(setting, 2)) return raise_badarg(call);
  return change_monitor(call, as_tuple(setting)->elements[0], as_tuple(setting)->elements[1]);
}
static Result erlang_system_monitor_2(Call& call) {
  return call.args[0] == am::undefined ? no_monitor(call) : change_monitor(call, call.args[0], call.args[1]);
}

// --- system_profile ---

static Term profile_term(Arena& arena, const SystemProfile& profile) {
  if (profile.profiler.is_none()) return am::undefined;
  ListBuilder list(arena);
  if (profile.events & profiled::exclusive) list.add(am::exclusive);
  if (profile.events & profiled::scheduler) list.add(am::scheduler);
  if (profile.events & profiled::runnable_procs) list.add(am::runnable_procs);
  if (profile.events & profiled::runnable_ports) list.add(am::runnable_ports);
  return make_tuple(arena, profile.profiler, list.finish());
}

// Of several kinds of time stamps, the last one counts.
static bool parse_profile_option(Term option, SystemProfile& profile) {
  if (option == am::exclusive) profile.events |= profiled::exclusive;
  else if (option == am::scheduler) profile.events |= profiled::scheduler;
  else if (option == am::runnable_procs) profile.events |= profiled::runnable_procs;
  else if (option == am::runnable_ports) profile.events |= profiled::runnable_ports;
  else if (option == am::timestamp) profile.timestamps = trace_flag::timestamp;
  else if (option == am::monotonic_timestamp) profile.timestamps = trace_flag::monotonic_timestamp;
  else if (option == am::strict_monotonic_timestamp) profile.timestamps = trace_flag::strict_monotonic_timestamp;
  else return false;
  return true;
}

static Result erlang_system_profile_0(Call& call) { return profile_term(call.arena(), system_profile()); }

static Result erlang_system_profile_2(Call& call) {
  Term old = profile_term(call.arena(), system_profile()), profiler = call.args[0], options = call.args[1];
  SystemProfile profile;
  if (profiler != am::undefined && !options.is_nil()) {
    if (!tracer_is_alive(profiler)) return raise_badarg(call);
    for (; options.is_cons(); options = options.as_cons()->tail)
      if (!parse_profile_option(options.as_cons()->head, profile)) return raise_badarg(call);
    if (!options.is_nil()) return raise_badarg(call);
    profile.profiler = profiler;
  }
  set_system_profile(profile);
  return old;
}

static constexpr BifRow rows[] = {
    {"erlang", "system_monitor", 0, erlang_system_monitor_0, BifKind::plain, Authority::host},
    {"erlang", "system_monitor", 1, erlang_system_monitor_1, BifKind::plain, Authority::host},
    {"erlang", "system_monitor", 2, erlang_system_monitor_2, BifKind::plain, Authority::host},
    {"erlang", "system_profile", 0, erlang_system_profile_0, BifKind::plain, Authority::host},
    {"erlang", "system_profile", 2, erlang_system_profile_2, BifKind::plain, Authority::host},
};
const BifTable system_monitor_bifs = rows;

}  // namespace hanse
