#include "process/call.h"

namespace hanse {

Result raise(Call& call, ExceptionClass exception_class, Term reason) {
  call.process.exception = {.exception_class = exception_class, .reason = reason, .arguments = Term::none()};
  return Result::raised();
}

Result raise_error(Call& call, Term reason) {
  Term arguments = make_list(call.arena(), {call.args, call.row->arity});
  call.process.exception = {.exception_class = ExceptionClass::error, .reason = reason, .arguments = arguments, .bif = call.row};
  return Result::raised();
}

Result raise_badarg(Call& call, Term cause) {
  Result result = raise_error(call, am::badarg);
  call.process.exception.cause = cause;
  return result;
}

Result raise_system_limit(Call& call) { return raise_error(call, am::system_limit); }

}  // namespace hanse
