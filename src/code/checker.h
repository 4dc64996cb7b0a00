// Checks generic code before anything believes it: kinds and ranges of operands, labels, shape of functions, and along every
// path that no register is read before it is written, that frames fit and that handlers are balanced. Pure; any thread.
//
// What it does not prove is types: that get_list sees a list, get_tuple_element a tuple that is large enough, and so on. That is the
// verifier's work.
#pragma once

#include <optional>

#include "code/beam_error.h"
#include "code/generic_code.h"

namespace hanse {

// Code that is not trusted is verified, too (verifier.h).
std::optional<BeamError> check_module(GenericModule& module);

// Whether the code behind a `call` or `call_ext` is the head of a handler. The compiler does that where it has proved that the
// call raises; the checker believes it, so the emitter places an instruction there that raises.
bool never_returns_here(const GenericModule& module, const GenericInstruction& call);

}  // namespace hanse
