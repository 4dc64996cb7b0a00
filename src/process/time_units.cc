#include "process/time_units.h"

#include "term/atom.h"
#include "term/big.h"

namespace hanse {

static constexpr int64_t nanoseconds_per_second = 1'000'000'000;

static int64_t parts_per_second(Term unit) {
  if (unit == am::native || unit == am::nanosecond || unit == am::perf_counter || unit == am::nano_seconds)
    return nanoseconds_per_second;
  if (unit == am::microsecond || unit == am::micro_seconds) return 1'000'000;
  if (unit == am::millisecond || unit == am::milli_seconds) return 1000;
  if (unit == am::second || unit == am::seconds) return 1;
  return 0;
}

Term convert_time(Arena& arena, int64_t nanoseconds, Term unit) {
  if (unit.is_atom()) {
    int64_t parts = parts_per_second(unit);
    if (parts == 0) return Term::none();
    int64_t divisor = nanoseconds_per_second / parts;
    int64_t quotient = nanoseconds / divisor;
    if (nanoseconds % divisor < 0) quotient--;
    return make_integer(arena, quotient);
  }
  if (!unit.is_integer() || integer_sign(unit) <= 0) return Term::none();
  Term product = integer_multiply(arena, make_integer(arena, nanoseconds), unit);
  if (product.is_none()) return Term::none();
  Term divisor = Term::small(nanoseconds_per_second);
  Term quotient = integer_divide(arena, product, divisor);
  if (integer_sign(product) < 0 && integer_sign(integer_remainder(arena, product, divisor)) != 0)
    quotient = integer_subtract(arena, quotient, Term::small(1));
  return quotient;
}

}  // namespace hanse
