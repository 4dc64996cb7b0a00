// lists: the functions that stock's emulator implements natively.
#include "bif/tables.h"
#include "process/call.h"

namespace hanse {

// lists:reverse/2. Arguments: a proper list, any tail.
static Result lists_reverse_2(Call& call) {
  Term result = call.args[1];
  Term list = call.args[0];
  size_t count = 0;
  for (; list.is_cons(); list = list.as_cons()->tail, count++) result = make_cons(call.arena(), list.as_cons()->head, result);
  if (!list.is_nil()) return raise_badarg(call);
  call.charge(count / 16);
  return result;
}

static constexpr BifRow rows[] = {
    {"lists", "reverse", 2, lists_reverse_2, BifKind::plain, Authority::pure},
};
const BifTable lists_bifs = rows;

}  // namespace hanse
