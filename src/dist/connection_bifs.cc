// erlang:setnode/2, and how net_kernel and dist_util make and end connections.
#include "bif/tables.h"
#include "dist/distribution.h"
#include "dist/node_monitors.h"
#include "process/call.h"
#include "process/machine.h"
#include "process/ports_interface.h"
#include "process/process_table.h"
#include "term/big.h"

namespace hanse {

using dist::Connection;

static bool parse_uint32(Term term, uint32_t& value) {
  uint64_t wide;
  if (!term.is_integer() || !integer_fits_uint64(term, wide) || wide > UINT32_MAX) return false;
  value = static_cast<uint32_t>(wide);
  return true;
}

// erlang:setnode/2. Arguments: the node's name, its creation. The node becomes alive, for as long as net_kernel lives.
static Result erlang_setnode_2(Call& call) {
  uint32_t creation;
  Term name = call.args[0], net_kernel = host_machine().registry.find(am::net_kernel);
  if (!dist::is_node_name(name) || name == am::nonode_at_nohost || !parse_uint32(call.args[1], creation)) return raise_badarg(call);
  if (dist::is_alive() || !net_kernel.is_local_pid()) return raise_badarg(call);
  dist::become_alive(name, creation, net_kernel);
  return am::true_;
}

// {erts_dflags, Default, Mandatory, Addable, Rejectable, StrictOrder}
static Result erts_internal_get_dflags_0(Call& call) {
  namespace flag = dist::flag;
  Arena& arena = call.arena();
  return make_tuple(arena, am::erts_dflags, make_unsigned(arena, flag::supported), make_unsigned(arena, flag::mandatory),
                    make_unsigned(arena, flag::supported), make_unsigned(arena, flag::rejectable),
                    make_unsigned(arena, flag::strict_order));
}

// erts_internal:new_connection/1: {Id, Reference} of the present connection, or of a new, pending one.
static Result erts_internal_new_connection_1(Call& call) {
  if (!dist::is_node_name(call.args[0])) return raise_badarg(call);
  bool is_new;
  Ref<Connection> connection = RemoteNode::of(call.args[0]).connection_or_pending(is_new);
  return dist::connection_handle(call.arena(), *connection);
}

// erts_internal:abort_pending_connection/2. Arguments: node, {Id, Reference}. False if that connection is up.
static Result erts_internal_abort_pending_connection_2(Call& call) {
  Term handle = call.args[1];
  if (!call.args[0].is_atom() || !is_tuple_of_arity(handle, 2)) return raise_badarg(call);
  uint64_t id;
  Term number = as_tuple(handle)->elements[0];
  if (!number.is_integer() || !integer_fits_uint64(number, id)) return raise_badarg(call);
  RemoteNode* node = RemoteNode::find(call.args[0]);
  if (!node || RemoteNode::find_handle(as_tuple(handle)->elements[1]) != node) return raise_badarg(call);
  Ref<Connection> connection = dist::connection_of(*node, id);
  if (!connection) return am::true_;
  if (connection->state() == Connection::State::up) return am::false_;
  connection->end(am::noconnection);
  return am::true_;
}

static bool attach_carrier(Term carrier, Connection& connection) {
  if (carrier.is_local_port()) return port_signals() && port_signals()->attach_carrier(carrier, &connection);
  dist::add_carrier_process(carrier, connection);
  epoch::Guard guard;
  return find_process(carrier) != nullptr;
}

// erts_internal:create_dist_channel/3. Arguments: node, the port or process that carries it, {Flags, Creation}. {ok, Handle},
// or an atom to raise.
static Result erts_internal_create_dist_channel_3(Call& call) {
  Term name = call.args[0], carrier = call.args[1], settings = call.args[2];
  uint64_t flags;
  uint32_t creation;
  if (!dist::is_node_name(name) || !dist::is_alive() || name == this_node().name) return am::badarg;
  if (!carrier.is_local_pid() && !carrier.is_local_port()) return am::badarg;
  if (!is_tuple_of_arity(settings, 2) || !as_tuple(settings)->elements[0].is_integer() ||
      !integer_fits_uint64(as_tuple(settings)->elements[0], flags) || !parse_uint32(as_tuple(settings)->elements[1], creation))
    return am::badarg;
  if ((flags & dist::flag::mandatory) != dist::flag::mandatory) return am::badarg;
  bool is_new;
  Ref<Connection> connection = RemoteNode::of(name).connection_or_pending(is_new);
  if (connection->state() != Connection::State::pending || !attach_carrier(carrier, *connection)) return am::badarg;
  if (!connection->go_up(flags, creation, carrier)) return am::badarg;
  Term announcement = make_tuple(call.arena(), am::dist_ctrlr, carrier, name, call.process.self);
  deliver_to_name(am::net_kernel, announcement);
  dist::node_monitors().node_up(*connection);
  connection->start();
  return make_tuple(call.arena(), am::ok, make_reference(call.arena(), connection->node.handle));
}

static constexpr BifRow rows[] = {
    {"erlang", "setnode", 2, erlang_setnode_2, BifKind::plain, Authority::host},
    {"erts_internal", "abort_pending_connection", 2, erts_internal_abort_pending_connection_2, BifKind::plain, Authority::host},
    {"erts_internal", "create_dist_channel", 3, erts_internal_create_dist_channel_3, BifKind::plain, Authority::host},
    {"erts_internal", "get_dflags", 0, erts_internal_get_dflags_0, BifKind::plain, Authority::host},
    {"erts_internal", "new_connection", 1, erts_internal_new_connection_1, BifKind::plain, Authority::host},
};
const BifTable dist_connection_bifs = rows;

}  // namespace hanse
