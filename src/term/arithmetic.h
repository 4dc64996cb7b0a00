// The arithmetic operators over every mix of small integers, big integers and floats: the slow paths of the engine and the
// built-in functions of the same names. Pure but for allocation in the arena; any thread.
//
// A failure is one of two values that are no terms:
//   Term::none()              badarith: an operand of the wrong type, division by zero, a float that is not finite
//   arithmetic_system_limit   an integer longer than the virtual machine allows (big_limit_bits): error:system_limit
// Both satisfy arithmetic_failed(), a test of the low three bits.
#pragma once

#include "term/arena.h"

namespace hanse {

inline constexpr Term arithmetic_system_limit = Term::from_word(8);
constexpr bool arithmetic_failed(Term result) { return result.is_header(); }

Term arithmetic_add(Arena& arena, Term a, Term b);            // a + b
Term arithmetic_subtract(Arena& arena, Term a, Term b);       // a - b
Term arithmetic_multiply(Arena& arena, Term a, Term b);       // a * b
Term arithmetic_divide(Arena& arena, Term a, Term b);         // a / b, always a float
Term arithmetic_integer_div(Arena& arena, Term a, Term b);    // a div b
Term arithmetic_integer_rem(Arena& arena, Term a, Term b);    // a rem b
Term arithmetic_negate(Arena& arena, Term a);                 // -a
Term arithmetic_plus(Arena& arena, Term a);                   // +a
Term arithmetic_abs(Arena& arena, Term a);                    // abs(a)
Term arithmetic_band(Arena& arena, Term a, Term b);
Term arithmetic_bor(Arena& arena, Term a, Term b);
Term arithmetic_bxor(Arena& arena, Term a, Term b);
Term arithmetic_bnot(Arena& arena, Term a);
Term arithmetic_bsl(Arena& arena, Term a, Term b);
Term arithmetic_bsr(Arena& arena, Term a, Term b);

// The number as a double; false if it is no number or an integer too large for one.
bool arithmetic_to_double(Term number, double& out);

}  // namespace hanse
