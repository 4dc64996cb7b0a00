#include "dist/remote_signals.h"

#include "dist/control.h"
#include "process/tracing.h"
#include "term/build.h"

namespace hanse::dist {

RemoteLink::RemoteLink(Connection& origin, Term peer, Term target) : connection(&origin), from(peer), to(target) {}

void RemoteLink::deliver(Process& receiver) {
  receiver.relations.peer_links(from.term(), connection->id);
  TRACE_EVENT(receiver, trace_flag::procs, am::getting_linked, from.term());
  delete this;
}

void RemoteLink::undeliverable() {
  connection->transmit(to.term().word(), ControlTuple(Operation::payload_exit, to.term(), from.term()).term(), am::noproc);
  delete this;
}

RemoteUnlink::RemoteUnlink(Connection& origin, Term peer, Term target, uint64_t number)
    : connection(&origin), from(peer), to(target), id(number) {}

void RemoteUnlink::deliver(Process& receiver) {
  if (is_traced(receiver, trace_flag::procs) && receiver.relations.is_linked(from.term())) [[unlikely]]
    trace_event(receiver, trace_flag::procs, {am::getting_unlinked, from.term()});
  receiver.relations.peer_unlinks(from.term());
  acknowledge();
}

void RemoteUnlink::undeliverable() { acknowledge(); }

void RemoteUnlink::acknowledge() {
  if (id != 0) {
    FragmentArena arena(4);
    ControlTuple control(Operation::unlink_id_ack, make_unsigned(arena, id), to.term(), from.term());
    connection->transmit(to.term().word(), control.term());
  }
  delete this;
}

RemoteMonitor::RemoteMonitor(Connection& origin, Term peer, Term by_name, Term target, Term number)
    : connection(&origin), watcher(peer), to(target), reference(number), name(by_name) {}

void RemoteMonitor::deliver(Process& receiver) {
  RemoteWatcher entry;
  entry.watcher = std::move(watcher);
  entry.name = name;
  entry.connection = connection->id;
  receiver.relations.add_remote_watcher(reference.term(), std::move(entry));
  delete this;
}

void RemoteMonitor::undeliverable() {
  ControlTuple control(Operation::payload_monitor_p_exit, to.term(), watcher.term(), reference.term());
  connection->transmit(to.term().word(), control.term(), am::noproc);
  delete this;
}

void RemoteDemonitor::deliver(Process& receiver) {
  receiver.relations.remove_remote_watcher(reference.term());
  delete this;
}

}  // namespace hanse::dist
