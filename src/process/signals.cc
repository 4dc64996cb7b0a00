#include "process/signals.h"

#include "process/distribution.h"
#include "process/ports_interface.h"
#include "process/process.h"
#include "process/seq_trace.h"
#include "process/tracing.h"
#include "term/build.h"
#include "term/off_heap_binary.h"

namespace hanse {

void append_own_message(Process& receiver, Term term, Term token) {
  Message* message = token.is_tuple() ? new_tagged_message() : new Message;
  message->from_process = token.is_none();
  message->term = term;
  if (token.is_tuple()) message->tagged().token = copy(receiver.heap, token);
  // The terms are in the receiver's heap: they must be roots from now on.
  message->attached = term.is_pointer();
  message->deliver(receiver);
}

// Moves a stored term into the heap of the process.
static Term take_into(Process& process, StoredTerm& stored) {
  if (Fragment* fragment = stored.take_fragment()) process.heap.attach(fragment);
  return stored.term();
}

// --- exits ---

static void die(Process& receiver, Term reason) {
  receiver.pending_exit = reason;
  receiver.interrupt = true;
  receiver.activated = true;
}

void ExitSignal::deliver(Process& receiver) {
  bool effective = kind == ExitKind::direct || receiver.relations.peer_exits(from.term());
  if (effective) {
    bool kills = kind == ExitKind::direct && reason.term() == am::kill;
    if (kills) {
      die(receiver, am::killed);
    } else if (receiver.trap_exit) {
      Term sender = take_into(receiver, from);
      append_own_message(receiver, make_tuple(receiver.heap, am::EXIT, sender, take_into(receiver, reason)), token.term());
    } else if (reason.term() != am::normal || (kind == ExitKind::direct && from.term() == receiver.self)) {
      die(receiver, take_into(receiver, reason));
    }
    if (kind == ExitKind::link && receiver.pending_exit.is_none())
      TRACE_EVENT(receiver, trace_flag::procs, am::getting_unlinked, from.term());
  }
  delete this;
}
void ExitSignal::undeliverable() { delete this; }

// --- links ---

void LinkSignal::deliver(Process& receiver) {
  receiver.relations.peer_links(from.term());
  TRACE_EVENT(receiver, trace_flag::procs, am::getting_linked, from.term());
  delete this;
}
// Whoever sent the link may be a port or a process; `to` is in no table any more.
static void link_failed(Term from, Term to) { send_exit_signal(to, from, am::noproc, ExitKind::link, Term::nil()); }

void LinkSignal::undeliverable() {
  link_failed(from.term(), to);
  delete this;
}

void UnlinkSignal::acknowledge() {
  if (id != 0) send_unlink_ack_signal(to, from.term(), id);
  delete this;
}
void UnlinkSignal::deliver(Process& receiver) {
  if (is_traced(receiver, trace_flag::procs) && receiver.relations.is_linked(from.term())) [[unlikely]]
    trace_event(receiver, trace_flag::procs, {am::getting_unlinked, from.term()});
  receiver.relations.peer_unlinks(from.term());
  acknowledge();
}
void UnlinkSignal::undeliverable() { acknowledge(); }

void UnlinkAckSignal::deliver(Process& receiver) {
  receiver.relations.unlink_acknowledged(from.term(), id);
  delete this;
}
void UnlinkAckSignal::undeliverable() { delete this; }

// --- monitors ---

void MonitorSignal::deliver(Process& receiver) {
  FragmentArena arena(2);
  receiver.relations.add_watcher(reference, name.is_none() ? watcher : make_cons(arena, watcher, name));
  delete this;
}
void MonitorSignal::undeliverable() {
  send_down_signal(watcher, reference, am::noproc);
  delete this;
}
void DemonitorSignal::deliver(Process& receiver) {
  receiver.relations.remove_watcher(reference);
  delete this;
}
void DemonitorSignal::undeliverable() { delete this; }

void OutsideMonitorSignal::deliver(Process& receiver) {
  FragmentArena arena(8);
  receiver.relations.add_watcher(reference, make_magic_reference(arena, Magic<Ref<OutsideWatcher>>::create(watcher)));
  delete this;
}
void OutsideMonitorSignal::undeliverable() {
  watcher->process_ended(reference, to);
  delete this;
}
OutsideWatcher* outside_watcher(Term watcher) {
  if (!watcher.is_boxed_kind(Boxed::magic_reference)) return nullptr;
  return Magic<Ref<OutsideWatcher>>::get(watcher.as<MagicReference>()->off_heap.value)->get();
}

void DownSignal::deliver(Process& receiver) {
  if (Monitor* monitor = receiver.relations.find_monitor(reference)) {
    Arena& arena = receiver.heap;
    Term item = monitor->name.is_none() ? monitor->target.read(arena) : make_tuple(arena, monitor->name, monitor->node);
    Term tag = monitor->tag.is_none() ? am::DOWN : monitor->tag.read(arena);
    Term type = monitor->kind == MonitorKind::port ? am::port : am::process;
    Term term = monitor->has_pid ? make_pid_reference(arena, reference, receiver.self) : make_reference(arena, reference);
    if (monitor->alias == AliasMode::demonitor || monitor->alias == AliasMode::reply_demonitor)
      receiver.relations.remove_alias(reference);
    // A process of another node takes the token away, the end of a connection does not.
    Term token = monitor->connection != 0 && reason.term() != am::noconnection ? Term::none() : Term::nil();
    append_own_message(receiver, make_tuple(arena, tag, term, type, item, take_into(receiver, reason)), token);
    receiver.relations.remove_monitor(reference);
  }
  delete this;
}
void DownSignal::undeliverable() { delete this; }

// --- aliases and actions ---

void AliasMessageSignal::deliver(Process& receiver) {
  AliasMode mode = receiver.relations.find_alias(alias);
  if (mode == AliasMode::none) return undeliverable();
  message->deliver(receiver);
  if (mode == AliasMode::reply || mode == AliasMode::reply_demonitor) receiver.relations.remove_alias(alias);
  if (mode == AliasMode::reply_demonitor) {
    if (Monitor* monitor = receiver.relations.find_monitor(alias)) {
      Term target = monitor->target.term();
      if (target.is_local_pid()) send_demonitor_signal(receiver.self, target, alias);
      else if (target.is_local_port() && port_signals()) port_signals()->demonitor(receiver.self, target, alias);
      else if (monitor->connection != 0 && distribution_signals())
        distribution_signals()->demonitor(receiver.self, target, make_pid_reference(receiver.heap, alias, receiver.self), monitor->connection);
      receiver.relations.remove_monitor(alias);
    }
  }
  delete this;
}
void AliasMessageSignal::undeliverable() {
  message->undeliverable();
  delete this;
}

void ActionSignal::deliver(Process& receiver) {
  action(receiver);
  delete this;
}
void ActionSignal::undeliverable() {
  if (gone) gone();
  delete this;
}

}  // namespace hanse
