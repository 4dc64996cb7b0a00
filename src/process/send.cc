#include "process/send.h"

#include "base/epoch.h"
#include "process/call.h"
#include "process/distribution.h"
#include "process/guest.h"
#include "process/machine.h"
#include "process/ports_interface.h"
#include "process/process_table.h"
#include "process/scheduler.h"
#include "process/seq_trace.h"
#include "process/signals.h"
#include "process/spawn.h"
#include "process/tracing.h"
#include "process/wall.h"
#include "term/node.h"

namespace hanse {

static std::atomic<PortSignals*> ports{nullptr};
static std::atomic<DistributionSignals*> distribution{nullptr};
void set_port_signals(PortSignals* implementation) { ports.store(implementation, std::memory_order_release); }
PortSignals* port_signals() { return ports.load(std::memory_order_acquire); }
void set_distribution_signals(DistributionSignals* implementation) {
  distribution.store(implementation, std::memory_order_release);
}
DistributionSignals* distribution_signals() { return distribution.load(std::memory_order_acquire); }

static std::atomic<NodeMonitoring*> nodes{nullptr};
void set_node_monitoring(NodeMonitoring* implementation) { nodes.store(implementation, std::memory_order_release); }
NodeMonitoring* node_monitoring() { return nodes.load(std::memory_order_acquire); }

Term find_name(Machine& machine, Term name) {
  Term holder = machine.registry.find(name);
  if (!holder.is_none() || machine.guest() == nullptr) [[likely]] return holder;
  Term outside = machine.guest()->known_name(name);
  return outside.is_none() ? outside : host_machine().registry.find(outside);
}

// False: the receiver has exited; the signal has been told so.
static bool push(Process& process, Signal* signal) {
  bool charged = process.machine.guest() != nullptr;
  if (charged) [[unlikely]] charge_signal(process.machine, *signal);
  switch (process.inbox.push(signal)) {
    case SignalInbox::Push::first: signals_arrived(process); return true;
    case SignalInbox::Push::not_first: return true;
    case SignalInbox::Push::closed: break;
  }
  if (charged) [[unlikely]] discharge_signal(process.machine, *signal);
  signal->undeliverable();
  return false;
}

bool deliver_signal(Term to, Signal* signal) {
  epoch::Guard guard;
  if (Process* process = find_process(to)) return push(*process, signal);
  signal->undeliverable();
  return false;
}

// What was built on behalf of one machine goes to a process of another.
static Message* carried_over(Process& to, Message* message) {
  Message* carried = message_across(to.machine, message->term);
  message->undeliverable();
  return carried;
}

bool deliver_message(Term to, Message* message) {
  epoch::Guard guard;
  Process* process = find_process(to);
  if (process && crosses_wall(*process) && message->term.is_pointer()) [[unlikely]] message = carried_over(*process, message);
  if (process) return push(*process, message);
  message->undeliverable();
  return false;
}

bool deliver(Term to, Term message) {
  epoch::Guard guard;
  Process* process = find_process(to);
  if (!process) return false;
  bool crosses = crosses_wall(*process);
  return push(*process, crosses ? message_across(process->machine, message) : Message::create(message));
}

bool deliver_fragment(Term to, Term message, Fragment* fragments) {
  return deliver_message(to, Message::adopt(message, fragments));
}

bool deliver_to_name(Term name, Term message) {
  Term holder = host_machine().registry.find(name);
  return holder.is_local_pid() && deliver(holder, message);
}

// --- the send operator ---

// A guest's messages to the outside are counted. False: the limit.
static bool may_leave(Process& sender, const Process* receiver) {
  Guest* guest = sender.machine.guest();
  if (guest == nullptr || (receiver != nullptr && &receiver->machine == &sender.machine)) [[likely]] return true;
  return guest->admits_outside_message();
}

static Message* create_message(Process& sender, Process& receiver, Term to, Term message) {
  Machine* across = &receiver.machine == &sender.machine ? nullptr : &receiver.machine;
  bool is_tagged = is_traced(sender, trace_flag::has_token | trace_flag::notes_sender);
  Message* created = is_tagged ? message_with_token(sender, to, message, across)
                     : across  ? message_across(*across, message)
                               : Message::create(message);
  created->from_process = true;
  return created;
}

static Result send_to_port(Call& call, Term port, Term message, SendOptions options) {
  if (call.process.machine.guest() != nullptr) [[unlikely]] return am::ok;  // it has none
  PortSignals* signals = port_signals();
  if (!signals) return am::ok;
  Result result = signals->message(call, port, message, options.no_suspend);
  // A port sees no token, but what is sent to it is told and counted.
  if (is_traced(call.process, trace_flag::has_token) && result.is_term()) [[unlikely]]
    seq_event(next_seq_token(call.process), seq_flag::send, am::send, call.process.self, port, message);
  return result;
}

static Result send_remote(Call& call, Term to, Term message, SendOptions options) {
  if (call.process.machine.guest() != nullptr) [[unlikely]] {
    if (!to.is_pid() && !to.is_reference()) return am::ok;  // a name on another node is none that it was given
    if (!may_leave(call.process, nullptr)) return raise_system_limit(call);
  }
  if (DistributionSignals* remote = distribution_signals()) return remote->send(call, to, message, options);
  return options.no_connect ? am::noconnect : am::ok;  // dropped: there is nobody to connect to
}

static Result send_local(Call& call, Term to, Term message, SendOptions options) {
  if (to.is_local_pid()) {
    epoch::Guard guard;
    if (Process* receiver = find_process(to)) {
      if (!may_leave(call.process, receiver)) return raise_system_limit(call);
      push(*receiver, create_message(call.process, *receiver, to, message));
    }
    call.charge(4);
    return am::ok;
  }
  if (to.is_local_port()) return send_to_port(call, to, message, options);
  return am::ok;
}

static Result send_to_alias(Call& call, Term alias, Term message) {
  call.charge(4);
  if (!alias.is_boxed_kind(Boxed::reference) || !alias.as<Reference>()->has_pid()) return am::ok;
  epoch::Guard guard;
  Process* receiver = find_process(Term::pid(alias.as<Reference>()->pid_number));
  if (!receiver) return am::ok;
  if (!may_leave(call.process, receiver)) return raise_system_limit(call);
  auto* signal = new AliasMessageSignal;
  signal->alias = reference_number(alias);
  signal->message = create_message(call.process, *receiver, alias, message);
  push(*receiver, signal);
  return am::ok;
}

// In stock a send is told of before it is known to fail.
static bool is_destination(Term to) {
  return to.is_atom() || to.is_pid() || to.is_port() || to.is_reference() || is_tuple_of_arity(to, 2);
}

Result send_message(Call& call, Term to, Term message, SendOptions options) {
  if (is_traced(call.process, trace_flag::send | trace_flag::saves_calls)) [[unlikely]] {
    if (is_traced(call.process, trace_flag::saves_calls)) save_event(call.process, am::send);
    if (is_destination(to)) trace_send(call.process, to, message);
  }
  if (to.is_local_pid()) [[likely]] return send_local(call, to, message, options);
  if (to.is_atom()) {
    Term holder = find_name(call.process.machine, to);
    if (holder.is_none()) return raise_badarg(call);
    return send_local(call, holder, message, options);
  }
  if (to.is_local_port()) return send_to_port(call, to, message, options);
  if (to.is_internal_reference()) return send_to_alias(call, to, message);
  if (is_tuple_of_arity(to, 2)) {
    Term name = as_tuple(to)->elements[0], node = as_tuple(to)->elements[1];
    if (!name.is_atom() || !node.is_atom()) return raise_badarg(call);
    if (node != this_node().name) return send_remote(call, to, message, options);
    Term holder = find_name(call.process.machine, name);
    return holder.is_none() ? Result(am::ok) : send_local(call, holder, message, options);
  }
  if (to.is_pid() || to.is_reference()) return send_remote(call, to, message, options);
  if (to.is_port() && !is_port_of_other_node(to)) return am::ok;
  return raise_badarg(call);
}

// --- exits, links, monitors ---

// What a signal carries, as the receiver may see it.
static void set_carried(StoredTerm& place, const Process& receiver, Term term) {
  if (!term.is_pointer() || !crosses_wall(receiver)) return place.set(term);
  FragmentArena arena(16);
  Term copied = copy_across(arena, receiver.machine, term);
  place = StoredTerm(copied, arena.take());
}

void send_exit_signal(Term from, Term to, Term reason, ExitKind kind) {
  send_exit_signal(from, to, reason, kind, Term::none());
}

void send_exit_signal(Term from, Term to, Term reason, ExitKind kind, Term token) {
  if (to.is_local_pid()) {
    epoch::Guard guard;
    Process* receiver = find_process(to);
    if (!receiver) return;
    auto* signal = new ExitSignal;
    signal->from.set(from);
    set_carried(signal->reason, *receiver, reason);
    if (!token.is_tuple() || !crosses_wall(*receiver)) signal->token.set(token);
    signal->kind = kind;
    push(*receiver, signal);
  } else if (to.is_local_port()) {
    if (PortSignals* signals = port_signals()) signals->exit(from, to, reason, kind);
  }
}

bool send_link_signal(Term from, Term to) {
  if (to.is_local_port()) return port_signals() && port_signals()->link(from, to);
  epoch::Guard guard;
  Process* process = find_process(to);
  if (!process) return false;
  auto* signal = new LinkSignal;
  signal->from.set(from);
  signal->to = to;
  push(*process, signal);
  return true;
}

void send_unlink_signal(Term from, Term to, uint64_t id) {
  auto* signal = new UnlinkSignal;
  signal->from.set(from);
  signal->to = to;
  signal->id = id;
  deliver_signal(to, signal);
}

void send_unlink_ack_signal(Term from, Term to, uint64_t id) {
  if (!to.is_local_pid()) return;  // ports do not wait for it; the distribution acknowledges by itself
  auto* signal = new UnlinkAckSignal;
  signal->from.set(from);
  signal->id = id;
  deliver_signal(to, signal);
}

bool send_monitor_signal(Term watcher, Term to, ReferenceNumber reference) {
  if (to.is_local_port()) return port_signals() && port_signals()->monitor(watcher, to, reference);
  epoch::Guard guard;
  Process* process = find_process(to);
  if (!process) return false;
  auto* signal = new MonitorSignal;
  signal->watcher = watcher;
  signal->reference = reference;
  push(*process, signal);
  return true;
}

bool send_outside_monitor_signal(OutsideWatcher& watcher, Term to, ReferenceNumber reference) {
  epoch::Guard guard;
  Process* process = find_process(to);
  if (!process) return false;
  auto* signal = new OutsideMonitorSignal;
  signal->watcher = Ref<OutsideWatcher>(&watcher);
  signal->to = to;
  signal->reference = reference;
  return push(*process, signal);
}
void send_demonitor_signal(Term watcher, Term to, ReferenceNumber reference) {
  if (to.is_local_port()) {
    if (port_signals()) port_signals()->demonitor(watcher, to, reference);
    return;
  }
  auto* signal = new DemonitorSignal;
  signal->reference = reference;
  deliver_signal(to, signal);
}

void send_down_signal(Term watcher, ReferenceNumber reference, Term reason) {
  if (watcher.is_local_port()) {
    if (port_signals()) port_signals()->down(watcher, reference);
    return;
  }
  epoch::Guard guard;
  Process* receiver = find_process(watcher);
  if (!receiver) return;
  auto* signal = new DownSignal;
  signal->reference = reference;
  set_carried(signal->reason, *receiver, reason);
  push(*receiver, signal);
}

// --- suspension ---

void send_suspend(Term to, std::function<void()> done) {
  auto* signal = new ActionSignal;
  signal->action = [done](Process& process) {
    process.suspend_count.fetch_add(1, std::memory_order_relaxed);
    process.state.fetch_or(process_state::suspended, std::memory_order_acq_rel);
    process.interrupt = true;
    if (done) done();
  };
  deliver_signal(to, signal);
}

void send_resume(Term to) {
  auto* signal = new ActionSignal;
  signal->action = [](Process& process) {
    uint32_t count = process.suspend_count.load(std::memory_order_relaxed);
    uint32_t left = count == 0 ? 0 : count - 1;
    process.suspend_count.store(left, std::memory_order_relaxed);
    if (left == 0) process.state.fetch_and(~process_state::suspended, std::memory_order_acq_rel);
  };
  deliver_signal(to, signal);
}

}  // namespace hanse
