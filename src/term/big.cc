// Addition, multiplication, division, comparison and conversion of integers. Small operands whose result fits 64 bits
// take a short way; everything else goes through GMP's mpn functions into one block of the arena, which is then
// trimmed.
#include "term/big.h"

#include <bit>
#include <cmath>

#include "term/big_limbs.h"

namespace hanse {

namespace {

// |a| + |b|, with the sign given.
Term add_magnitudes(Arena& arena, const Limbs& a, const Limbs& b, bool negative) {
  const Limbs& longer = a.size >= b.size ? a : b;
  const Limbs& shorter = a.size >= b.size ? b : a;
  NewBig result = allocate_big(arena, longer.size + 1);
  mp_limb_t* out = result.limbs();
  mp_limb_t carry = 0;
  if (shorter.size == 0) {
    mpn_copyi(out, longer.data, longer.size);
  } else {
    carry = mpn_add(out, longer.data, longer.size, shorter.data, shorter.size);
  }
  out[longer.size] = carry;
  return finish_big(arena, result, longer.size + 1, negative);
}

int compare_magnitudes(const Limbs& a, const Limbs& b) {
  if (a.size != b.size) return a.size < b.size ? -1 : 1;
  return a.size == 0 ? 0 : mpn_cmp(a.data, b.data, a.size);
}

// |a| - |b|, negated if `negative`.
Term subtract_magnitudes(Arena& arena, const Limbs& a, const Limbs& b, bool negative) {
  int order = compare_magnitudes(a, b);
  if (order == 0) return Term::small(0);
  const Limbs& larger = order > 0 ? a : b;
  const Limbs& smaller = order > 0 ? b : a;
  NewBig result = allocate_big(arena, larger.size);
  mp_limb_t* out = result.limbs();
  if (smaller.size == 0) {
    mpn_copyi(out, larger.data, larger.size);
  } else {
    mpn_sub(out, larger.data, larger.size, smaller.data, smaller.size);
  }
  return finish_big(arena, result, larger.size, negative != (order < 0));
}

// Both results in one block: the remainder lies behind the quotient while mpn works, the wanted one is moved to the
// front.
Term divide(Arena& arena, Term a, Term b, bool want_remainder) {
  Limbs dividend(a), divisor(b);
  if (dividend.size < divisor.size || dividend.size == 0) return want_remainder ? a : Term::small(0);
  size_t quotient_size = dividend.size - divisor.size + 1;
  NewBig result = allocate_big(arena, quotient_size + divisor.size);
  mp_limb_t* quotient = result.limbs();
  mp_limb_t* remainder = quotient + quotient_size;
  mpn_tdiv_qr(quotient, remainder, 0, dividend.data, dividend.size, divisor.data, divisor.size);
  if (!want_remainder) return finish_big(arena, result, quotient_size, dividend.negative != divisor.negative);
  mpn_copyi(quotient, remainder, divisor.size);  // upwards: the regions may overlap
  return finish_big(arena, result, divisor.size, dividend.negative);
}

}  // namespace

Term integer_add(Arena& arena, Term a, Term b) {
  if (Term::both_small(a, b)) return make_integer(arena, a.as_small() + b.as_small());
  Limbs x(a), y(b);
  if (x.negative == y.negative) return add_magnitudes(arena, x, y, x.negative);
  return subtract_magnitudes(arena, x, y, x.negative);
}

Term integer_subtract(Arena& arena, Term a, Term b) {
  if (Term::both_small(a, b)) return make_integer(arena, a.as_small() - b.as_small());
  Limbs x(a), y(b);
  if (x.negative != y.negative) return add_magnitudes(arena, x, y, x.negative);
  return subtract_magnitudes(arena, x, y, x.negative);
}

Term integer_multiply(Arena& arena, Term a, Term b) {
  if (Term::both_small(a, b)) {
    int64_t product;
    if (!__builtin_mul_overflow(a.as_small(), b.as_small(), &product)) return make_integer(arena, product);
  }
  Limbs x(a), y(b);
  if (x.size == 0 || y.size == 0) return Term::small(0);
  if (x.size + y.size > big_limit_limbs + 1) return Term::none();
  NewBig result = allocate_big(arena, x.size + y.size);
  mp_limb_t* out = result.limbs();
  if (x.data == y.data && x.size == y.size) {
    mpn_sqr(out, x.data, x.size);
  } else if (x.size >= y.size) {
    mpn_mul(out, x.data, x.size, y.data, y.size);
  } else {
    mpn_mul(out, y.data, y.size, x.data, x.size);
  }
  return finish_big(arena, result, x.size + y.size, x.negative != y.negative);
}

Term integer_divide(Arena& arena, Term a, Term b) {
  DCHECK(b != Term::small(0));
  if (Term::both_small(a, b)) return make_integer(arena, a.as_small() / b.as_small());
  return divide(arena, a, b, false);
}

Term integer_remainder(Arena& arena, Term a, Term b) {
  DCHECK(b != Term::small(0));
  if (Term::both_small(a, b)) return Term::small(a.as_small() % b.as_small());
  return divide(arena, a, b, true);
}

Term integer_negate(Arena& arena, Term a) {
  if (a.is_small()) return make_integer(arena, -a.as_small());
  Limbs x(a);
  NewBig result = allocate_big(arena, x.size);
  mpn_copyi(result.limbs(), x.data, x.size);
  return finish_big(arena, result, x.size, !x.negative);
}

int integer_compare(Term a, Term b) {
  if (Term::both_small(a, b)) return a.as_small() < b.as_small() ? -1 : a.as_small() > b.as_small();
  Limbs x(a), y(b);
  if (x.negative != y.negative) return x.negative ? -1 : 1;
  int order = compare_magnitudes(x, y);
  return x.negative ? -order : order;
}

int integer_sign(Term a) {
  if (a.is_small()) return a.as_small() < 0 ? -1 : a.as_small() > 0;
  return a.as<Big>()->is_negative() ? -1 : 1;
}

int compare_integer_float(Term integer, double value) {
  // Every integer below 2^53 is a double; a float of at least 2^53 is an integer.
  constexpr double exact = 9007199254740992.0;
  if (integer.is_small() && value > -exact && value < exact) {
    auto number = static_cast<double>(integer.as_small());
    return number < value ? -1 : number > value;
  }
  if (value > -exact && value < exact) return integer_sign(integer);
  int sign = value < 0 ? -1 : 1;
  if (integer_sign(integer) != sign) return integer_sign(integer) < sign ? -1 : 1;
  int exponent;
  double fraction = std::frexp(std::fabs(value), &exponent);  // value = fraction * 2^exponent, fraction in [0.5, 1)
  Limbs x(integer);
  auto bits = static_cast<int>(x.size * 64 - static_cast<size_t>(std::countl_zero(x.data[x.size - 1])));
  if (bits != exponent) return (bits < exponent) == (sign > 0) ? -1 : 1;
  // Same number of bits: compare with the 53-bit significand, shifted up.
  auto significand = static_cast<uint64_t>(std::ldexp(fraction, 53));
  auto shift = static_cast<size_t>(exponent - 53);
  mp_limb_t limbs[18] = {};
  limbs[shift / 64] = significand << (shift % 64);
  if (shift % 64 != 0) limbs[shift / 64 + 1] = significand >> (64 - shift % 64);
  int order = mpn_cmp(x.data, limbs, x.size);
  return (order > 0 ? 1 : order < 0 ? -1 : 0) * sign;
}

bool integer_to_double(Term a, double& out) {
  if (a.is_small()) {
    out = static_cast<double>(a.as_small());
    return true;
  }
  // Limb by limb, each step rounded, as stock does: the last bit may differ from the correctly rounded one.
  Limbs x(a);
  double sum = 0;
  for (size_t i = x.size; i-- > 0;) {
    sum = sum * 18446744073709551616.0 + static_cast<double>(x.data[i]);
    if (!std::isfinite(sum)) return false;
  }
  out = x.negative ? -sum : sum;
  return true;
}

Term integer_from_double(Arena& arena, double value) {
  constexpr double edge = 9223372036854775808.0;
  if (value > -edge && value < edge) return make_integer(arena, static_cast<int64_t>(value));
  int exponent;
  double fraction = std::frexp(std::fabs(value), &exponent);
  auto significand = static_cast<uint64_t>(std::ldexp(fraction, 53));
  auto shift = static_cast<size_t>(exponent - 53);
  size_t size = shift / 64 + 2;
  NewBig result = allocate_big(arena, size);
  for (size_t i = 0; i < size; i++) result.limbs()[i] = 0;
  result.limbs()[shift / 64] = significand << (shift % 64);
  if (shift % 64 != 0) result.limbs()[shift / 64 + 1] = significand >> (64 - shift % 64);
  return finish_big(arena, result, size, value < 0);
}

bool integer_fits_int64(Term a, int64_t& out) {
  if (a.is_small()) {
    out = a.as_small();
    return true;
  }
  Limbs x(a);
  if (x.size != 1) return false;
  Word magnitude = x.data[0];
  if (magnitude > (Word{1} << 63) - !x.negative) return false;
  out = static_cast<int64_t>(x.negative ? -magnitude : magnitude);
  return true;
}

bool integer_fits_uint64(Term a, uint64_t& out) {
  if (a.is_small()) {
    out = static_cast<uint64_t>(a.as_small());
    return a.as_small() >= 0;
  }
  Limbs x(a);
  out = x.data[0];
  return x.size == 1 && !x.negative;
}

}  // namespace hanse
