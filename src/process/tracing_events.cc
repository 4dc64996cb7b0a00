// What is told of processes: sending and receiving, scheduling, birth and death, collections.
#include <utility>

#include "base/epoch.h"
#include "process/engine.h"
#include "process/heap_report.h"
#include "process/ports_interface.h"
#include "process/process_table.h"
#include "process/scheduler.h"
#include "process/seq_trace.h"
#include "process/tracing.h"
#include "term/build.h"
#include "term/identifiers.h"
#include "term/node.h"

namespace hanse {

std::atomic<bool> receivers_ask_for_senders{false};
static std::atomic<EventPatterns*> event_patterns{nullptr};
void set_event_patterns(EventPatterns* patterns) { event_patterns.store(patterns, std::memory_order_release); }

// --- messages ---

static bool exists(Term to) {
  epoch::Guard guard;
  return !to.is_local_pid() || find_process(to) != nullptr;
}

void trace_send(Process& process, Term to, Term message) {
  FragmentArena arena(0);
  Term extra = Term::none();
  EventPatterns* patterns = event_patterns.load(std::memory_order_acquire);
  if (patterns && !patterns->matches_send(process, to, message, arena, extra)) return;
  Term tag = exists(to) ? am::send : am::send_to_non_existing_process;
  trace_event(process, trace_flag::send, {tag, message, to, extra});
}

void trace_receive(Process& process, Message& message) {
  FragmentArena arena(0);
  Term extra = Term::none(), from = am::undefined, node = this_node().name;
  if (message.is_tagged && !message.tagged().sender.is_none()) from = message.tagged().sender;
  if (from.is_boxed_kind(Boxed::external_pid)) node = from.as<ExternalPid>()->node()->name;
  else if (from.is_atom() && from != am::undefined) node = std::exchange(from, am::undefined);
  EventPatterns* patterns = event_patterns.load(std::memory_order_acquire);
  if (patterns && !patterns->matches_receive(process, from, node, message.term, arena, extra)) return;
  trace_event(process, trace_flag::receive, {am::receive, message.term, extra});
}

void trace_timeout(Process& process) {
  FragmentArena arena(0);
  Term extra = Term::none();
  EventPatterns* patterns = event_patterns.load(std::memory_order_acquire);
  if (patterns && !patterns->matches_receive(process, am::undefined, am::clock_service, am::timeout, arena, extra)) return;
  trace_event(process, trace_flag::receive, {am::receive, am::timeout, extra});
}

// --- scheduling ---

Term current_function(Arena& arena, Process& process) {
  Term frames = engine().stack_trace(arena, process, 1);
  if (!frames.is_cons())
    return make_tuple(arena, process.initial_module, process.initial_function, Term::small(process.initial_arity));
  Term* parts = as_tuple(frames.as_cons()->head)->elements;
  return make_tuple(arena, parts[0], parts[1], parts[2]);
}

static void trace_scheduled(Process& process, Term tag) {
  FragmentArena arena(64);
  Term place = current_function(arena, process);
  trace_event(process, trace_flag::running | trace_flag::running_procs, {tag, place});
}

void trace_scheduled_in(Process& process) {
  if (is_traced(process, trace_flag::measures_calls))
    if (CallClock* clock = trace_of(process).call_clock.get()) clock->scheduled_in();
  if (is_traced(process, trace_flag::running | trace_flag::running_procs)) trace_scheduled(process, am::in);
}

void trace_scheduled_out(Process& process) {
  if (is_traced(process, trace_flag::measures_calls))
    if (CallClock* clock = trace_of(process).call_clock.get()) clock->scheduled_out();
  if (is_traced(process, trace_flag::running | trace_flag::running_procs)) trace_scheduled(process, am::out);
}

void trace_exited(Process& process) {
  if (is_traced(process, trace_flag::measures_calls))
    if (CallClock* clock = trace_of(process).call_clock.get()) clock->scheduled_out();
  TRACE_EVENT(process, trace_flag::exiting, am::out_exited, Term::small(0));
}

// --- birth ---

// What a new process inherits from its parent, and what is traced of all new ones.
static TraceSettings inherited(Process& parent) {
  TraceSettings from = checked_trace_settings(parent), result;
  bool always = from.flags & trace_flag::set_on_spawn, first = from.flags & trace_flag::set_on_first_spawn;
  if (always || first) {
    result = from;
    if (first) {
      result.flags &= ~(trace_flag::set_on_first_spawn | trace_flag::set_on_spawn);
      (void)change_trace(parent, 0, trace_flag::set_on_first_spawn | trace_flag::set_on_spawn, {});
    }
  } else if (anything_new_is_traced.load(std::memory_order_relaxed)) {
    result = new_tracing().processes;
  }
  return result;
}

// set_on_link: as in stock, only links made by spawning carry flags.
static void trace_linked(Process& process, Process& other) {
  TraceSettings from = trace_settings(process);
  bool first = from.flags & trace_flag::set_on_first_link;
  if (!(from.flags & trace_flag::set_on_link) && !first) return;
  TraceSettings given = from;
  if (first) {
    given.flags &= ~(trace_flag::set_on_first_link | trace_flag::set_on_link);
    (void)change_trace(process, 0, trace_flag::set_on_first_link | trace_flag::set_on_link, {});
  }
  if (given.tracer.is(other.self)) return;
  (void)change_trace(other, given.flags, 0, given.tracer);
}

void trace_spawn(Process& parent, Process& child, Term module, Term function, Term arguments, bool link) {
  TraceSettings settings = inherited(parent);
  if (settings.flags != 0 && !settings.tracer.is(child.self)) set_trace(child, settings);
  if (is_traced(parent, trace_flag::notes_sender)) child.trace_flags.fetch_or(trace_flag::notes_sender, std::memory_order_relaxed);
  FragmentArena arena(8);
  Term mfa = make_tuple(arena, module, function, arguments);
  TRACE_EVENT(parent, trace_flag::procs, am::spawn, child.self, mfa);
  TRACE_EVENT(child, trace_flag::procs, am::spawned, parent.self, mfa);
  if (!link) return;
  TRACE_EVENT(parent, trace_flag::procs, am::link, child.self);
  TRACE_EVENT(child, trace_flag::procs, am::getting_linked, parent.self);
  trace_linked(parent, child);
}

// --- collections ---

void trace_collection(Process& process, Term when, size_t words) {
  FragmentArena arena(128);
  Term size = make_tuple(arena, am::wordsize, make_unsigned(arena, words));
  Term figures = make_cons(arena, size, garbage_collection_info(arena, process.heap));
  trace_event(process, trace_flag::garbage_collection, {when, figures});
}

}  // namespace hanse
