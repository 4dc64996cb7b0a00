// erlang:trace_info/2.
#include "bif/list_builder.h"
#include "bif/tables.h"
#include "process/call.h"
#include "process/machine.h"
#include "process/ports_interface.h"
#include "process/process_table.h"
#include "process/tracing.h"
#include "term/copy_whole.h"
#include "trace/event_patterns.h"
#include "trace/function_patterns.h"

namespace hanse {

// In the order of stock.
static Term flag_list(Arena& arena, uint32_t flags) {
  struct Row {
    uint32_t flag;
    Term name;
  };
  static constexpr Row rows[] = {
      {trace_flag::running_procs, am::running_procs}, {trace_flag::running_ports, am::running_ports},
      {trace_flag::ports, am::ports}, {trace_flag::scheduler_id, am::scheduler_id}, {trace_flag::silent, am::silent},
      {trace_flag::return_to, am::return_to}, {trace_flag::arity, am::arity},
      {trace_flag::garbage_collection, am::garbage_collection}, {trace_flag::exiting, am::exiting},
      {trace_flag::running, am::running}, {trace_flag::set_on_first_link, am::set_on_first_link},
      {trace_flag::set_on_link, am::set_on_link}, {trace_flag::set_on_first_spawn, am::set_on_first_spawn},
      {trace_flag::procs, am::procs}, {trace_flag::call, am::call}, {trace_flag::set_on_spawn, am::set_on_spawn},
      {trace_flag::receive, am::receive}, {trace_flag::send, am::send},
      {trace_flag::monotonic_timestamp, am::monotonic_timestamp},
      {trace_flag::strict_monotonic_timestamp, am::strict_monotonic_timestamp}, {trace_flag::timestamp, am::timestamp}};
  ListBuilder list(arena);
  for (const Row& row : rows)
    if (flags & row.flag) list.add(row.name);
  return list.finish();
}

static Result settings_info(Call& call, const TraceSettings& settings, Term item) {
  Arena& arena = call.arena();
  if (item == am::flags) return make_tuple(arena, item, flag_list(arena, settings.flags));
  if (item == am::tracer) return make_tuple(arena, item, settings.tracer.is_none() ? Term::nil() : settings.tracer.read(arena));
  return raise_badarg(call);
}

static Result process_trace_info(Call& call, Term pid, Term item) {
  Process* process = find_process(pid);
  if (!process || (process->state.load(std::memory_order_acquire) & process_state::exiting)) return am::undefined;
  return settings_info(call, checked_trace_settings(*process), item);
}

// --- functions ---

static Term specification(Arena& arena, const Ref<TracePattern>& pattern) {
  if (!pattern) return am::false_;
  if (pattern->is_empty) return Term::nil();
  Term term = pattern->program.specification();
  return copy_whole(arena, term, whole_size(term));
}

static Term call_time(Arena& arena, const FunctionTraceSettings& settings) {
  if (!settings.time) return am::false_;
  ListBuilder list(arena);
  std::lock_guard lock(settings.time->mutex);
  for (const auto& [pid, figures] : settings.time->by_process) {
    uint64_t microseconds = figures.ns / 1000;
    list.add(make_tuple(arena, Term::from_word(pid), make_unsigned(arena, figures.calls),
                        make_unsigned(arena, microseconds / 1000000), make_unsigned(arena, microseconds % 1000000)));
  }
  return list.finish();
}

// What an item of one function is; is_function: not that of on_load, whose counts are only on or off.
static Term function_item(Arena& arena, const FunctionTraceSettings& settings, Term item, bool is_function) {
  if (item == am::traced)
    return settings.scope == CallScope::none ? am::false_ : settings.scope == CallScope::local ? am::local : am::global;
  if (item == am::match_spec) return specification(arena, settings.pattern);
  if (item == am::meta) {
    if (!settings.meta) return is_function ? Term::nil() : am::false_;
    return settings.meta_tracer.is_none() ? Term::nil() : settings.meta_tracer.read(arena);
  }
  if (item == am::meta_match_spec) return specification(arena, settings.meta);
  if (item == am::call_count) {
    if (!settings.count) return am::false_;
    return is_function ? make_unsigned(arena, settings.count->calls.load(std::memory_order_relaxed)) : am::true_;
  }
  if (!is_function) return settings.time ? am::true_ : am::false_;
  return call_time(arena, settings);
}

// Stock tells no meta trace as [] if asked for that alone.
static Term item_among_all(Arena& arena, const FunctionTraceSettings& settings, Term item, bool is_function) {
  return item == am::meta && !settings.meta ? am::false_ : function_item(arena, settings, item, is_function);
}

static Term all_items(Arena& arena, const FunctionTraceSettings& settings, bool is_function) {
  static constexpr Term items[] = {am::traced, am::match_spec, am::meta, am::meta_match_spec, am::call_time, am::call_count};
  ListBuilder list(arena);
  for (Term item : items)
    if (is_function || item != am::call_time) list.add(make_tuple(arena, item, item_among_all(arena, settings, item, is_function)));
  return list.finish();
}

static Result function_trace_info(Call& call, Term mfa, Term item) {
  Term* parts = as_tuple(mfa)->elements;
  if (!parts[0].is_atom() || !parts[1].is_atom() || !parts[2].is_small()) return raise_badarg(call);
  int64_t arity = parts[2].as_small();
  std::optional<FunctionTraceSettings> settings;
  if (arity >= 0 && arity <= 255) settings = function_settings(call.process.machine, parts[0], parts[1], static_cast<uint32_t>(arity));
  Arena& arena = call.arena();
  if (!settings) return make_tuple(arena, item, am::undefined);
  if (settings->is_empty()) return make_tuple(arena, item, am::false_);
  if (item == am::all) return make_tuple(arena, item, all_items(arena, *settings, true));
  static constexpr Term known[] = {am::traced, am::match_spec, am::meta, am::meta_match_spec, am::call_time, am::call_count};
  for (Term name : known)
    if (name == item) return make_tuple(arena, item, function_item(arena, *settings, item, true));
  return raise_badarg(call);
}

static Result on_load_info(Call& call, Term item) {
  FunctionTraceSettings settings = on_load_settings();
  Arena& arena = call.arena();
  if (settings.is_empty()) return make_tuple(arena, item, am::false_);
  if (item == am::all) return make_tuple(arena, item, all_items(arena, settings, false));
  static constexpr Term known[] = {am::traced, am::match_spec, am::meta, am::meta_match_spec, am::call_count, am::call_time};
  for (Term name : known)
    if (name == item) return make_tuple(arena, item, function_item(arena, settings, item, false));
  return raise_badarg(call);
}

static Result event_info(Call& call, TracedEvent event, Term item) {
  if (item != am::match_spec) return raise_badarg(call);
  Ref<TracePattern> pattern = event_pattern(event);
  Term value = pattern && pattern->is_empty ? am::true_ : specification(call.arena(), pattern);
  return make_tuple(call.arena(), item, value);
}

// Process, port, new*, {Module, Function, Arity}, on_load, send or 'receive'; item.
static Result erlang_trace_info_2(Call& call) {
  Term what = call.args[0], item = call.args[1];
  if (!item.is_atom()) return raise_badarg(call);
  if (what.is_local_pid()) return process_trace_info(call, what, item);
  if (what.is_local_port()) {
    PortSignals* ports = port_signals();
    if (!ports || !ports->is_alive(what)) return am::undefined;
    return settings_info(call, ports->trace_settings(what), item);
  }
  if (what == am::new_ || what == am::new_processes) return settings_info(call, new_tracing().processes, item);
  if (what == am::new_ports) return settings_info(call, new_tracing().ports, item);
  if (what == am::on_load) return on_load_info(call, item);
  if (what == am::send) return event_info(call, TracedEvent::send, item);
  if (what == am::receive) return event_info(call, TracedEvent::receive, item);
  if (is_tuple_of_arity(what, 3)) return function_trace_info(call, what, item);
  return what.is_atom() ? raise_badarg(call, am::badopt) : raise_badarg(call);
}

static constexpr BifRow rows[] = {
    {"erlang", "trace_info", 2, erlang_trace_info_2, BifKind::plain, Authority::host},
};
const BifTable trace_info_bifs = rows;

}  // namespace hanse
