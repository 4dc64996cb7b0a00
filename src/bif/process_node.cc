// erlang: the end of the node, and what can be said of nodes without distribution.
#include <cstdio>
#include <cstdlib>

#include "bif/tables.h"
#include "process/call.h"
#include "process/scheduler.h"
#include "process/send.h"
#include "term/map.h"
#include "term/node.h"
#include "term/text.h"

namespace hanse {

// erlang:halt/2. Arguments: status (0.., abort, or a text for the crash dump), [{flush, Boolean}].
static Result erlang_halt_2(Call& call) {
  bool flush = true;
  Term list = call.args[1];
  for (; list.is_cons(); list = list.as_cons()->tail) {
    Term option = list.as_cons()->head;
    if (!is_tuple_of_arity(option, 2) || as_tuple(option)->elements[0] != am::flush) return raise_badarg(call, am::badopt);
    Term value = as_tuple(option)->elements[1];
    if (value != am::true_ && value != am::false_) return raise_badarg(call, am::badopt);
    flush = value == am::true_;
  }
  if (!list.is_nil()) return raise_badarg(call, am::badopt);
  Term status = call.args[0];
  if (status.is_small() && status.as_small() >= 0) {
    halt_node(static_cast<int>(status.as_small() & 0xff), flush);
  } else if (status == am::abort) {
    std::abort();
  } else if (status.is_list()) {
    auto text = characters_of_list(status);
    if (!text) return raise_badarg(call);
    std::fprintf(stderr, "%s\n", text->c_str());
    halt_node(1, false);
  } else {
    return raise_badarg(call);
  }
  return Result::wait();  // for ever
}

static bool add_node_kinds(Term kind, bool& self) {
  if (kind == am::this_ || kind == am::known) self = true;
  return self || kind == am::visible || kind == am::hidden || kind == am::connected;
}

// Whether this node is among the kinds asked for; false in `valid` if the argument is none.
static bool includes_this_node(Term kinds, bool& valid) {
  bool self = false;
  valid = true;
  if (kinds.is_atom()) {
    valid = add_node_kinds(kinds, self);
    return self;
  }
  for (; kinds.is_cons(); kinds = kinds.as_cons()->tail) {
    bool one = false;
    if (!add_node_kinds(kinds.as_cons()->head, one)) valid = false;
    self |= one;
  }
  if (!kinds.is_nil()) valid = false;
  return self;
}

static Result erlang_nodes_0(Call&) { return Term::nil(); }

static Result erlang_nodes_1(Call& call) {
  bool valid, self = includes_this_node(call.args[0], valid);
  if (!valid) return raise_badarg(call);
  return self ? make_cons(call.arena(), this_node().name, Term::nil()) : Term::nil();
}

// erlang:nodes/2: [{Node, Info}]; options node_type, connection_id.
static Result erlang_nodes_2(Call& call) {
  bool valid, self = includes_this_node(call.args[0], valid);
  if (!valid || !call.args[1].is_map()) return raise_badarg(call);
  std::vector<Term> keys, values;
  Term key, value;
  for (MapIterator iterator(call.args[1]); iterator.next(key, value);) {
    if ((key != am::node_type && key != am::connection_id) || (value != am::true_ && value != am::false_))
      return raise_badarg(call);
    if (value == am::false_) continue;
    keys.push_back(key);
    values.push_back(key == am::node_type ? am::this_ : am::undefined);
  }
  if (!self) return Term::nil();
  Term info = map_from_pairs(call.arena(), keys, values);
  return make_cons(call.arena(), make_tuple(call.arena(), this_node().name, info), Term::nil());
}

// erlang:monitor_node/2,3 while the node is not alive.
static Result monitor_node(Call& call) {
  Term node = call.args[0], flag = call.args[1];
  if (!node.is_atom()) return raise_badarg(call);
  if (node != this_node().name) return raise_error(call, am::notalive);
  if (flag != am::true_ && flag != am::false_) return raise_badarg(call);
  return am::true_;
}
static Result erlang_monitor_node_2(Call& call) { return monitor_node(call); }
static Result erlang_monitor_node_3(Call& call) {
  Term list = call.args[2];
  for (; list.is_cons(); list = list.as_cons()->tail)
    if (list.as_cons()->head != am::allow_passive_connect) return raise_badarg(call, am::badopt);
  if (!list.is_nil()) return raise_badarg(call, am::badopt);
  return monitor_node(call);
}

static constexpr BifRow rows[] = {
    {"erlang", "halt", 2, erlang_halt_2, BifKind::plain, Authority::host},
    {"erlang", "nodes", 0, erlang_nodes_0, BifKind::plain, Authority::own_machine},
    {"erlang", "nodes", 1, erlang_nodes_1, BifKind::plain, Authority::own_machine},
    {"erlang", "nodes", 2, erlang_nodes_2, BifKind::plain, Authority::own_machine},
    {"erlang", "monitor_node", 2, erlang_monitor_node_2, BifKind::plain, Authority::host},
    {"erlang", "monitor_node", 3, erlang_monitor_node_3, BifKind::plain, Authority::host},
};
const BifTable process_node_bifs = rows;

}  // namespace hanse
