// The arithmetic operators: integers go to big.h, everything else becomes a pair of doubles.
#include "term/arithmetic.h"

#include <cmath>

#include "term/big.h"
#include "term/build.h"

namespace hanse {

bool arithmetic_to_double(Term number, double& out) {
  if (number.is_float()) {
    out = float_value(number);
    return true;
  }
  return number.is_integer() && integer_to_double(number, out);
}

namespace {

Term checked_float(Arena& arena, double value) {
  return std::isfinite(value) ? make_float(arena, value) : Term::none();
}

// The result of an operation on integers, of which none() means: too long.
Term checked_integer(Term result) { return result.is_none() ? arithmetic_system_limit : result; }

template <class IntegerOperation, class FloatOperation>
Term mixed(Arena& arena, Term a, Term b, IntegerOperation on_integers, FloatOperation on_floats) {
  if (a.is_integer() && b.is_integer()) return checked_integer(on_integers(arena, a, b));
  double x, y;
  if (!arithmetic_to_double(a, x) || !arithmetic_to_double(b, y)) return Term::none();
  return checked_float(arena, on_floats(x, y));
}

bool are_integers(Term a, Term b) { return a.is_integer() && b.is_integer(); }

// left: the sign of the shift as written.
Term shift(Arena& arena, Term a, Term b, bool left) {
  if (!are_integers(a, b)) return Term::none();
  if (a == Term::small(0)) return a;
  if (b.is_small()) return checked_integer(integer_shift(arena, a, left ? b.as_small() : -b.as_small()));
  bool upwards = left == (integer_sign(b) > 0);
  if (upwards) return arithmetic_system_limit;
  return Term::small(integer_sign(a) < 0 ? -1 : 0);
}

}  // namespace

Term arithmetic_add(Arena& arena, Term a, Term b) {
  return mixed(arena, a, b, integer_add, [](double x, double y) { return x + y; });
}
Term arithmetic_subtract(Arena& arena, Term a, Term b) {
  return mixed(arena, a, b, integer_subtract, [](double x, double y) { return x - y; });
}
Term arithmetic_multiply(Arena& arena, Term a, Term b) {
  return mixed(arena, a, b, integer_multiply, [](double x, double y) { return x * y; });
}

Term arithmetic_divide(Arena& arena, Term a, Term b) {
  double x, y;
  if (!arithmetic_to_double(a, x) || !arithmetic_to_double(b, y) || y == 0) return Term::none();
  return checked_float(arena, x / y);
}

Term arithmetic_integer_div(Arena& arena, Term a, Term b) {
  if (!are_integers(a, b) || b == Term::small(0)) return Term::none();
  return checked_integer(integer_divide(arena, a, b));
}
Term arithmetic_integer_rem(Arena& arena, Term a, Term b) {
  if (!are_integers(a, b) || b == Term::small(0)) return Term::none();
  return checked_integer(integer_remainder(arena, a, b));
}

Term arithmetic_negate(Arena& arena, Term a) {
  if (a.is_integer()) return checked_integer(integer_negate(arena, a));
  return a.is_float() ? make_float(arena, -float_value(a)) : Term::none();
}
Term arithmetic_plus(Arena&, Term a) { return a.is_number() ? a : Term::none(); }
Term arithmetic_abs(Arena& arena, Term a) {
  if (a.is_integer()) return integer_sign(a) < 0 ? checked_integer(integer_negate(arena, a)) : a;
  if (!a.is_float()) return Term::none();
  return float_value(a) < 0 ? make_float(arena, -float_value(a)) : a;  // -0.0 stays as it is
}

Term arithmetic_band(Arena& arena, Term a, Term b) {
  return are_integers(a, b) ? checked_integer(integer_and(arena, a, b)) : Term::none();
}
Term arithmetic_bor(Arena& arena, Term a, Term b) {
  return are_integers(a, b) ? checked_integer(integer_or(arena, a, b)) : Term::none();
}
Term arithmetic_bxor(Arena& arena, Term a, Term b) {
  return are_integers(a, b) ? checked_integer(integer_xor(arena, a, b)) : Term::none();
}
Term arithmetic_bnot(Arena& arena, Term a) {
  return a.is_integer() ? checked_integer(integer_not(arena, a)) : Term::none();
}
Term arithmetic_bsl(Arena& arena, Term a, Term b) { return shift(arena, a, b, true); }
Term arithmetic_bsr(Arena& arena, Term a, Term b) { return shift(arena, a, b, false); }

}  // namespace hanse
