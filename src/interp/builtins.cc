// Built-in functions called by guards and bodies as instructions, and the few that have instructions of their own.
#include "code/native_function.h"
#include "interp/entries.h"
#include "interp/handler.h"
#include "process/call.h"

namespace hanse {

// Runs a row on arguments that lie outside the X registers. None of these functions yields.
Result call_row(Process* p, const BifRow* row, Term* arguments) {
  Call call{*p, arguments, row};
  return entry_of(*row)(call);
}

#define BUILTIN_RESULT(result, destination)              \
  do {                                                   \
    RELOAD();                                            \
    if ((result).is_term()) [[likely]] {                 \
      SET(destination, (result).term());                 \
      break;                                             \
    }                                                    \
    if (HAS_LABEL(0)) DISPATCH(LABEL(0));                \
    TAIL_CALL(unwind);                                   \
  } while (false)

#define COLLECT_BEFORE(live)                                          \
  do {                                                                \
    if ((live) != no_live_count && p->heap.wants_collection()) [[unlikely]] { \
      if (!collect_garbage(p, x, 0, (live))) TAIL_CALL(unwind);       \
      RELOAD_ALL();                                                   \
    }                                                                 \
  } while (false)

HANDLER(bif0) {
  SYNC();
  p->ip = ip;
  Result result = call_row(p, POINTER(const BifRow, 0), nullptr);
  RELOAD();
  if (!result.is_term()) TAIL_CALL(unwind);
  SET(1, result.term());
  NEXT();
}
HANDLERS_OF(bif0)

HANDLER(bif1) {
  SYNC();
  COLLECT_BEFORE(NUMBER(1));
  Term arguments[] = {GET(3)};
  p->ip = ip;
  Result result = call_row(p, POINTER(const BifRow, 2), arguments);
  BUILTIN_RESULT(result, 4);
  NEXT();
}
HANDLERS_OF(bif1)

HANDLER(bif2) {
  SYNC();
  COLLECT_BEFORE(NUMBER(1));
  Term arguments[] = {GET(3), GET(4)};
  p->ip = ip;
  Result result = call_row(p, POINTER(const BifRow, 2), arguments);
  BUILTIN_RESULT(result, 5);
  NEXT();
}
HANDLERS_OF(bif2)

HANDLER(bif3) {
  SYNC();
  COLLECT_BEFORE(NUMBER(1));
  AnyReader reader{TAIL()};
  Term arguments[3];
  for (Term& argument : arguments) argument = reader.next(x, e);
  p->ip = ip;
  Result result = call_row(p, POINTER(const BifRow, 2), arguments);
  BUILTIN_RESULT(result, 3);
  DISPATCH(after_tail(reader.at));
}
HANDLERS_OF(bif3)

HANDLER(element) {
  Term index = GET(1), tuple = GET(2);
  if (index.is_small() && tuple.is_tuple()) [[likely]] {
    auto position = static_cast<uint64_t>(index.as_small()) - 1;
    if (position < as_tuple(tuple)->arity()) [[likely]] {
      SET(3, as_tuple(tuple)->elements[position]);
      NEXT();
    }
  }
  if (HAS_LABEL(0)) DISPATCH(LABEL(0));
  SYNC();
  p->exception = {};
  p->exception.exception_class = ExceptionClass::error;
  p->exception.reason = am::badarg;
  p->exception.bif = entries().element_row;
  p->exception.arguments = make_list(p->heap, std::initializer_list<Term>{index, tuple});
  RELOAD();
  TAIL_CALL(unwind);
}
HANDLERS_OF(element)

HANDLER(self_) {
  SET(0, p->self);
  NEXT();
}
HANDLERS_OF(self_)

HANDLER(tuple_size) {
  Term tuple = GET(1);
  if (tuple.is_tuple()) [[likely]] {
    SET(2, Term::small(static_cast<int64_t>(as_tuple(tuple)->arity())));
    NEXT();
  }
  if (HAS_LABEL(0)) DISPATCH(LABEL(0));
  SYNC();
  p->exception = {};
  p->exception.reason = am::badarg;
  p->exception.bif = entries().tuple_size_row;
  p->exception.arguments = make_list(p->heap, std::initializer_list<Term>{tuple});
  RELOAD();
  TAIL_CALL(unwind);
}
HANDLERS_OF(tuple_size)

HANDLER(nif_start) {
  Export* native = POINTER(NativeFunction, 0)->replacement.load(std::memory_order_acquire);
  if (native == nullptr) NEXT();
  DISPATCH(native->entry.load(std::memory_order_relaxed));
}
HANDLERS_OF(nif_start)

}  // namespace hanse
