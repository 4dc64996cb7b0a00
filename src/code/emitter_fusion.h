// The emitter's part for sequences that the compiler writes often: several generic instructions become one internal one.
#pragma once

#include "code/code_writer.h"
#include "code/emitter.h"

namespace hanse {

// Room that test_heap and allocate_heap ask for, in words.
inline uint64_t heap_words(const Operand& need) {
  return need.alloc_words() + uint64_t{2} * need.alloc_floats() + uint64_t{4} * need.alloc_funs();
}

// Writes one instruction for the longest known sequence at the start of `rest`, the rest of a function. Line numbers inside
// the sequence go to `lines`. Returns the number of generic instructions used, 0: no sequence begins here.
size_t emit_fused(CodeWriter& writer, std::span<const GenericInstruction> rest, std::vector<EmittedLine>& lines);

}  // namespace hanse
