// erts_internal:trace/3 and trace_pattern/3, erlang:trace_delivered/1.
#include <algorithm>
#include <atomic>
#include <memory>
#include <vector>

#include "bif/tables.h"
#include "process/call.h"
#include "process/machine.h"
#include "process/ports_interface.h"
#include "process/process_table.h"
#include "process/signals.h"
#include "process/spawn.h"
#include "process/tracing.h"
#include "trace/event_patterns.h"
#include "trace/function_patterns.h"
#include "trace/trace_match.h"

namespace hanse {

// --- flags ---

static uint32_t flag_of(Term name) {
  struct Row {
    Term name;
    uint32_t flag;
  };
  static constexpr Row rows[] = {
      {am::all, trace_flag::all}, {am::send, trace_flag::send}, {am::receive, trace_flag::receive},
      {am::procs, trace_flag::procs}, {am::ports, trace_flag::ports}, {am::call, trace_flag::call},
      {am::arity, trace_flag::arity}, {am::return_to, trace_flag::return_to}, {am::silent, trace_flag::silent},
      {am::running, trace_flag::running}, {am::exiting, trace_flag::exiting}, {am::running_procs, trace_flag::running_procs},
      {am::running_ports, trace_flag::running_ports}, {am::garbage_collection, trace_flag::garbage_collection},
      {am::timestamp, trace_flag::timestamp}, {am::monotonic_timestamp, trace_flag::monotonic_timestamp},
      {am::strict_monotonic_timestamp, trace_flag::strict_monotonic_timestamp},
      {am::set_on_spawn, trace_flag::set_on_spawn}, {am::set_on_first_spawn, trace_flag::set_on_first_spawn},
      {am::set_on_link, trace_flag::set_on_link}, {am::set_on_first_link, trace_flag::set_on_first_link},
      {am::scheduler_id, trace_flag::scheduler_id}};
  for (const Row& row : rows)
    if (row.name == name) return row.flag;
  return 0;
}

// {Name, Pid} or {Name, Module, State}, where erl_tracer stands for the process or port that is its state.
static bool parse_tracer(Term option, Term name, Tracer& tracer) {
  Term* parts = as_tuple(option)->elements;
  if (parts[0] != name) return false;
  bool has_module = is_tuple_of_arity(option, 3);
  if (has_module && parts[1] != am::erl_tracer) {
    if (!parts[1].is_atom() || !tracer_modules().is_tracer(parts[1])) return false;
    tracer = Tracer::of_module(parts[1], parts[2]);
    return true;
  }
  Term whom = parts[has_module ? 2 : 1];
  if (!whom.is_local_pid() && !whom.is_local_port()) return false;
  tracer = whom;
  return true;
}

bool parse_trace_flags(Term list, ParsedFlags& parsed) {
  for (; list.is_cons(); list = list.as_cons()->tail) {
    Term flag = list.as_cons()->head;
    if (flag == am::cpu_timestamp) parsed.cpu_timestamp = true;
    else if (is_tuple_of_arity(flag, 2) || is_tuple_of_arity(flag, 3)) {
      if (!parse_tracer(flag, am::tracer, parsed.tracer)) return false;
    } else {
      uint32_t bits = flag.is_atom() ? flag_of(flag) : 0;
      if (bits == 0) return false;
      parsed.flags |= bits;
    }
  }
  return list.is_nil();
}

// --- erts_internal:trace/3 ---

namespace {
struct Items {
  bool existing_processes = false, existing_ports = false, new_processes = false, new_ports = false;
  bool cpu_timestamp_allowed = false;
};
bool parse_items(Term what, Items& items) {
  if (what == am::all) items = {true, true, true, true, true};
  else if (what == am::processes) items = {true, false, true, false, false};
  else if (what == am::ports) items = {false, true, false, true, false};
  else if (what == am::existing) items = {true, true, false, false, false};
  else if (what == am::existing_processes) items = {true, false, false, false, false};
  else if (what == am::existing_ports) items = {false, true, false, false, false};
  else if (what == am::new_) items = {false, false, true, true, false};
  else if (what == am::new_processes) items = {false, false, true, false, false};
  else if (what == am::new_ports) items = {false, false, false, true, false};
  else return false;
  return true;
}
}  // namespace

static Result trace_one_process(Call& call, Term pid, bool on, const ParsedFlags& parsed, const Tracer& tracer) {
  Process* process = find_process(pid);
  if (!process) return raise_badarg(call);
  TraceChange outcome = on ? change_trace(*process, parsed.flags, 0, tracer) : change_trace(*process, 0, parsed.flags, tracer);
  if (outcome == TraceChange::done) return Term::small(1);
  log_to_logger(am::error, "** can only have one tracer per process\n\n", Term::nil(), nullptr);
  return raise_badarg(call);
}

static Result trace_one_port(Call& call, Term port, bool on, const ParsedFlags& parsed, const Tracer& tracer) {
  PortSignals* ports = port_signals();
  if (!ports || !ports->is_alive(port)) return raise_badarg(call);
  if (!ports->change_trace(port, on ? parsed.flags : 0, on ? 0 : parsed.flags, tracer)) return raise_badarg(call);
  return Term::small(1);
}

static size_t trace_existing(Call& call, const Items& items, bool on, uint32_t flags, const Tracer& tracer) {
  size_t count = 0;
  uint32_t add = on ? flags : 0, remove = on ? 0 : flags;
  if (items.existing_processes)
    for_each_process([&](Process& process) {
      call.charge(1);
      if (change_trace(process, add, remove, tracer) == TraceChange::done) count++;
    });
  if (items.existing_ports && port_signals())
    for (Term port : port_signals()->all())
      if (port_signals()->change_trace(port, add, remove, tracer)) count++;
  return count;
}

// What, true | false, flags. How many processes and ports it concerned.
static Result erts_internal_trace_3(Call& call) {
  ParsedFlags parsed;
  if (!parse_trace_flags(call.args[2], parsed)) return raise_badarg(call, am::badopt);
  if (call.args[1] != am::true_ && call.args[1] != am::false_) return raise_badarg(call);
  bool on = call.args[1] == am::true_;
  Tracer tracer = parsed.tracer.is_none() ? Tracer(call.process.self) : parsed.tracer;
  Term what = call.args[0];
  if (what.is_local_pid() || what.is_local_port()) {
    if (parsed.cpu_timestamp) return raise_badarg(call);
    return what.is_local_pid() ? trace_one_process(call, what, on, parsed, tracer) : trace_one_port(call, what, on, parsed, tracer);
  }
  Items items;
  if (!parse_items(what, items) || (parsed.cpu_timestamp && !items.cpu_timestamp_allowed)) return raise_badarg(call);
  if (parsed.cpu_timestamp) cpu_timestamps.store(on, std::memory_order_release);
  if (parsed.flags == 0) return Term::small(0);
  size_t count = trace_existing(call, items, on, parsed.flags, tracer);
  if (items.new_processes || items.new_ports)
    change_new_tracing(items.new_processes, items.new_ports, on ? parsed.flags : 0, on ? 0 : parsed.flags, tracer);
  return make_unsigned(call.arena(), count);
}

// --- erts_internal:trace_pattern/3 ---

namespace {

struct PatternFlags {
  bool local = false, global = false, meta = false, count = false, time = false;
  Tracer meta_tracer;
};

bool parse_pattern_flags(Term list, PatternFlags& flags) {
  for (; list.is_cons(); list = list.as_cons()->tail) {
    Term flag = list.as_cons()->head;
    if (flag == am::local) flags.local = true;
    else if (flag == am::global) flags.global = true;
    else if (flag == am::meta) flags.meta = true;
    else if (flag == am::call_count) flags.count = true;
    else if (flag == am::call_time) flags.time = true;
    else if (is_tuple_of_arity(flag, 2) || is_tuple_of_arity(flag, 3)) {
      if (!parse_tracer(flag, am::meta, flags.meta_tracer)) return false;
      flags.meta = true;
    } else {
      return false;
    }
  }
  bool others = flags.local || flags.meta || flags.count || flags.time;
  if (!others) flags.global = true;
  return list.is_nil() && !(flags.global && others);
}

bool parse_function_pattern(Term term, FunctionPattern& pattern) {
  if (!is_tuple_of_arity(term, 3)) return false;
  Term* parts = as_tuple(term)->elements;
  if (!parts[0].is_atom() || !parts[1].is_atom()) return false;
  bool any[3] = {parts[0] == am::underscore, parts[1] == am::underscore, parts[2] == am::underscore};
  if ((any[0] && !any[1]) || (any[1] && !any[2])) return false;
  if (!any[0]) pattern.module = parts[0];
  if (!any[1]) pattern.function = parts[1];
  if (any[2]) return true;
  if (!parts[2].is_small()) return false;
  int64_t arity = parts[2].as_small();
  pattern.arity = arity < 0 || arity > 255 ? 256 : static_cast<int>(arity);
  return true;
}

}  // namespace

// true, [] or a specification; nullptr: it is wrong.
static Ref<TracePattern> compile_pattern(Term specification) {
  auto pattern = Ref<TracePattern>::adopt(new TracePattern);
  if (specification == am::true_ || specification.is_nil()) return pattern;
  std::vector<std::string> errors;
  pattern->is_empty = false;
  if (!compile_match(specification, MatchDialect::trace, pattern->program, errors)) return nullptr;
  return pattern;
}

// Messages have no caller, and what arrives has nothing to do with what the receiver does just then.
static bool is_for_event(const TracePattern& pattern, Term event) {
  using enum MatchAction;
  static constexpr MatchAction of_calls[] = {caller, caller_line};
  static constexpr MatchAction of_processes[] = {silent, process_dump, enable_trace, disable_trace,
                                                 trace, is_seq_trace, set_seq_token, get_seq_token};
  auto performs = [&](MatchAction action) { return pattern.program.performs(action); };
  if (pattern.is_empty) return true;
  return std::ranges::none_of(of_calls, performs) && (event == am::send || std::ranges::none_of(of_processes, performs));
}

static Result trace_event_pattern(Call& call, Term event) {
  Term specification = call.args[1];
  if (!call.args[2].is_nil()) return raise_badarg(call, am::none);
  Ref<TracePattern> pattern;
  if (specification != am::false_) {
    if (specification == am::restart || specification == am::pause) return raise_badarg(call, am::none);
    pattern = compile_pattern(specification);
    if (!pattern || !is_for_event(*pattern, event)) return raise_badarg(call, am::match_spec);
  }
  set_event_pattern(event == am::send ? TracedEvent::send : TracedEvent::receive, pattern);
  return Term::small(1);
}

static PatternChange::Count count_change(bool wanted, Term specification) {
  if (!wanted) return PatternChange::Count::keep;
  if (specification == am::false_) return PatternChange::Count::off;
  if (specification == am::restart) return PatternChange::Count::restart;
  return specification == am::pause ? PatternChange::Count::pause : PatternChange::Count::on;
}

// {Module, Function, Arity} | on_load | send | 'receive'; true | false | restart | pause | specification; flags.
static Result erts_internal_trace_pattern_3(Call& call) {
  Term what = call.args[0], specification = call.args[1];
  if (what == am::send || what == am::receive) return trace_event_pattern(call, what);
  PatternFlags flags;
  bool on = specification != am::false_, is_atom = specification.is_atom();
  Ref<TracePattern> pattern;
  bool is_command = specification == am::restart || specification == am::pause;
  if (on) {
    pattern = compile_pattern(is_command ? Term::nil() : specification);
    if (!pattern) return raise_badarg(call, am::match_spec);
  }
  if (!parse_pattern_flags(call.args[2], flags)) return raise_badarg(call, am::badopt);
  if ((flags.count || flags.time) && !is_atom && !specification.is_nil()) return raise_badarg(call, flags.count ? am::call_count : am::call_time);
  if (is_command && !flags.count && !flags.time && !flags.local && !flags.meta) return raise_badarg(call, am::badopt);
  PatternChange change;
  change.only_exported = flags.global;
  if (flags.local || flags.global) {
    change.changes_scope = true;
    change.scope = !on ? CallScope::none : flags.local ? CallScope::local : CallScope::global;
    change.pattern = pattern;
  }
  if (flags.meta) {
    change.changes_meta = true;
    change.meta = pattern;
    if (on) change.meta_tracer = flags.meta_tracer.is_none() ? Tracer(call.process.self) : flags.meta_tracer;
  }
  change.count = count_change(flags.count, specification);
  change.time = count_change(flags.time, specification);
  if (what == am::on_load) {
    change_on_load(change);
    return Term::small(0);
  }
  FunctionPattern functions;
  if (!parse_function_pattern(what, functions)) return raise_badarg(call, am::none);
  size_t count = change_functions(call.process.machine, functions, change);
  call.charge(count / 16);
  return make_unsigned(call.arena(), count);
}

// --- erlang:trace_delivered/1 ---

// Trace messages are in the tracer's inbox before the tracee goes on; what it has not told yet are signals on their way to it.
// So the answer travels through the tracee, or through all of them.
static std::vector<Term> traced_processes() {
  std::vector<Term> pids;
  for_each_process([&](Process& process) {
    if (is_traced(process, trace_flag::all)) pids.push_back(process.self);
  });
  return pids;
}

static Result erlang_trace_delivered_1(Call& call) {
  Term tracee = call.args[0];
  if (!tracee.is_local_pid() && tracee != am::all) return raise_badarg(call);
  Term reference = make_reference(call.arena());
  ReferenceNumber number = reference_number(reference);
  Term caller = call.process.self;
  auto answer = [number, caller, tracee] {
    FragmentArena arena(16);
    Term message = make_tuple(arena, am::trace_delivered, tracee, make_reference(arena, number));
    (void)deliver_fragment(caller, message, arena.take());
  };
  std::vector<Term> tracees = tracee == am::all ? traced_processes() : std::vector{tracee};
  std::erase(tracees, caller);
  // The last one answers; this call counts as one.
  auto missing = std::make_shared<std::atomic<size_t>>(tracees.size() + 1);
  auto arrived = [answer, missing] {
    if (missing->fetch_sub(1, std::memory_order_acq_rel) == 1) answer();
  };
  for (Term pid : tracees) {
    auto* signal = new ActionSignal;
    signal->action = [arrived](Process&) { arrived(); };
    signal->gone = arrived;
    (void)deliver_signal(pid, signal);
  }
  call.charge(tracees.size());
  arrived();
  return reference;
}

static constexpr BifRow rows[] = {
    {"erts_internal", "trace", 3, erts_internal_trace_3, BifKind::plain, Authority::host},
    {"erts_internal", "trace_pattern", 3, erts_internal_trace_pattern_3, BifKind::plain, Authority::host},
    {"erlang", "trace_delivered", 1, erlang_trace_delivered_1, BifKind::plain, Authority::host},
};
const BifTable trace_bifs = rows;

}  // namespace hanse
