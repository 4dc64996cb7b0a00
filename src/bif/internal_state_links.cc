#include "bif/internal_state_links.h"

#include <atomic>
#include <vector>

#include "base/mutex.h"
#include "bif/list_builder.h"
#include "bif/process_info.h"
#include "bif/process_reply.h"
#include "process/outside_watcher.h"
#include "process/distribution.h"
#include "process/process_table.h"
#include "process/signals.h"
#include "term/copy.h"
#include "term/node.h"

namespace hanse {
namespace {

// What `build` makes of the process, on its own thread.
Result ask_about(Call& call, Term pid, Term (*build)(Arena& arena, Process& process)) {
  if (auto reply = take_reply(call)) return *reply;
  if (!pid.is_local_pid()) return raise_badarg(call);
  if (pid == call.process.self) {
    call.process.handle_signals();
    return build(call.arena(), call.process);
  }
  uint64_t serial = expect_reply(call);
  auto* signal = new ActionSignal;
  Term caller = call.process.self;
  signal->action = [caller, serial, build](Process& process) {
    FragmentArena arena(64);
    Term list = build(arena, process);
    send_reply(caller, serial, StoredTerm(list, arena.take()));
  };
  signal->gone = [caller, serial] { send_reply(caller, serial, am::undefined); };
  deliver_signal(pid, signal);
  return Result::wait();
}

// What `build` makes of all processes, on the thread of each.
using BuildList = void (*)(ListBuilder& list, Arena& arena, Process& process, Term node);
Result ask_about_node(Call& call, Term node, BuildList build) {
  if (auto reply = take_reply(call)) return *reply;
  struct Answers {
    Mutex<LockRank::trace> mutex;
    std::vector<StoredTerm> lists GUARDED_BY(mutex);
    std::atomic<size_t> missing;
  };
  std::vector<Term> pids = all_pids();
  auto answers = std::make_shared<Answers>();
  answers->missing = pids.size();
  uint64_t serial = expect_reply(call);
  Term caller = call.process.self;
  auto one_less = [answers, caller, serial] {
    if (answers->missing.fetch_sub(1) != 1) return;
    FragmentArena arena(64);
    ListBuilder all(arena);
    Lock lock(answers->mutex);
    for (const StoredTerm& list : answers->lists)
      for (Term rest = list.read(arena); rest.is_cons(); rest = rest.as_cons()->tail) all.add(rest.as_cons()->head);
    send_reply(caller, serial, StoredTerm(all.finish(), arena.take()));
  };
  for (Term pid : pids) {
    auto* signal = new ActionSignal;
    signal->action = [answers, one_less, node, build](Process& process) {
      FragmentArena arena(64);
      ListBuilder list(arena);
      build(list, arena, process, node);
      Term found = list.finish();
      if (!found.is_nil()) {
        Lock lock(answers->mutex);
        answers->lists.emplace_back(found, arena.take());
      }
      one_less();
    };
    signal->gone = one_less;
    deliver_signal(pid, signal);
  }
  call.process.handle_signals();
  return Result::wait();
}

bool is_known_node(Term node) {
  uint32_t creation;
  return distribution_signals() && distribution_signals()->creation_of(node, creation);
}

Term type_of_peer(Term peer) {
  if (peer.is_port()) return am::port;
  return peer.is_local_pid() || peer.is_atom() ? am::process : make_atom("dist_process");
}

// {erl_link, Type, Peer, State, Id}. Stock's id is an address; this one is as good at telling links apart.
Term link_entry(Arena& arena, Process& process, const StoredTerm& peer, const Relations::Link& link, Term shown_peer) {
  uint64_t id = (internal_hash(peer.term()) ^ process.self.word() * 0x9e3779b97f4a7c15) >> 16;
  Term fields[] = {make_atom("erl_link"), type_of_peer(peer.term()), shown_peer,
                   link.unlinking == 0 ? make_atom("linked") : make_atom("unlinking"), make_unsigned(arena, id)};
  return make_tuple(arena, std::span<const Term>(fields));
}

Term link_list(Arena& arena, Process& process) {
  ListBuilder list(arena);
  if (auto* tables = process.relations.tables())
    tables->links.for_each([&](const StoredTerm& peer, Relations::Link& link) {
      list.add(link_entry(arena, process, peer, link, peer.read(arena)));
    });
  return list.finish();
}

// Links to processes of the node, named by the local ones.
void links_to_node(ListBuilder& list, Arena& arena, Process& process, Term node) {
  if (auto* tables = process.relations.tables())
    tables->links.for_each([&](const StoredTerm& peer, Relations::Link& link) {
      bool there = peer.term().is_boxed_kind(Boxed::external_pid) && peer.term().as<ExternalPid>()->node()->name == node;
      if (there && link.connection != 0) list.add(link_entry(arena, process, peer, link, process.self));
    });
}

Term monitor_entry(Arena& arena, Term type, Term direction, Term reference, Term peer, Term extra) {
  Term fields[] = {make_atom("erl_monitor"), type, direction, reference, peer, extra};
  return make_tuple(arena, std::span<const Term>(fields));
}

// As the node's table has them: what local processes watch there are targets, what is watched from there are origins.
void monitors_of_node(ListBuilder& list, Arena& arena, Process& process, Term node) {
  auto* tables = process.relations.tables();
  if (tables == nullptr) return;
  Term origin = make_atom("origin"), target = make_atom("target"), type = make_atom("dist_process");
  tables->monitors.for_each([&](ReferenceNumber number, Monitor& monitor) {
    Term watched = monitor.target.term();
    if (monitor.connection == 0 || !watched.is_pointer()) return;
    bool by_name = watched.is_tuple();
    if ((by_name ? as_tuple(watched)->elements[1] : watched.as<ExternalPid>()->node()->name) != node) return;
    Term reference = monitor.has_pid ? make_pid_reference(arena, number, process.self) : make_reference(arena, number);
    list.add(monitor_entry(arena, type, target, reference, process.self, by_name ? as_tuple(watched)->elements[0] : Term::nil()));
  });
  tables->remote_watchers.for_each([&](const StoredTerm& reference, RemoteWatcher& watcher) {
    if (watcher.watcher.term().as<ExternalPid>()->node()->name != node) return;
    list.add(monitor_entry(arena, type, origin, reference.read(arena), process.self, watcher.name.is_none() ? Term::nil() : watcher.name));
  });
  for (const NodeWatch& watch : tables->node_watches)
    if (watch.node == node) list.add(monitor_entry(arena, am::node, target, Term::nil(), process.self, Term::nil()));
}

// [{erl_monitor, Type, Direction, Reference, Peer, NameOrCount}]
Term monitor_list(Arena& arena, Process& process) {
  ListBuilder list(arena);
  auto* tables = process.relations.tables();
  if (tables == nullptr) return Term::nil();
  auto add = [&](Term type, Term direction, Term reference, Term peer, Term extra) {
    list.add(monitor_entry(arena, type, direction, reference, peer, extra));
  };
  Term origin = make_atom("origin"), target = make_atom("target"), dist_process = make_atom("dist_process");
  tables->monitors.for_each([&](ReferenceNumber number, Monitor& monitor) {
    Term reference = monitor.has_pid ? make_pid_reference(arena, number, process.self) : make_reference(arena, number);
    Term peer = monitor.target.term().is_none() ? Term::nil() : monitor.target.read(arena);
    Term extra = monitor.name.is_none() ? Term::nil() : monitor.name;
    Term type = monitor.kind == MonitorKind::port          ? am::port
                : monitor.kind == MonitorKind::time_offset ? am::time_offset
                : monitor.connection != 0                  ? dist_process
                                                           : am::process;
    if (type == dist_process && peer.is_tuple()) {
      extra = as_tuple(peer)->elements[0];
      peer = as_tuple(peer)->elements[1];
    }
    add(type, origin, reference, peer, extra);
  });
  tables->watchers.for_each([&](ReferenceNumber number, StoredTerm& watcher) {
    Term pid = watcher.term(), name = Term::nil();
    if (outside_watcher(pid) != nullptr) return;
    if (pid.is_cons()) {
      name = pid.as_cons()->tail;
      pid = pid.as_cons()->head;
    }
    add(am::process, target, make_reference(arena, number), pid, name);
  });
  tables->remote_watchers.for_each([&](const StoredTerm& reference, RemoteWatcher& watcher) {
    add(dist_process, target, reference.read(arena), watcher.watcher.read(arena), watcher.name.is_none() ? Term::nil() : watcher.name);
  });
  for (const NodeWatch& watch : tables->node_watches) add(am::node, origin, Term::nil(), watch.node, Term::small(watch.count));
  return list.finish();
}

}  // namespace

Result get_link_list(Call& call, Term of) {
  if (!of.is_atom()) return ask_about(call, of, link_list);
  return is_known_node(of) ? ask_about_node(call, of, links_to_node) : am::undefined;
}
Result get_monitor_list(Call& call, Term of) {
  if (!of.is_atom()) return ask_about(call, of, monitor_list);
  return is_known_node(of) ? ask_about_node(call, of, monitors_of_node) : am::undefined;
}

}  // namespace hanse
