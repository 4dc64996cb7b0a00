// Raising and catching. A catch marker in a Y slot holds the handler's address; unwinding looks for the nearest one on the
// stack, frame by frame. At a handler x0 is none(), x1 the class, x2 the reason, x3 the raw trace (trace.h).
#include "interp/breakpoints.h"
#include "interp/handler.h"
#include "interp/trace.h"
#include "process/call.h"
#include "process/spawn.h"

namespace hanse {

void set_error(Process* p, Term reason) {
  p->exception = Exception{};
  p->exception.exception_class = ExceptionClass::error;
  p->exception.reason = reason;
}

void set_error_pair(Process* p, Term what, Term value) { set_error(p, make_tuple(p->heap, what, value)); }

void set_error_with_arguments(Process* p, Term reason, Term arguments) {
  set_error(p, reason);
  p->exception.arguments = arguments;
}

static void raise_here(Process* p, Term reason) { set_error(p, reason); }

HANSE_PRESERVE_NONE void raise_badarith(ENGINE_PARAMETERS) {
  SYNC();
  set_operator_error(p, ip, am::badarith, x, e);
  RELOAD();
  TAIL_CALL(unwind);
}
HANSE_PRESERVE_NONE void raise_badarg_here(ENGINE_PARAMETERS) {
  raise_here(p, am::badarg);
  TAIL_CALL(unwind);
}
HANSE_PRESERVE_NONE void raise_system_limit_here(ENGINE_PARAMETERS) {
  SYNC();
  set_operator_error(p, ip, am::system_limit, x, e);
  RELOAD();
  TAIL_CALL(unwind);
}

namespace {

// The nearest handler: its address, and the frame that it belongs to.
struct Found {
  Ip handler = nullptr;
  Term* frame = nullptr;
};
Found find_handler(const Process* p, Term* e) {
  auto* bottom = reinterpret_cast<Term*>(p->heap.stack_bottom());
  Term* frame = e;
  for (Term* slot = e; slot < bottom; slot++) {
    if (slot->is_header()) frame = slot + 1;  // a return address ends a frame
    else if (slot->is_catch_marker()) return {static_cast<Ip>(slot->catch_handler()), frame};
  }
  return {};
}

Term class_atom(ExceptionClass exception_class) {
  switch (exception_class) {
    case ExceptionClass::error: return am::error;
    case ExceptionClass::exit: return am::exit;
    case ExceptionClass::throw_: return am::throw_;
  }
  return am::error;
}

ExceptionClass class_of_atom(Term atom) {
  return atom == am::exit ? ExceptionClass::exit : atom == am::throw_ ? ExceptionClass::throw_ : ExceptionClass::error;
}

}  // namespace

HANSE_PRESERVE_NONE void unwind(ENGINE_PARAMETERS) {
  SYNC();
  if (!p->pending_exit.is_none()) {  // the process has been told to end: no handler can stop that
    p->live = 0;
    RELOAD();
    TAIL_CALL(end_slice_yielded);
  }
  Found found = find_handler(p, e);
  if (found.handler == nullptr && p->exception.exception_class == ExceptionClass::exit && !is_traced(*p, trace_flag::has_frames)) {
    exit_with_exception(*p, Term::nil());  // nobody will see where it happened
    register_file(x).slice_end = SliceEnd::exited;
    return;
  }
  Term raw = raw_trace(p, ip, e);
  if (found.handler == nullptr && p->exception.exception_class == ExceptionClass::throw_) {
    p->exception.exception_class = ExceptionClass::error;
    p->exception.reason = make_tuple(p->heap, am::nocatch, p->exception.reason);
  }
  if (is_traced(*p, trace_flag::has_frames)) [[unlikely]] {
    const Term* end = found.handler ? found.frame : reinterpret_cast<Term*>(p->heap.stack_bottom());
    tell_of_exception(p, e, end, class_atom(p->exception.exception_class), p->exception.reason, found.handler);
  }
  if (found.handler == nullptr) {
    Term trace = stack_trace_of_raw(p, raw);
    exit_with_exception(*p, trace);
    register_file(x).slice_end = SliceEnd::exited;
    return;
  }
  x[0] = Term::none();
  x[1] = class_atom(p->exception.exception_class);
  x[2] = p->exception.reason;
  x[3] = raw;
  p->exception = Exception{};
  p->resume.reset();
  RELOAD();
  e = found.frame;
  DISPATCH(found.handler);
}

HANDLER(catch_) {
  e[NUMBER(0)] = Term::catch_marker(LABEL(1));
  NEXT();
}
HANDLERS_OF(catch_)

HANDLER(catch_end) {
  e[NUMBER(0)] = Term::nil();
  if (!x[0].is_none()) [[likely]] NEXT();
  SYNC();
  Term reason = x[2];
  if (x[1] == am::throw_) {
    x[0] = reason;
  } else {
    if (x[1] == am::error) reason = make_tuple(p->heap, reason, stack_trace_of_raw(p, x[3]));
    x[0] = make_tuple(p->heap, am::EXIT, reason);
  }
  if (p->heap.wants_collection()) {
    if (!collect_garbage(p, x, 0, 1)) TAIL_CALL(unwind);
    RELOAD_ALL();
  }
  RELOAD();
  NEXT();
}
HANDLERS_OF(catch_end)

HANDLER(try_end) {
  e[NUMBER(0)] = Term::nil();
  NEXT();
}
HANDLERS_OF(try_end)

HANDLER(try_case) {
  e[NUMBER(0)] = Term::nil();
  x[0] = x[1];
  x[1] = x[2];
  x[2] = x[3];
  SYNC();
  if (p->heap.wants_collection()) {
    if (!collect_garbage(p, x, 0, 3)) TAIL_CALL(unwind);
    RELOAD_ALL();
  }
  NEXT();
}
HANDLERS_OF(try_case)

#define RAISE_PAIR(name, what)          \
  HANDLER(name) {                       \
    SYNC();                             \
    set_error_pair(p, what, GET(0));    \
    RELOAD();                           \
    TAIL_CALL(unwind);                  \
  }                                     \
  HANDLERS_OF(name)

RAISE_PAIR(try_case_end, am::try_clause)
RAISE_PAIR(badmatch, am::badmatch)
RAISE_PAIR(case_end, am::case_clause)
RAISE_PAIR(badrecord, am::badrecord)
#undef RAISE_PAIR

HANDLER(if_end) {
  set_error(p, am::if_clause);
  TAIL_CALL(unwind);
}
HANDLERS_OF(if_end)

// Raises again what a try has caught; the class is in the raw trace.
HANDLER(raise) {
  Term raw = GET(0), reason = GET(1);
  p->exception = Exception{};
  p->exception.exception_class = class_of_atom(raw_trace_class(raw));
  p->exception.reason = reason;
  p->exception.trace = raw;
  TAIL_CALL(unwind);
}
HANDLERS_OF(raise)

HANDLER(build_stacktrace) {
  SYNC();
  x[0] = stack_trace_of_raw(p, x[0]);
  if (p->heap.wants_collection()) {
    if (!collect_garbage(p, x, 0, 1)) TAIL_CALL(unwind);
    RELOAD_ALL();
  }
  RELOAD();
  NEXT();
}
HANDLERS_OF(build_stacktrace)

HANDLER(raw_raise) {
  Term exception_class = x[0];
  if (exception_class != am::error && exception_class != am::exit && exception_class != am::throw_) {
    x[0] = am::badarg;
    NEXT();
  }
  p->exception = Exception{};
  p->exception.exception_class = class_of_atom(exception_class);
  p->exception.reason = x[1];
  p->exception.trace = x[2];
  TAIL_CALL(unwind);
}
HANDLERS_OF(raw_raise)

}  // namespace hanse
