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

// Whether a label is the head of a handler of `try`. The compiler lets code run into one, or jump there, where it has proved that what
// stands in front raises (a call, a built-in function of literals). The checker believes it: it makes an instruction of such a jump that
// raises, and the emitter places one in front of the label.
bool heads_handler(const GenericModule& module, const GenericInstruction& label);

}  // namespace hanse
