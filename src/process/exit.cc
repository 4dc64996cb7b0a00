// The death of a process, in the order that others may rely on: when a linked or watching process hears of it, its tables
// are gone, its name is free, and it is no longer alive.
#include "process/spawn.h"

#include "base/epoch.h"
#include "process/distribution.h"
#include "process/guest.h"
#include "process/last_signals.h"
#include "process/machine.h"
#include "process/outside_watcher.h"
#include "process/ports_interface.h"
#include "process/process_states.h"
#include "process/process_table.h"
#include "process/scheduler.h"
#include "process/seq_trace.h"
#include "process/signals.h"
#include "process/system_monitor.h"
#include "process/tasks.h"
#include "process/timer_service.h"
#include "process/tracing.h"
#include "term/build.h"
#include "term/node.h"

namespace hanse {

static std::vector<ProcessExitHook*>& exit_hooks() {
  static auto* hooks = new std::vector<ProcessExitHook*>;
  return *hooks;
}
void add_exit_hook(ProcessExitHook* hook) { exit_hooks().push_back(hook); }

static Term reference_term(Process& process, ReferenceNumber number, const Monitor& monitor) {
  return monitor.has_pid ? make_pid_reference(process.heap, number, process.self) : make_reference(process.heap, number);
}

// Where the last signals of a process have gone to.
struct LastConnections final : ResumeState {
  struct Connection {
    Term node;
    uint64_t number;
  };
  std::vector<Connection> list;
  void add(Term pid, uint64_t number) {
    for (Connection& known : list)
      if (known.number == number) return;
    list.push_back({pid.as<ExternalPid>()->node()->name, number});
  }
};

static std::unique_ptr<LastConnections> break_relations(Process& process, Term reason) {
  Relations::Tables* tables = process.relations.tables();
  if (!tables) return nullptr;
  DistributionSignals* remote = distribution_signals();
  std::unique_ptr<LastConnections> last;
  auto sent = [&](Term pid, uint64_t connection) {
    if (!last) last = std::make_unique<LastConnections>();
    last->add(pid, connection);
  };
  tables->links.for_each([&](const StoredTerm& peer, Relations::Link& link) {
    if (link.unlinking != 0) return;
    Term token = seq_token_of_exit(process, peer.term(), reason);
    if (link.connection == 0) send_exit_signal(process.self, peer.term(), reason, ExitKind::link, token);
    else if (remote) {
      remote->exit_link(process.self, peer.term(), reason, token, link.connection);
      sent(peer.term(), link.connection);
    }
  });
  tables->watchers.for_each([&](ReferenceNumber number, StoredTerm& watcher) {
    Term pid = watcher.term();
    if (OutsideWatcher* outside = outside_watcher(pid)) return outside->process_ended(number, process.self);
    send_down_signal(pid.is_cons() ? pid.as_cons()->head : pid, number, reason);
  });
  tables->monitors.for_each([&](ReferenceNumber number, Monitor& monitor) {
    Term target = monitor.target.term();
    if (target.is_none() || monitor.kind == MonitorKind::time_offset || monitor.kind == MonitorKind::node) return;
    if (target.is_local_pid() || target.is_local_port()) send_demonitor_signal(process.self, target, number);
    else if (remote && monitor.connection != 0) remote->demonitor(process.self, target, reference_term(process, number, monitor), monitor.connection);
  });
  tables->remote_watchers.for_each([&](const StoredTerm& reference, RemoteWatcher& watcher) {
    if (!remote) return;
    remote->down(process.self, watcher.name, watcher.watcher.term(), reference.term(), reason, watcher.connection);
    sent(watcher.watcher.term(), watcher.connection);
  });
  tables->suspended.for_each([&](const StoredTerm& pid, Suspension&) { send_resume(pid.term()); });
  process.relations.clear();
  return last;
}

// A process counts as one until its last signals are on their way: who starts many that end with large reasons cannot have
// more of them under way than a connection bears.
static void finish_exit(Process& process) {
  if (auto* last = static_cast<LastConnections*>(process.resume.get())) {
    while (!last->list.empty()) {
      LastConnections::Connection next = last->list.back();
      last->list.pop_back();
      if (distribution_signals()->delays_end(process, next.node, next.number)) return;
    }
  }
  if (is_traced(process, trace_flag::on_schedule)) [[unlikely]] trace_exited(process);
  if ((profiled_events.load(std::memory_order_relaxed) & profiled::runnable_procs) != 0) [[unlikely]] profile_process(process, false);
  process.state.fetch_or(process_state::gone, std::memory_order_release);
  if (Guest* guest = process.machine.guest()) [[unlikely]] return guest->retire_process(process);
  epoch::retire(&process);
}

void continue_exit(Process& process) {
  process.machine.process_count.fetch_sub(1, std::memory_order_relaxed);
  finish_exit(process);
}

void exit_process(Process& process, Term reason) {
  DCHECK(!(process.state.load(std::memory_order_relaxed) & process_state::exited));
  epoch::Guard guard;
  process.state.fetch_or(process_state::exiting, std::memory_order_seq_cst);
  TRACE_EVENT(process, trace_flag::procs, am::exit, reason);
  for (ProcessExitHook* hook : exit_hooks()) hook->process_exits(process, reason);
  process.resume.reset();
  cancel_receive_timeout(process);
  process.state.fetch_or(process_state::exited, std::memory_order_seq_cst);
  if (is_traced(process, trace_flag::procs) && !process.registered_name.is_none()) [[unlikely]]
    trace_event(process, trace_flag::procs, {am::unregister, process.registered_name});
  process.machine.registry.remove_holder(process.self);
  remove_process(&process);
  process.machine.process_count.fetch_sub(1, std::memory_order_relaxed);
  process.resume = break_relations(process, reason);
  // Only now: who finds the inbox closed may tell others that this process does not exist.
  for (Signal *signal = process.inbox.close(), *next; signal; signal = next) {
    next = signal->next;
    if (process.machine.guest() != nullptr) [[unlikely]] discharge_signal(process.machine, *signal);
    signal->undeliverable();
  }
  process.tasks.reset();
  drop_put_off_tasks(process);
  finish_exit(process);
}

void exit_with_exception(Process& process, Term trace) {
  Exception& exception = process.exception;
  Arena& arena = process.heap;
  Term reason = exception.reason;
  if (exception.exception_class != ExceptionClass::exit) {
    reason = make_tuple(arena, reason, trace);
    Term arguments[] = {process.self, reason};
    log_to_logger(am::error, "Error in process ~p with exit value:~n~p~n", make_list(arena, arguments), &process);
  }
  exit_process(process, reason);
}

}  // namespace hanse
