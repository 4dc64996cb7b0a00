// erlang: the arithmetic and bit operators as functions, for apply and for the engine's generic path.
#include "term/arithmetic.h"

#include "bif/tables.h"
#include "process/call.h"
#include "term/big.h"

namespace hanse {

static Result finish(Call& call, Term result) {
  if (!arithmetic_failed(result)) [[likely]]
    return result;
  return result.is_none() ? raise_error(call, am::badarith) : raise_system_limit(call);
}

enum class Cost : uint8_t { linear, quadratic };

// In the limbs of the operands: their sum, or for products and quotients their product at worst.
template <Cost cost>
static void charge_for(Call& call) {
  size_t sum = 0, product = 1;
  for (size_t i = 0; i < call.row->arity; i++) {
    if (!call.args[i].is_big()) continue;
    size_t limbs = call.args[i].as<Big>()->size();
    sum += limbs;
    product *= limbs;
  }
  call.charge((cost == Cost::linear ? sum : product) / 64);
}

using Binary = Term (*)(Arena&, Term, Term);
using Unary = Term (*)(Arena&, Term);

template <Binary operation, Cost cost = Cost::linear>
static Result binary_operator(Call& call) {
  charge_for<cost>(call);
  return finish(call, operation(call.arena(), call.args[0], call.args[1]));
}
template <Unary operation>
static Result unary_operator(Call& call) {
  charge_for<Cost::linear>(call);
  return finish(call, operation(call.arena(), call.args[0]));
}

static Result erlang_abs_1(Call& call) {
  Term result = arithmetic_abs(call.arena(), call.args[0]);
  if (result.is_none()) return raise_badarg(call);
  return finish(call, result);
}

static constexpr BifRow rows[] = {
    {"erlang", "*", 2, binary_operator<arithmetic_multiply, Cost::quadratic>, BifKind::guard, Authority::pure},
    {"erlang", "+", 1, unary_operator<arithmetic_plus>, BifKind::guard, Authority::pure},
    {"erlang", "+", 2, binary_operator<arithmetic_add>, BifKind::guard, Authority::pure},
    {"erlang", "-", 1, unary_operator<arithmetic_negate>, BifKind::guard, Authority::pure},
    {"erlang", "-", 2, binary_operator<arithmetic_subtract>, BifKind::guard, Authority::pure},
    {"erlang", "/", 2, binary_operator<arithmetic_divide>, BifKind::guard, Authority::pure},
    {"erlang", "abs", 1, erlang_abs_1, BifKind::guard, Authority::pure},
    {"erlang", "band", 2, binary_operator<arithmetic_band>, BifKind::guard, Authority::pure},
    {"erlang", "bnot", 1, unary_operator<arithmetic_bnot>, BifKind::guard, Authority::pure},
    {"erlang", "bor", 2, binary_operator<arithmetic_bor>, BifKind::guard, Authority::pure},
    {"erlang", "bsl", 2, binary_operator<arithmetic_bsl>, BifKind::guard, Authority::pure},
    {"erlang", "bsr", 2, binary_operator<arithmetic_bsr>, BifKind::guard, Authority::pure},
    {"erlang", "bxor", 2, binary_operator<arithmetic_bxor>, BifKind::guard, Authority::pure},
    {"erlang", "div", 2, binary_operator<arithmetic_integer_div, Cost::quadratic>, BifKind::guard, Authority::pure},
    {"erlang", "rem", 2, binary_operator<arithmetic_integer_rem, Cost::quadratic>, BifKind::guard, Authority::pure},
};
const BifTable erlang_arithmetic_bifs = rows;

}  // namespace hanse
