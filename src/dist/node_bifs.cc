// erlang: nodes/0,1,2 and monitor_node/2,3.
#include <algorithm>

#include "bif/tables.h"
#include "dist/distribution.h"
#include "process/call.h"
#include "process/machine.h"
#include "process/signals.h"
#include "term/map.h"

namespace hanse {

using dist::Connection;

namespace {

struct NodeKinds {
  bool self = false, visible = false, hidden = false, known = false;

  bool add(Term kind) {
    if (kind == am::this_) self = true;
    else if (kind == am::visible) visible = true;
    else if (kind == am::hidden) hidden = true;
    else if (kind == am::connected) visible = hidden = true;
    else if (kind == am::known) self = visible = hidden = known = true;
    else return false;
    return true;
  }
  // An atom or a list of them.
  bool parse(Term kinds) {
    if (kinds.is_atom()) return add(kinds);
    for (; kinds.is_cons(); kinds = kinds.as_cons()->tail)
      if (!add(kinds.as_cons()->head)) return false;
    return kinds.is_nil();
  }
};

struct NodeInfo {
  Term name;
  Term type;
  uint64_t connection = 0;
};

std::vector<NodeInfo> list_nodes(const NodeKinds& kinds) {
  std::vector<NodeInfo> found;
  Term self = this_node().name;
  if (kinds.self) found.push_back({self, am::this_});
  for (RemoteNode* node : RemoteNode::all()) {
    Ref<Connection> connection = node->connection();
    if (!connection || connection->state() != Connection::State::up) continue;
    bool hidden = connection->is_hidden();
    if (hidden ? kinds.hidden : kinds.visible) found.push_back({node->name, hidden ? am::hidden : am::visible, connection->id});
  }
  if (!kinds.known) return found;
  auto is_listed = [&](Term name) { return std::any_of(found.begin(), found.end(), [&](NodeInfo& n) { return n.name == name; }); };
  for (Term name : known_nodes())
    if (!is_listed(name)) found.push_back({name, am::known});
  return found;
}

Term name_list(Arena& arena, const std::vector<NodeInfo>& nodes) {
  Term list = Term::nil();
  for (size_t i = nodes.size(); i-- > 0;) list = make_cons(arena, nodes[i].name, list);
  return list;
}

}  // namespace

static Result erlang_nodes_0(Call& call) {
  NodeKinds kinds;
  kinds.visible = true;
  return name_list(call.arena(), list_nodes(kinds));
}

static Result erlang_nodes_1(Call& call) {
  NodeKinds kinds;
  if (!kinds.parse(call.args[0])) return raise_badarg(call);
  return name_list(call.arena(), list_nodes(kinds));
}

// erlang:nodes/2: [{Node, Info}]; options node_type, connection_id.
static Result erlang_nodes_2(Call& call) {
  NodeKinds kinds;
  if (!kinds.parse(call.args[0]) || !call.args[1].is_map()) return raise_badarg(call);
  bool type = false, id = false;
  Term key, value;
  for (MapIterator iterator(call.args[1]); iterator.next(key, value);) {
    if ((key != am::node_type && key != am::connection_id) || (value != am::true_ && value != am::false_))
      return raise_badarg(call);
    (key == am::node_type ? type : id) = value == am::true_;
  }
  Arena& arena = call.arena();
  Term list = Term::nil();
  for (const NodeInfo& node : list_nodes(kinds)) {
    std::vector<Term> keys, values;
    if (id) {
      keys.push_back(am::connection_id);
      values.push_back(node.connection == 0 ? am::undefined : make_unsigned(arena, node.connection));
    }
    if (type) {
      keys.push_back(am::node_type);
      values.push_back(node.type);
    }
    list = make_cons(arena, make_tuple(arena, node.name, map_from_pairs(arena, keys, values)), list);
  }
  return list;
}

static void add_watch(Process& process, Term node) {
  Ref<Connection> connection = dist::connection_for_signal(RemoteNode::of(node));
  if (!connection || !connection->involve(process.self)) {
    FragmentArena arena(4);
    deliver(process.self, make_tuple(arena, am::nodedown, node));
    return;
  }
  std::vector<NodeWatch>& watches = process.relations.node_watches();
  for (NodeWatch& watch : watches)
    if (watch.node == node && watch.connection == connection->id) {
      watch.count++;
      return;
    }
  watches.push_back({node, connection->id, 1});
}

static void remove_watch(Process& process, Term node) {
  std::vector<NodeWatch>& watches = process.relations.node_watches();
  for (NodeWatch& watch : watches)
    if (watch.node == node && watch.count > 0) {
      watch.count--;
      break;
    }
  std::erase_if(watches, [](NodeWatch& watch) { return watch.count == 0; });
}

static Result monitor_node(Call& call) {
  Term node = call.args[0], flag = call.args[1];
  if (!node.is_atom()) return raise_badarg(call);
  if (node != this_node().name && !dist::is_or_will_be_alive()) return raise_error(call, am::notalive);
  if (flag != am::true_ && flag != am::false_) return raise_badarg(call);
  if (node == this_node().name) return am::true_;
  if (flag == am::true_) add_watch(call.process, node);
  else remove_watch(call.process, node);
  return am::true_;
}
static bool is_connected(Term node) {
  Ref<Connection> connection = RemoteNode::of(node).connection();
  return connection && connection->state() == Connection::State::up;
}

static Result erlang_monitor_node_2(Call& call) { return monitor_node(call); }
static Result erlang_monitor_node_3(Call& call) {
  Term list = call.args[2];
  for (; list.is_cons(); list = list.as_cons()->tail)
    if (list.as_cons()->head != am::allow_passive_connect) return raise_badarg(call, am::badopt);
  if (!list.is_nil()) return raise_badarg(call, am::badopt);
  // OTP's own function waits until the connection is up, or the other node has connected.
  Term node = call.args[0];
  bool waits = call.args[2].is_cons() && call.args[1] == am::true_ && node.is_atom() && node != this_node().name &&
               dist::is_or_will_be_alive() && !is_connected(node);
  if (!waits) return monitor_node(call);
  call.process.trap_target = call.process.machine.realm.export_for(am::erlang, make_atom("dmonitor_node"), 3);
  return Result::trap();
}

static constexpr BifRow rows[] = {
    {"erlang", "monitor_node", 2, erlang_monitor_node_2, BifKind::plain, Authority::host},
    {"erlang", "monitor_node", 3, erlang_monitor_node_3, BifKind::plain, Authority::host},
    {"erlang", "nodes", 0, erlang_nodes_0, BifKind::plain, Authority::statistics},
    {"erlang", "nodes", 1, erlang_nodes_1, BifKind::plain, Authority::statistics},
    {"erlang", "nodes", 2, erlang_nodes_2, BifKind::plain, Authority::statistics},
};
const BifTable dist_node_bifs = rows;

}  // namespace hanse
