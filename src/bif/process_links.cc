// erlang: links and exit signals.
#include "bif/tables.h"
#include "process/call.h"
#include "process/distribution.h"
#include "process/guest.h"
#include "process/ports_interface.h"
#include "process/signals.h"
#include "process/tracing.h"
#include "term/node.h"

namespace hanse {

// A signal to oneself takes effect before the next instruction: true, or no return at all (the scheduler ends the process
// before it would call again).
static Result after_own_signal(Call& call) {
  call.process.handle_signals();
  if (!call.process.pending_exit.is_none()) return Result::yield();
  return am::true_;
}

static Result exit_to(Call& call, Term to, Term reason) {
  if (to.is_pid() && !may_control(call.process, to)) return am::true_;
  if (to.is_local_pid() || to.is_local_port()) {
    send_exit_signal(call.process.self, to, reason, ExitKind::direct);
    call.charge(4);
    return to == call.process.self ? after_own_signal(call) : Result(am::true_);
  }
  if (to.is_pid()) {
    DistributionSignals* remote = distribution_signals();
    return remote ? remote->exit(call, to, reason) : Result(am::true_);
  }
  if (to.is_port() && !is_port_of_other_node(to)) return am::true_;
  return raise_badarg(call);
}

// erlang:exit/2. Arguments: pid or port, any reason.
static Result erlang_exit_2(Call& call) { return exit_to(call, call.args[0], call.args[1]); }
static Result erlang_exit_signal_2(Call& call) { return exit_to(call, call.args[0], call.args[1]); }

static Result no_such_peer(Call& call, Term peer) {
  Process& self = call.process;
  if (!self.trap_exit) return raise_error(call, am::noproc);
  if (self.relations.link(peer)) send_exit_signal(peer, self.self, am::noproc, ExitKind::link, Term::nil());
  return am::true_;
}

static Result erlang_link_1(Call& call) {
  Process& self = call.process;
  Term peer = call.args[0];
  call.charge(4);
  if (peer == self.self) return am::true_;
  if ((peer.is_pid() || peer.is_port()) && !may_control(self, peer)) return no_such_peer(call, peer);
  if (peer.is_local_pid() || peer.is_local_port()) {
    if (!self.relations.link(peer)) return am::true_;
    TRACE_EVENT(self, trace_flag::procs, am::link, peer);
    if (send_link_signal(self.self, peer)) return am::true_;
    if (!self.trap_exit) {
      self.relations.peer_exits(peer);
      return raise_error(call, am::noproc);
    }
    send_exit_signal(peer, self.self, am::noproc, ExitKind::link, Term::nil());
    return am::true_;
  }
  if (peer.is_pid()) {
    DistributionSignals* remote = distribution_signals();
    if (remote && remote->delays(self.self, peer)) return Result::wait();
    if (!self.relations.link(peer)) return am::true_;
    TRACE_EVENT(self, trace_flag::procs, am::link, peer);
    uint64_t connection = remote ? remote->link(self, peer) : 0;
    self.relations.find_link(peer)->connection = connection;
    // Pids of this node as it was in an earlier life are of processes that are gone.
    bool here = peer.as<ExternalPid>()->node()->name == this_node().name;
    if (connection == 0) send_exit_signal(peer, self.self, here ? am::noproc : am::noconnection, ExitKind::link);
    return am::true_;
  }
  if (peer.is_port() && !is_port_of_other_node(peer)) return no_such_peer(call, peer);  // of an earlier life of this node
  return raise_badarg(call);
}

static Result erlang_unlink_1(Call& call) {
  Process& self = call.process;
  Term peer = call.args[0];
  if (!peer.is_pid() && (!peer.is_port() || is_port_of_other_node(peer))) return raise_badarg(call);
  call.charge(4);
  Relations::Link* link = self.relations.find_link(peer);
  uint64_t connection = link ? link->connection : 0;
  if (connection != 0 && distribution_signals()->delays(self.self, peer)) return Result::wait();
  uint64_t id = self.relations.unlink(peer);
  if (id == 0) return am::true_;
  TRACE_EVENT(self, trace_flag::procs, am::unlink, peer);
  if (peer.is_local_pid()) {
    send_unlink_signal(self.self, peer, id);
  } else if (peer.is_local_port()) {
    if (PortSignals* ports = port_signals()) ports->unlink(self.self, peer);
    self.relations.unlink_acknowledged(peer, id);
  } else {
    DistributionSignals* remote = distribution_signals();
    bool answered = remote && remote->unlink(self.self, peer, id, connection);
    if (!answered) self.relations.unlink_acknowledged(peer, id);
  }
  return am::true_;
}

static constexpr BifRow rows[] = {
    {"erlang", "exit", 2, erlang_exit_2, BifKind::plain, Authority::own_machine},
    {"erlang", "exit_signal", 2, erlang_exit_signal_2, BifKind::plain, Authority::own_machine},
    {"erlang", "link", 1, erlang_link_1, BifKind::plain, Authority::own_machine},
    {"erlang", "unlink", 1, erlang_unlink_1, BifKind::plain, Authority::own_machine},
};
const BifTable process_links_bifs = rows;

}  // namespace hanse
