// erts_debug:set_internal_state/2: how OTP's tests make the tables of this node split and join.
#include "process/internal_state.h"

#include "ets/access.h"

namespace hanse {

// {Table, true | false}
static Result set_adaption(Call& call, Term value, Adaption adaption) {
  if (!is_tuple_of_arity(value, 2)) return raise_badarg(call);
  TableArgument table(call, as_tuple(value)->elements[0], Access::write);
  if (!table || !table->tree().is_divisible()) return raise_badarg(call);
  table->tree().set_adaption(as_tuple(value)->elements[1] == am::true_ ? adaption : Adaption::by_contention);
  return am::ok;
}

static constexpr InternalStateItem items[] = {
    {"ets_force_split", [](Call& call, Term value) { return set_adaption(call, value, Adaption::always_split); }},
    {"ets_debug_random_split_join", [](Call& call, Term value) { return set_adaption(call, value, Adaption::random); }},
};

void register_table_internals() {
  for (const InternalStateItem& item : items) add_internal_state_item(item);
}

}  // namespace hanse
