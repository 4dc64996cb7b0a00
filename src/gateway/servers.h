// The servers of the node, by number: each belongs to a process, its handler, and ends with it. Any thread.
#pragma once

#include <memory>

#include "gateway/node_service.h"
#include "process/spawn.h"

namespace hanse::gateway {

struct NodeServer {
  NodeServer(Term handler, uint64_t number) : service(handler, number) {}
  NodeService service;
  std::unique_ptr<Server> server;  // goes first
};

std::expected<std::pair<uint64_t, uint16_t>, std::pair<StartError, std::string>> start_node_server(Term handler, const ServerOptions& options,
                                                                                                 const Bytes32& seed);
// nullptr: there is none (any more).
std::shared_ptr<NodeServer> find_node_server(uint64_t number);
bool stop_node_server(uint64_t number);

// Streams and servers end with their processes.
ProcessExitHook& gateway_exit_hook();

}  // namespace hanse::gateway
