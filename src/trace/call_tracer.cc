// Calls of traced functions: what is told of them, what is counted, and what is to be told when they return.
#include "trace/call_tracer.h"

#include <algorithm>
#include <vector>

#include "base/epoch.h"
#include "code/module.h"
#include "process/timer_service.h"
#include "term/binary_view.h"
#include "term/build.h"
#include "trace/trace_match.h"

namespace hanse {

void FunctionTrace::set(const FunctionTraceSettings& settings) {
  const FunctionTraceSettings* next = settings.is_empty() ? nullptr : new FunctionTraceSettings(settings);
  const FunctionTraceSettings* old = settings_.exchange(next, std::memory_order_acq_rel);
  has_lost_meta_tracer.store(false, std::memory_order_release);
  if (old) epoch::retire(const_cast<FunctionTraceSettings*>(old));
}

namespace {

// Where a process is among the functions whose time is measured. Time goes to the innermost of them.
class TimeStack final : public CallClock {
 public:
  explicit TimeStack(Term pid) : pid_(pid) {}
  void enter(Ref<CallTime> time, bool replaces) {
    settle();
    time->add(pid_, 1, 0);
    if (replaces && !stack_.empty()) stack_.back() = std::move(time);
    else stack_.push_back(std::move(time));
  }
  void leave() {
    settle();
    if (!stack_.empty()) stack_.pop_back();
  }
  void scheduled_in() override { since_ns_ = monotonic_now_ns(); }
  void scheduled_out() override { settle(); }

 private:
  // What has passed belongs to the innermost function.
  void settle() {
    uint64_t now = monotonic_now_ns();
    if (!stack_.empty() && !stack_.back()->paused.load(std::memory_order_relaxed)) stack_.back()->add(pid_, 0, now - since_ns_);
    since_ns_ = now;
  }
  const Term pid_;
  std::vector<Ref<CallTime>> stack_;
  uint64_t since_ns_ = monotonic_now_ns();
};

TimeStack& time_stack(Process& process) {
  ProcessTrace& own = trace_of(process);
  if (!own.call_clock) own.call_clock = std::make_unique<TimeStack>(process.self);
  process.trace_flags.fetch_or(trace_flag::measures_calls, std::memory_order_relaxed);
  return static_cast<TimeStack&>(*own.call_clock);
}

Term mfa(Arena& arena, const TracedFunction& function, Term arguments) {
  return make_tuple(arena, function.module, function.function, arguments);
}
Term mfa(Arena& arena, const TracedFunction& function) { return mfa(arena, function, Term::small(function.arity)); }

// The compiler passes the state of a match on between functions of a module. For everybody else that is a bitstring: what is left.
constexpr size_t max_arguments = 256;
bool is_match_context(Term term) { return term.is_boxed_kind(Boxed::match_context); }
std::span<const Term> without_match_contexts(Arena& arena, std::span<const Term> arguments, std::span<Term> copies) {
  for (size_t i = 0; i < arguments.size(); i++) {
    copies[i] = arguments[i];
    if (!is_match_context(arguments[i])) continue;
    auto* context = arguments[i].as<MatchContext>();
    copies[i] = make_sub_binary(arena, context->original, context->position, context->end - context->position);
  }
  return copies.first(arguments.size());
}

class CallTeller final : public CallTracer {
 public:
  TraceFrame called(Process& process, Breakpoint& breakpoint, const TracedFunction& function, std::span<const Term> arguments,
                    Ip caller, uint32_t outer) override {
    auto& trace = static_cast<FunctionTrace&>(breakpoint);
    const FunctionTraceSettings* settings = trace.settings();
    TraceFrame frame;
    if (!settings) return frame;
    FragmentArena readable(0);
    Term copies[max_arguments];
    if (std::ranges::any_of(arguments, is_match_context)) arguments = without_match_contexts(readable, arguments, copies);
    if (settings->count && !settings->count->paused.load(std::memory_order_relaxed))
      settings->count->calls.fetch_add(1, std::memory_order_relaxed);
    if (settings->scope != CallScope::none && is_traced(process, trace_flag::call) && !process.sensitive)
      tell_call(process, *settings, function, arguments, caller, outer, frame);
    if (settings->meta && !process.sensitive) tell_meta(process, trace, *settings, function, arguments, caller, frame);
    if (settings->time && !settings->time->paused.load(std::memory_order_relaxed) && has_call_tracer(process)) {
      bool replaces = (outer & trace_frame::time) != 0 && (frame.kind & ~trace_frame::return_to) == 0;
      time_stack(process).enter(settings->time, replaces);
      if (!replaces) frame.kind |= trace_frame::time;
    }
    if (frame.kind != 0 && (outer & (trace_frame::return_to | trace_frame::return_to_below)) != 0) frame.kind |= trace_frame::return_to_below;
    return frame;
  }

  void returned(Process& process, const TraceFrame& frame, const TracedFunction& function, Term value, Ip to) override {
    if (frame.kind & trace_frame::time) time_stack(process).leave();
    FragmentArena arena(8);
    if (frame.kind & (trace_frame::meta_return_from | trace_frame::meta_exception_from))
      (void)send_trace(Tracer(frame.tracer), trace_flag::timestamp, process.self, {am::return_from, mfa(arena, function), value});
    if ((frame.kind & (trace_frame::return_from | trace_frame::exception_from)) && is_heard(process))
      trace_event(process, trace_flag::call, {am::return_from, mfa(arena, function), value});
    if ((frame.kind & trace_frame::return_to) && is_traced(process, trace_flag::return_to) && is_heard(process)) {
      CodePlace place;
      Term target = am::undefined;
      if (find_code(to - 1, place)) target = make_tuple(arena, place.module, place.function, Term::small(place.arity));
      trace_event(process, trace_flag::return_to, {am::return_to, target});
    }
  }

  void raised(Process& process, const TraceFrame& frame, const TracedFunction& function, Term exception_class,
              Term reason) override {
    if (frame.kind & trace_frame::time) time_stack(process).leave();
    FragmentArena arena(16);
    Term exception = make_tuple(arena, exception_class, reason);
    if (frame.kind & trace_frame::meta_exception_from)
      (void)send_trace(Tracer(frame.tracer), trace_flag::timestamp, process.self, {am::exception_from, mfa(arena, function), exception});
    if ((frame.kind & trace_frame::exception_from) && is_heard(process))
      trace_event(process, trace_flag::call, {am::exception_from, mfa(arena, function), exception});
  }

 private:
  static bool has_call_tracer(Process& process) {
    return is_traced(process, trace_flag::call) && (checked_trace_settings(process).flags & trace_flag::call) != 0;
  }
  static bool is_heard(const Process& process) { return !is_traced(process, trace_flag::silent); }

  static void tell_call(Process& process, const FunctionTraceSettings& settings, const TracedFunction& function,
                        std::span<const Term> arguments, Ip caller, uint32_t outer, TraceFrame& frame) {
    TraceSettings traced = trace_settings(process);
    if (!(traced.flags & trace_flag::call)) return;
    if (traced.tracer.is(process.self)) return;
    TracerAnswer answer = ask_tracer(traced.tracer, am::call, process.self);
    if (answer == TracerAnswer::remove) return set_trace(process, {});
    if (answer == TracerAnswer::discard) return;
    FragmentArena arena(0);
    MatchResult result = run_pattern(*settings.pattern, {process, caller}, arguments, arena);
    if (!result.matches) return;
    // Actions may have changed how the call is told, and to whom; that it is told has been decided.
    if (TraceSettings now = trace_settings(process); now.flags != 0) traced = now;
    if (!(traced.flags & trace_flag::silent) && result.message != am::false_) {
      Term given = traced.flags & trace_flag::arity ? Term::small(function.arity) : make_list(arena, arguments);
      if (!tell_tracer(traced.tracer, traced.flags, process.self, {am::call, mfa(arena, function, given), result.message}))
        set_trace(process, {});
    }
    if (result.exception_trace) frame.kind |= trace_frame::exception_from;
    else if (result.return_trace) frame.kind |= trace_frame::return_from;
    bool wants_return_to = settings.scope == CallScope::local && is_traced(process, trace_flag::return_to);
    bool is_below = (outer & (trace_frame::return_to | trace_frame::return_to_below)) != 0;
    if (wants_return_to && !is_below) frame.kind |= trace_frame::return_to;
  }

  static void tell_meta(Process& process, FunctionTrace& trace, const FunctionTraceSettings& settings, const TracedFunction& function,
                        std::span<const Term> arguments, Ip caller, TraceFrame& frame) {
    const Tracer& tracer = settings.meta_tracer;
    if (tracer.is(process.self) || trace.has_lost_meta_tracer.load(std::memory_order_acquire)) return;
    TracerAnswer answer = ask_tracer(tracer, am::call, process.self);
    if (answer == TracerAnswer::remove) trace.has_lost_meta_tracer.store(true, std::memory_order_release);
    if (answer != TracerAnswer::trace) return;
    FragmentArena arena(0);
    MatchResult result = run_pattern(*settings.meta, {process, caller}, arguments, arena);
    if (!result.matches) return;
    if (result.message != am::false_)
      (void)tell_tracer(tracer, trace_flag::timestamp, process.self,
                        {am::call, mfa(arena, function, make_list(arena, arguments)), result.message});
    if (result.exception_trace) frame.kind |= trace_frame::meta_exception_from;
    else if (result.return_trace) frame.kind |= trace_frame::meta_return_from;
    if (frame.kind & (trace_frame::meta_return_from | trace_frame::meta_exception_from)) frame.tracer = tracer.read(process.heap);
  }
};

}  // namespace

CallTracer& tracer_of_calls() {
  static auto* only = new CallTeller;
  return *only;
}

}  // namespace hanse
