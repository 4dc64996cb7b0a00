// The emitter's part for the bit syntax.
#pragma once

#include "code/code_writer.h"

namespace hanse {

// -1: not an instruction of the bit syntax; 0: operands not supported; 1: emitted.
int emit_bits(CodeWriter& writer, const GenericModule& module, const GenericInstruction& instruction);

}  // namespace hanse
