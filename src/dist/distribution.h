// This node's part in the distribution: whether it is alive, and which process answers for that.
#pragma once

#include "dist/connection.h"
#include "process/distribution.h"
#include "process/spawn.h"

namespace hanse::dist {

// main installs both once; they live as long as the node.
DistributionSignals& distribution_of_node();
ProcessExitHook& distribution_exit_hook();
// Items of erts_debug:get_internal_state/1.
void register_distribution_internals();

bool is_alive();
// A node with a name that another is to choose has net_kernel before it is alive.
bool is_or_will_be_alive();
// Name of this node or a possible name of another: a part before and one after a single @.
bool is_node_name(Term name);
// erlang:setnode/2. net_kernel: the process with whose end the node stops being alive.
void become_alive(Term name, uint32_t creation, Term net_kernel);

// The connection to a node; if there is none, net_kernel is asked for one. nullptr: impossible.
Ref<Connection> connection_for_signal(RemoteNode& node);
// The connection of that number, if the node still has it.
Ref<Connection> connection_of(RemoteNode& node, uint64_t id);
// {Id, Reference}, as net_kernel knows a connection.
Term connection_handle(Arena& arena, Connection& connection);
// The node of an external pid, port or reference.
NodeEntry* node_of_external(Term identifier);

// A process carries a connection: its end is the connection's.
void add_carrier_process(Term process, Connection& connection);

}  // namespace hanse::dist
