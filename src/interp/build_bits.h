// Shared by build_bits.cc and build_numbers.cc.
#pragma once

#include "code/instruction.h"
#include "term/arena.h"

namespace hanse {

// A part that ends where the used bytes of a writable binary end, so that appending to it may write behind it.
Term make_writable_part(Arena& arena, Term whole, size_t offset, size_t bits);

// The frequent case of bs_create_bin (`bits` of numbers; put_creation says when): numbers alone, or behind a binary that can grow where it is.
// none() if it is another case; then nothing has happened yet. `end`: of the instruction's tail.
Term build_numbers(Arena& arena, Ip tail, uint32_t count, size_t bits, const Term* x, const Term* e, Ip& end);

}  // namespace hanse
