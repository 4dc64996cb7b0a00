// math: the C library's functions on numbers. What is no number is badarg; an integer too large for a float, and a
// result that is not finite, are badarith.
#include <cmath>

#include "bif/tables.h"
#include "process/call.h"
#include "term/arithmetic.h"

namespace hanse {

// Converts the arguments in their order; the outcome of the first that cannot be converted counts.
static bool take_doubles(Call& call, double* values, Result& failure) {
  for (size_t i = 0; i < call.row->arity; i++) {
    if (arithmetic_to_double(call.args[i], values[i])) continue;
    failure = call.args[i].is_number() ? raise_error(call, am::badarith) : raise_badarg(call);
    return false;
  }
  return true;
}

static Result finish(Call& call, double value) {
  if (!std::isfinite(value)) return raise_error(call, am::badarith);
  return make_float(call.arena(), value);
}

using Function1 = double (*)(double);
using Function2 = double (*)(double, double);

template <Function1 function>
static Result apply1(Call& call) {
  double x;
  Result failure = Result::raised();
  if (!take_doubles(call, &x, failure)) return failure;
  return finish(call, function(x));
}

template <Function2 function>
static Result apply2(Call& call) {
  double x[2];
  Result failure = Result::raised();
  if (!take_doubles(call, x, failure)) return failure;
  return finish(call, function(x[0], x[1]));
}

static constexpr BifRow rows[] = {
    {"math", "acos", 1, apply1<std::acos>, BifKind::plain, Authority::pure},
    {"math", "acosh", 1, apply1<std::acosh>, BifKind::plain, Authority::pure},
    {"math", "asin", 1, apply1<std::asin>, BifKind::plain, Authority::pure},
    {"math", "asinh", 1, apply1<std::asinh>, BifKind::plain, Authority::pure},
    {"math", "atan", 1, apply1<std::atan>, BifKind::plain, Authority::pure},
    {"math", "atan2", 2, apply2<std::atan2>, BifKind::plain, Authority::pure},
    {"math", "atanh", 1, apply1<std::atanh>, BifKind::plain, Authority::pure},
    {"math", "ceil", 1, apply1<std::ceil>, BifKind::plain, Authority::pure},
    {"math", "cos", 1, apply1<std::cos>, BifKind::plain, Authority::pure},
    {"math", "cosh", 1, apply1<std::cosh>, BifKind::plain, Authority::pure},
    {"math", "erf", 1, apply1<std::erf>, BifKind::plain, Authority::pure},
    {"math", "erfc", 1, apply1<std::erfc>, BifKind::plain, Authority::pure},
    {"math", "exp", 1, apply1<std::exp>, BifKind::plain, Authority::pure},
    {"math", "floor", 1, apply1<std::floor>, BifKind::plain, Authority::pure},
    {"math", "fmod", 2, apply2<std::fmod>, BifKind::plain, Authority::pure},
    {"math", "log", 1, apply1<std::log>, BifKind::plain, Authority::pure},
    {"math", "log10", 1, apply1<std::log10>, BifKind::plain, Authority::pure},
    {"math", "log2", 1, apply1<std::log2>, BifKind::plain, Authority::pure},
    {"math", "pow", 2, apply2<std::pow>, BifKind::plain, Authority::pure},
    {"math", "sin", 1, apply1<std::sin>, BifKind::plain, Authority::pure},
    {"math", "sinh", 1, apply1<std::sinh>, BifKind::plain, Authority::pure},
    {"math", "sqrt", 1, apply1<std::sqrt>, BifKind::plain, Authority::pure},
    {"math", "tan", 1, apply1<std::tan>, BifKind::plain, Authority::pure},
    {"math", "tanh", 1, apply1<std::tanh>, BifKind::plain, Authority::pure},
};
const BifTable math_bifs = rows;

}  // namespace hanse
