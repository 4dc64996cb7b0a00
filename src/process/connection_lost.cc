// The end of a connection to another node, as a process sees it.
#include "process/distribution.h"
#include "process/process.h"
#include "process/signals.h"
#include "term/build.h"

namespace hanse {

static std::vector<Term> lost_links(Process& process, uint64_t connection) {
  std::vector<Term> peers;
  process.relations.tables()->links.for_each([&](const StoredTerm& peer, Relations::Link& link) {
    if (link.connection == connection) peers.push_back(peer.read(process.heap));
  });
  return peers;
}

// Signals of the process to itself: they take effect as if the remote side had sent them.
static void lose_links(Process& process, uint64_t connection) {
  for (Term peer : lost_links(process, connection)) {
    auto* signal = new ExitSignal;
    signal->from.set(peer);
    signal->reason.set(am::noconnection);
    signal->kind = ExitKind::link;
    signal->deliver(process);
  }
}

static void lose_monitors(Process& process, uint64_t connection) {
  Relations::Tables& tables = *process.relations.tables();
  std::vector<ReferenceNumber> lost;
  tables.monitors.for_each([&](ReferenceNumber number, Monitor& monitor) {
    if (monitor.connection == connection) lost.push_back(number);
  });
  for (ReferenceNumber number : lost) {
    auto* signal = new DownSignal;
    signal->reference = number;
    signal->reason.set(am::noconnection);
    signal->deliver(process);
  }
  std::vector<StoredTerm> gone;
  tables.remote_watchers.for_each([&](const StoredTerm& reference, RemoteWatcher& watcher) {
    if (watcher.connection == connection) gone.emplace_back(reference.term());
  });
  for (const StoredTerm& reference : gone) process.relations.remove_remote_watcher(reference.term());
}

static void lose_spawn_requests(Process& process, uint64_t connection) {
  std::vector<ReferenceNumber> lost;
  process.relations.tables()->spawn_requests.for_each([&](ReferenceNumber number, SpawnRequest& request) {
    if (request.connection == connection) lost.push_back(number);
  });
  for (ReferenceNumber number : lost) fail_spawn_request(process, number, am::noconnection, Term::nil());
}

static void report_node_down(Process& process, Term node, uint64_t connection) {
  std::vector<NodeWatch>& watches = process.relations.node_watches();
  uint32_t count = 0;
  for (NodeWatch& watch : watches)
    if (watch.node == node && watch.connection == connection) count += watch.count;
  std::erase_if(watches, [&](NodeWatch& watch) { return watch.node == node && watch.connection == connection; });
  for (; count > 0; count--) append_own_message(process, make_tuple(process.heap, am::nodedown, node));
}

void connection_lost(Process& process, Term node, uint64_t connection) {
  if (!process.relations.tables()) return;
  lose_links(process, connection);
  lose_monitors(process, connection);
  lose_spawn_requests(process, connection);
  report_node_down(process, node, connection);
}

void fail_spawn_request(Process& process, ReferenceNumber number, Term reason, Term token) {
  SpawnRequest* request = process.relations.find_spawn_request(number);
  if (!request) return;
  Arena& arena = process.heap;
  bool has_pid = request->alias != AliasMode::none;
  if (has_pid) process.relations.remove_alias(number);
  if (request->reply_on_error && !request->abandoned) {
    Term reference = has_pid ? make_pid_reference(arena, number, process.self) : make_reference(arena, number);
    append_own_message(process, make_tuple(arena, request->reply_tag.read(arena), reference, am::error, reason), token);
  }
  process.relations.remove_spawn_request(number);
}

}  // namespace hanse
