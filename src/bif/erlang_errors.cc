// erlang: raising exceptions.
#include <algorithm>

#include "bif/tables.h"
#include "code/module.h"
#include "process/call.h"
#include "process/node_settings.h"

namespace hanse {

// error/1: the stack trace begins where it was called.
static Result erlang_error_1(Call& call) { return raise(call, ExceptionClass::error, call.args[0]); }

// error/2. Second argument: the arguments for the top frame; anything but a list stands for `none`.
static Result erlang_error_2(Call& call) {
  Result result = raise(call, ExceptionClass::error, call.args[0]);
  if (call.args[1].is_list()) call.process.exception.arguments = call.args[1];
  return result;
}

// error/3. Options: [{error_info, Map}]; the last one counts, what is malformed is ignored.
static Result erlang_error_3(Call& call) {
  Term error_info = Term::none();
  Term options = call.args[2];
  for (; options.is_cons(); options = options.as_cons()->tail) {
    Term option = options.as_cons()->head;
    if (is_tuple_of_arity(option, 2) && as_tuple(option)->elements[0] == am::error_info)
      error_info = as_tuple(option)->elements[1];
  }
  Result result = raise(call, ExceptionClass::error, call.args[0]);
  if (call.args[1].is_list()) call.process.exception.arguments = call.args[1];
  if (options.is_nil() && !error_info.is_none() && error_info.is_map()) call.process.exception.error_info = error_info;
  return result;
}

// nif_error/1: the body of a built-in function that is missing, which in stock nobody ever gets to see. OTP's own modules give
// several reasons; guests shall find undef, and the name of the function in the trace.
static Result erlang_nif_error_1(Call& call) {
  CodePlace place;
  bool is_stub = call.args[0] == am::undefined && find_code(call.process.ip, place) &&
                 place.module == am::erlang;
  return raise(call, ExceptionClass::error, is_stub ? am::undef : call.args[0]);
}

static Result erlang_exit_1(Call& call) { return raise(call, ExceptionClass::exit, call.args[0]); }
static Result erlang_throw_1(Call& call) { return raise(call, ExceptionClass::throw_, call.args[0]); }

// One element of a stack trace with its location: {Module, Function, ArityOrArguments, Location} or
// {Fun, Arguments, Location}; the location may be left out. none() if it is malformed. Arities and arguments may be anything.
static Term checked_frame(Arena& arena, Term frame) {
  if (!frame.is_tuple()) return Term::none();
  auto elements = as_tuple(frame)->span();
  size_t size = elements.size();
  size_t head_size = 0;
  if (size >= 2 && elements[0].is_fun())
    head_size = 2;
  else if (size >= 3 && elements[0].is_atom() && elements[1].is_atom())
    head_size = 3;
  else
    return Term::none();
  if (size == head_size + 1) return elements[head_size].is_list() ? frame : Term::none();
  if (size != head_size) return Term::none();
  Tuple* with_location = allocate_tuple(arena, size + 1);
  for (size_t i = 0; i < size; i++) with_location->elements[i] = elements[i];
  with_location->elements[size] = Term::nil();
  return Term::boxed(with_location);
}

// raise/3. Returns badarg, rather than raising it, if the class or the stack trace is malformed. Of a long trace it keeps what
// the emulator would have taken down itself.
static Result erlang_raise_3(Call& call) {
  ExceptionClass exception_class;
  if (call.args[0] == am::error)
    exception_class = ExceptionClass::error;
  else if (call.args[0] == am::exit)
    exception_class = ExceptionClass::exit;
  else if (call.args[0] == am::throw_)
    exception_class = ExceptionClass::throw_;
  else
    return am::badarg;
  Term given = call.args[2];
  size_t length = 0;
  bool complete = true;
  for (; given.is_cons(); given = given.as_cons()->tail, length++) {
    Term frame = checked_frame(call.arena(), given.as_cons()->head);
    if (frame.is_none()) return am::badarg;
    complete = complete && frame == given.as_cons()->head;
  }
  if (!given.is_nil()) return am::badarg;
  Term trace = call.args[2];
  auto depth = std::max<size_t>(1, static_cast<size_t>(node_settings().backtrace_depth.load(std::memory_order_relaxed)));
  if (!complete || length > depth) {
    Term first = Term::nil(), *end = &first;
    size_t kept = 0;
    for (given = trace; given.is_cons() && kept < depth; given = given.as_cons()->tail, kept++) {
      *end = make_cons(call.arena(), checked_frame(call.arena(), given.as_cons()->head), Term::nil());
      end = &end->as_cons()->tail;
    }
    trace = first;
  }
  call.charge(length);
  Result result = raise(call, exception_class, call.args[1]);
  call.process.exception.trace = trace;
  return result;
}

static constexpr BifRow rows[] = {
    {"erlang", "error", 1, erlang_error_1, BifKind::plain, Authority::pure},
    {"erlang", "error", 2, erlang_error_2, BifKind::plain, Authority::pure},
    {"erlang", "error", 3, erlang_error_3, BifKind::plain, Authority::pure},
    {"erlang", "exit", 1, erlang_exit_1, BifKind::plain, Authority::pure},
    {"erlang", "nif_error", 1, erlang_nif_error_1, BifKind::plain, Authority::pure},
    {"erlang", "nif_error", 2, erlang_error_2, BifKind::plain, Authority::pure},
    {"erlang", "raise", 3, erlang_raise_3, BifKind::plain, Authority::pure},
    {"erlang", "throw", 1, erlang_throw_1, BifKind::plain, Authority::pure},
};
const BifTable erlang_errors_bifs = rows;

}  // namespace hanse
