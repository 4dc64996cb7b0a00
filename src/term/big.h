// Integer arithmetic on terms of any size, with GMP's mpn functions on limbs in the heap. All results are normalised:
// small if they fit. Arguments are integers (is_integer()); a result that would exceed the limit of the virtual machine
// (big_limit_bits) is none(), which callers raise as system_limit.
#pragma once

#include <string>
#include <string_view>

#include "term/build.h"

namespace hanse {

inline constexpr size_t big_limit_bits = size_t{((1 << 19) - 1) * 64};  // as OTP 25 on 64-bit machines

Term integer_add(Arena& arena, Term a, Term b);
Term integer_subtract(Arena& arena, Term a, Term b);
Term integer_multiply(Arena& arena, Term a, Term b);
// b is not zero. Truncating division, as Erlang's div and rem.
Term integer_divide(Arena& arena, Term a, Term b);
Term integer_remainder(Arena& arena, Term a, Term b);
Term integer_negate(Arena& arena, Term a);
Term integer_and(Arena& arena, Term a, Term b);
Term integer_or(Arena& arena, Term a, Term b);
Term integer_xor(Arena& arena, Term a, Term b);
Term integer_not(Arena& arena, Term a);
// a shifted left by `bits`, right (towards minus infinity) if negative.
Term integer_shift(Arena& arena, Term a, int64_t bits);

int integer_compare(Term a, Term b);
int integer_sign(Term a);
// Comparison of an integer with a finite float, exact.
int compare_integer_float(Term integer, double value);

// nullopt-like: false if it is not finite after conversion.
bool integer_to_double(Term a, double& out);
// Integer part of a finite float.
Term integer_from_double(Arena& arena, double value);

bool integer_fits_int64(Term a, int64_t& out);
bool integer_fits_uint64(Term a, uint64_t& out);

// base 2 to 36; upper case letters for digits, as erlang:integer_to_list/2.
std::string integer_to_string(Term a, int base);
// digits: at least one valid digit of the base and nothing else.
Term integer_from_digits(Arena& arena, bool negative, std::string_view digits, int base);

// Little-endian magnitude bytes for the external term format and bit syntax.
size_t integer_magnitude_bytes(Term a);
void integer_store_magnitude(Term a, uint8_t* out, size_t size);  // zero-padded to size
Term integer_from_magnitude(Arena& arena, bool negative, const uint8_t* little_endian, size_t size);
// Two's complement of any width, as the bit syntax sees it; `bytes` big-endian, most significant first.
Term integer_from_twos_complement(Arena& arena, const uint8_t* big_endian, size_t size, bool is_signed);
// Lowest `size` bytes of a's two's complement, most significant first.
void integer_store_twos_complement(Term a, uint8_t* big_endian, size_t size);

}  // namespace hanse
