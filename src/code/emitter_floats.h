// The emitter's part for floats.
#pragma once

#include "code/code_writer.h"

namespace hanse {

// fmove, fconv and arithmetic on float registers. Number of generic instructions used, 0: not supported.
size_t emit_float(CodeWriter& writer, Opcode opcode, std::span<const Operand> operands);

// The instruction to choose for these operands: another one, which tries floats first, where the compiler says that both are floats. That is
// a hint; both instructions take everything.
Instruction for_types(const GenericModule& module, Instruction instruction, const Operand& a, const Operand& b);

}  // namespace hanse
