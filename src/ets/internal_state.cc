// erts_debug:set_internal_state/2: how OTP's tests make the tables of this node split and join.
#include "process/internal_state.h"

#include <fmt/format.h>

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

// {Name, Count}: names that are looked up by way of the same chunk, as new atoms are; none shares its slot with another.
static Result colliding_names(Call& call, Term value) {
  if (!is_tuple_of_arity(value, 2)) return raise_badarg(call);
  Term name = as_tuple(value)->elements[0], count = as_tuple(value)->elements[1];
  if (!name.is_atom() || !count.is_small() || count.as_small() < 0 || count.as_small() > 1000) return raise_badarg(call);
  Term names = Term::nil();
  for (int64_t i = 0; i < count.as_small(); i++) {
    Term neighbour = make_atom(fmt::format("{}_{}", atom_name(name), i));
    if (neighbour.is_none()) return raise_system_limit(call);
    names = make_cons(call.arena(), neighbour, names);
  }
  return names;
}

static constexpr InternalStateItem items[] = {
    {"ets_force_split", [](Call& call, Term value) { return set_adaption(call, value, Adaption::always_split); }},
    {"ets_debug_random_split_join", [](Call& call, Term value) { return set_adaption(call, value, Adaption::random); }},
    {"colliding_names", colliding_names},
};

void register_table_internals() {
  for (const InternalStateItem& item : items) add_internal_state_item(item);
}

}  // namespace hanse
