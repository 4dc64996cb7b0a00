// Traced functions. A breakpoint (code/breakpoint.h) tells the tracer of the call and then runs the instruction that it stands
// for. What must be told when the function returns is a frame of its own between the function and its caller:
//
//   e -> | trace_return | kind | module | function | arity | tracer | return address of the caller ...
//
// so a traced tail call does not run in constant space if its return is to be told. When an exception passes such frames,
// unwinding tells of them (exceptions.cc).
#include "interp/breakpoints.h"

#include "code/module.h"
#include "interp/enter.h"
#include "interp/entries.h"
#include "interp/handler.h"

namespace hanse {

namespace {

bool is_trace_return(Term slot) { return slot.word() == reinterpret_cast<Word>(entries().trace_return); }

// Parts of a frame, behind the address of trace_return.
constexpr size_t kind_slot = 0, module_slot = 1, function_slot = 2, arity_slot = 3, tracer_slot = 4, frame_slots = 5;
constexpr size_t frame_words = frame_slots + 1;

TraceFrame frame_at(const Term* slots) {
  return {.kind = static_cast<uint32_t>(slots[kind_slot].as_small()), .tracer = slots[tracer_slot]};
}
TracedFunction function_at(const Term* slots) {
  return {slots[module_slot], slots[function_slot], static_cast<uint32_t>(slots[arity_slot].as_small())};
}

// The return address behind any frames of traced calls.
Ip real_return(const Term* slot) {
  while (is_trace_return(*slot)) slot += frame_words;
  return reinterpret_cast<Ip>(slot->word());
}

}  // namespace

bool has_breakpoint(Ip ip) {
  return __atomic_load_n(ip, __ATOMIC_RELAXED) == static_cast<uint32_t>(handler_offset(Instruction::breakpoint, 0));
}

uint32_t original_word(Ip ip) {
  Module* module = module_of(ip);
  return module ? module->original_word(ip) : *ip;
}

void tell_again_not(Process& process, Ip ip) {
  if (has_breakpoint(ip)) process.trace_flags.fetch_or(trace_flag::skip_breakpoint, std::memory_order_relaxed);
}

void tell_of_exception(Process* p, Term* e, const Term* end, Term exception_class, Term reason, Ip handler) {
  uint32_t kinds = 0;
  for (Term* slot = e; slot < end; slot++) {
    if (!is_trace_return(*slot)) continue;
    TraceFrame frame = frame_at(slot + 1);
    kinds |= frame.kind;
    call_tracer().raised(*p, frame, function_at(slot + 1), exception_class, reason);
    slot += frame_slots;
  }
  if (handler != nullptr && (kinds & trace_frame::return_to)) {
    TraceFrame frame{.kind = trace_frame::return_to};
    call_tracer().returned(*p, frame, {}, Term::nil(), handler + 1);
  }
}

// Tells of the call; makes the frame, for which there is room.
static Term* tell_of_call(Process* p, Term* e, Term* x, Breakpoint& breakpoint, const TracedFunction& function) {
  uint32_t outer = is_trace_return(*e) ? frame_at(e + 1).kind : 0;
  p->heap.limit -= frame_words;  // actions of a match specification build terms in the heap: the frame's room is none of theirs
  TraceFrame frame = call_tracer().called(*p, breakpoint, function, {x, function.arity}, real_return(e), outer);
  if (frame.kind == 0) return e;
  p->trace_flags.fetch_or(trace_flag::has_frames, std::memory_order_relaxed);
  e -= frame_words;
  e[0] = Term::from_word(reinterpret_cast<Word>(entries().trace_return));
  Term* slots = e + 1;
  slots[kind_slot] = Term::small(frame.kind);
  slots[module_slot] = function.module;
  slots[function_slot] = function.function;
  slots[arity_slot] = Term::small(function.arity);
  slots[tracer_slot] = frame.tracer;
  return e;
}

// Room for a frame, and the slack below it.
#define ENSURE_FRAME(arity)                                                                                        \
  do {                                                                                                             \
    if (reinterpret_cast<Word*>(e) - h < static_cast<ptrdiff_t>(frame_words + 2 * stack_slack)) [[unlikely]] {     \
      SYNC();                                                                                                      \
      if (!collect_garbage(p, x, frame_words + 2 * stack_slack, (arity))) TAIL_CALL(unwind);                       \
      RELOAD_ALL();                                                                                                \
    }                                                                                                              \
  } while (false)

static Handler handler_of_word(uint32_t word) {
  return reinterpret_cast<Handler>(handler_base() + static_cast<uintptr_t>(static_cast<int32_t>(word)));
}

HANDLER(breakpoint) {
  Module* module = module_of(ip);
  const EmittedFunction* function = module->function_of(ip);
  Breakpoint& breakpoint = *module->breakpoint_at(ip);
  if (is_traced(*p, trace_flag::skip_breakpoint)) {
    p->trace_flags.fetch_and(~trace_flag::skip_breakpoint, std::memory_order_relaxed);
  } else {
    ENSURE_FRAME(function->arity);
    SYNC();
    e = tell_of_call(p, e, x, breakpoint, {module->name, function->name, function->arity});
    RELOAD();
  }
  Handler original = handler_of_word(breakpoint.original);
  TAIL_CALL(original);
}
HANDLERS_OF(breakpoint)

// Calls of erlang:apply/2,3 are no calls for those who trace, except the first one of a process.
static bool is_told_of(const Export& target, const Term* e) {
  bool is_apply = target.bif != nullptr && target.bif->kind == BifKind::engine && target.function == am::apply;
  return !is_apply || e->word() == reinterpret_cast<Word>(entries().end_process);
}

HANDLER(export_breakpoint) {
  ExportBreakpoint& breakpoint = ExportBreakpoint::of(ip);
  Export& target = *breakpoint.owner;
  if (is_traced(*p, trace_flag::saves_calls) && is_told_of(target, e)) save_call(*p, target.module, target.function, target.arity);
  // The export may lead elsewhere by now.
  if (target.entry.load(std::memory_order_acquire) == breakpoint.words && is_told_of(target, e)) {
    ENSURE_FRAME(target.arity);
    SYNC();
    e = tell_of_call(p, e, x, *breakpoint.data, {target.module, target.function, target.arity});
    RELOAD();
  }
  DISPATCH(breakpoint.target.load(std::memory_order_acquire));
}
HANDLERS_OF(export_breakpoint)

HANDLER(trace_return) {
  SYNC();
  TraceFrame frame = frame_at(e);
  call_tracer().returned(*p, frame, function_at(e), x[0], real_return(e + frame_slots));
  RELOAD();
  e += frame_slots;
  RETURN();
}
HANDLERS_OF(trace_return)

// What call_bif calls while the built-in function is traced: it is to be called through its export.
Result call_through_export(Call& call) {
  call.process.trap_target = reinterpret_cast<Export*>(load_unaligned<Word>(call.process.ip + 1));
  return Result::trap();
}

uint32_t export_breakpoint_word() { return static_cast<uint32_t>(handler_offset(Instruction::export_breakpoint, 0)); }
uint32_t breakpoint_word() { return static_cast<uint32_t>(handler_offset(Instruction::breakpoint, 0)); }

}  // namespace hanse
