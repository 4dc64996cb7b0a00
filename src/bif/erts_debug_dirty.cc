// erts_debug:dirty/3, dirty_cpu/2, dirty_io/2: how OTP's tests keep threads of the dirty pools busy. Arguments: an order and
// what it is about; dirty/3 has the kind of scheduler before them.
#include <chrono>
#include <thread>

#include "bif/list_builder.h"
#include "bif/tables.h"
#include "process/call.h"
#include "process/dirty_window.h"
#include "process/machine.h"
#include "process/scheduler.h"
#include "process/send.h"
#include "term/copy.h"

namespace hanse {
namespace {

Result raise_named(Call& call, Term name) {
  for (Term known : {am::notsup, am::undef, am::badarith, am::noproc, am::system_limit})
    if (name == known) return raise_error(call, name);
  return raise_badarg(call);
}

// {What, Self} to a process.
void tell(Call& call, Term pid, const char* what) {
  FragmentArena arena(8);
  if (pid.is_local_pid()) deliver(pid, make_tuple(arena, make_atom(what), call.process.self));
}
void sleep_ms(int64_t duration_ms) { std::this_thread::sleep_for(std::chrono::milliseconds(duration_ms)); }

Result wait(Call& call, Term duration) {
  if (!duration.is_small() || duration.as_small() < 0) return raise_badarg(call);
  {
    DirtyWindow window(call);
    sleep_ms(duration.as_small());
  }
  return has_exited(call.process) ? Result::yield() : Result(am::ok);
}

Result copies(Call& call, Term term) {
  ListBuilder list(call.arena());
  for (int i = 0; i < 1000; i++) list.add(copy(call.arena(), term));
  return list.finish();
}

// Leaves the thread and comes back half as often as the number says, which must be even.
class Rescheduling final : public ResumeState {
 public:
  int64_t left = 0;
};
Result reschedule(Call& call, Term number) {
  if (!number.is_small() || number.as_small() < 0 || (number.as_small() & 1) != 0) return raise_badarg(call);
  if (!call.process.resume) {
    auto state = std::make_unique<Rescheduling>();
    state->left = number.as_small();
    call.process.resume = std::move(state);
  }
  auto& state = static_cast<Rescheduling&>(*call.process.resume);
  if (state.left > 0) {
    state.left -= 2;
    return Result::yield();
  }
  call.process.resume.reset();
  return am::ok;
}

// Until the process has exited, and a second more.
Result wait_until_exiting(Call& call, Term observer) {
  tell(call, observer, "alive");
  {
    DirtyWindow window(call);
    while (!has_exited(call.process)) sleep_ms(10);
    sleep_ms(1000);
  }
  return Result::yield();
}

Result obey(Call& call, Term scheduler, Term order, Term argument) {
  if (order == am::scheduler) return argument == am::type ? Result(scheduler) : raise_badarg(call);
  if (order == am::error) return raise_named(call, argument);
  if (order == make_atom("copy")) return copies(call, argument);
  if (order == am::wait) return wait(call, argument);
  if (order == make_atom("reschedule")) return reschedule(call, argument);
  if (order == make_atom("alive_waitexiting") && scheduler != am::normal) return wait_until_exiting(call, argument);
  if (order == make_atom("ready_wait6_done")) {
    tell(call, argument, "ready");
    {
      DirtyWindow window(call);
      sleep_ms(6000);
    }
    if (has_exited(call.process)) return Result::yield();
    tell(call, argument, "done");
    return am::ok;
  }
  return raise_badarg(call);
}

Result erts_debug_dirty_cpu_2(Call& call) { return obey(call, make_atom("dirty_cpu"), call.args[0], call.args[1]); }
Result erts_debug_dirty_io_2(Call& call) { return obey(call, make_atom("dirty_io"), call.args[0], call.args[1]); }

Result erts_debug_dirty_3(Call& call) {
  Term scheduler = call.args[0];
  if (scheduler != am::normal && scheduler != make_atom("dirty_cpu") && scheduler != make_atom("dirty_io")) return raise_badarg(call);
  if (scheduler == am::normal || call.args[1] == am::error) return obey(call, scheduler, call.args[1], call.args[2]);
  call.args[0] = call.args[1];
  call.args[1] = call.args[2];
  call.process.trap_target = call.process.machine.realm.export_for(make_atom("erts_debug"), scheduler, 2);
  return Result::trap();
}

constexpr BifRow rows[] = {
    {"erts_debug", "dirty", 3, erts_debug_dirty_3, BifKind::plain, Authority::host},
    {"erts_debug", "dirty_cpu", 2, erts_debug_dirty_cpu_2, BifKind::dirty_cpu, Authority::host},
    {"erts_debug", "dirty_io", 2, erts_debug_dirty_io_2, BifKind::dirty_io, Authority::host},
};

}  // namespace
const BifTable erts_debug_dirty_bifs = rows;

}  // namespace hanse
