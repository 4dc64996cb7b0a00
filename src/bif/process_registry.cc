// erlang: registered names.
#include "bif/tables.h"
#include "process/call.h"
#include "process/machine.h"
#include "process/tracing.h"

namespace hanse {

static Result erlang_register_2(Call& call) {
  Term name = call.args[0], holder = call.args[1];
  if (!name.is_atom() || name == am::undefined || !(holder.is_pid() || holder.is_port()))
    return raise_badarg(call, am::none);
  if (!holder.is_local_pid() && !holder.is_local_port()) return raise_badarg(call, am::none);
  switch (call.process.machine.registry.add(name, holder)) {
    case Registry::Outcome::ok: trace_registration(holder, am::register_, name); return am::true_;
    case Registry::Outcome::no_such_process: return raise_badarg(call, am::notalive);
    case Registry::Outcome::has_name: return raise_badarg(call, am::registered_name);
    case Registry::Outcome::taken: break;
  }
  return raise_badarg(call, am::none);
}

static Result erlang_unregister_1(Call& call) {
  if (!call.args[0].is_atom()) return raise_badarg(call);
  Term holder = call.process.machine.registry.find(call.args[0]);
  if (!call.process.machine.registry.remove(call.args[0])) return raise_badarg(call);
  trace_registration(holder, am::unregister, call.args[0]);
  return am::true_;
}

static Result erlang_whereis_1(Call& call) {
  if (!call.args[0].is_atom()) return raise_badarg(call);
  Term holder = find_name(call.process.machine, call.args[0]);
  return holder.is_none() ? am::undefined : holder;
}

static Result erlang_registered_0(Call& call) {
  return make_list(call.arena(), call.process.machine.registry.names());
}

static constexpr BifRow rows[] = {
    {"erlang", "register", 2, erlang_register_2, BifKind::plain, Authority::own_machine},
    {"erlang", "registered", 0, erlang_registered_0, BifKind::plain, Authority::own_machine},
    {"erlang", "unregister", 1, erlang_unregister_1, BifKind::plain, Authority::own_machine},
    {"erlang", "whereis", 1, erlang_whereis_1, BifKind::plain, Authority::own_machine},
};
const BifTable process_registry_bifs = rows;

}  // namespace hanse
