// erlang: the end of the node.
#include <cstdio>
#include <cstdlib>

#include "bif/tables.h"
#include "process/call.h"
#include "process/crash_dump.h"
#include "process/scheduler.h"
#include "process/send.h"
#include "term/map.h"
#include "term/node.h"
#include "term/text.h"

namespace hanse {

// erlang:halt/2. Arguments: status (0.., abort, or a text for the crash dump), [{flush, Boolean}].
static Result erlang_halt_2(Call& call) {
  bool flush = true;
  Term list = call.args[1];
  for (; list.is_cons(); list = list.as_cons()->tail) {
    Term option = list.as_cons()->head;
    if (!is_tuple_of_arity(option, 2) || as_tuple(option)->elements[0] != am::flush) return raise_badarg(call, am::badopt);
    Term value = as_tuple(option)->elements[1];
    if (value != am::true_ && value != am::false_) return raise_badarg(call, am::badopt);
    flush = value == am::true_;
  }
  if (!list.is_nil()) return raise_badarg(call, am::badopt);
  Term status = call.args[0];
  if (status.is_small() && status.as_small() >= 0) {
    halt_node(static_cast<int>(status.as_small() & 0xff), flush);
  } else if (status == am::abort) {
    std::abort();
  } else if (status.is_list()) {
    auto text = characters_of_list(status);
    if (!text) return raise_badarg(call);
    write_crash_dump(*text);
    halt_node(1, false);
  } else {
    return raise_badarg(call);
  }
  return Result::wait();  // for ever
}

static constexpr BifRow rows[] = {
    {"erlang", "halt", 2, erlang_halt_2, BifKind::plain, Authority::host},
};
const BifTable process_node_bifs = rows;

}  // namespace hanse
