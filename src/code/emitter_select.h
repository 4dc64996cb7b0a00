// The emitter's part for jumps by value.
#pragma once

#include "code/code_writer.h"

namespace hanse {

// Operands of select_val and select_tuple_arity. 1: emitted, 0: operands not supported.
size_t emit_select_val(CodeWriter& writer, std::span<const Operand> operands);
size_t emit_select_arity(CodeWriter& writer, std::span<const Operand> operands);

}  // namespace hanse
