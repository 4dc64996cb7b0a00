// erlang: the send operator and its functions.
#include "bif/tables.h"
#include "process/call.h"
#include "process/send.h"

namespace hanse {

// erlang:send/2 and Dest ! Message
static Result erlang_send_2(Call& call) {
  (void)TRY(send_message(call, call.args[0], call.args[1]));
  return call.args[1];
}

static Result erlang_send_3(Call& call) {
  SendOptions options;
  Term list = call.args[2];
  for (; list.is_cons(); list = list.as_cons()->tail) {
    Term option = list.as_cons()->head;
    if (option == am::nosuspend) options.no_suspend = true;
    else if (option == am::noconnect) options.no_connect = true;
    else return raise_badarg(call, am::badopt);
  }
  if (!list.is_nil()) return raise_badarg(call, am::badopt);
  return send_message(call, call.args[0], call.args[1], options);
}

static constexpr BifRow rows[] = {
    {"erlang", "!", 2, erlang_send_2, BifKind::plain, Authority::own_machine},
    {"erlang", "send", 2, erlang_send_2, BifKind::plain, Authority::own_machine},
    {"erlang", "send", 3, erlang_send_3, BifKind::plain, Authority::own_machine},
};
const BifTable process_send_bifs = rows;

}  // namespace hanse
