// How a built-in function sees its call.
//
//   Result lists_reverse_1(Call& call) {
//     if (!call.args[0].is_list()) return raise_badarg(call);
//     ...
//     return result;
//   }
//
// It runs on the thread that runs the process. It may allocate (nothing moves while it runs) and must charge reductions
// for work that grows with its input.
#pragma once

#include "code/bif.h"
#include "process/process.h"
#include "term/atom.h"
#include "term/build.h"
#include "term/result.h"

namespace hanse {

struct Call {
  Process& process;
  Term* args;             // arity terms; roots while the call yields
  const BifRow* row;      // what is called

  Arena& arena() { return process.heap; }
  // 1 reduction is about one function call of guest code.
  void charge(size_t reductions) { process.charge(reductions); }
};

// error:badarg with the call's arguments in the stack trace and error_info, as stock's built-in functions raise it.
// cause: the atom in error_info's `cause`, for the few functions that have one.
HANSE_COLD Result raise_badarg(Call& call, Term cause = Term::none());
HANSE_COLD Result raise_system_limit(Call& call);
// error:Reason
HANSE_COLD Result raise_error(Call& call, Term reason);
HANSE_COLD Result raise(Call& call, ExceptionClass exception_class, Term reason);

}  // namespace hanse
