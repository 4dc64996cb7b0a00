#include "gateway/servers.h"

#include "base/detached_thread.h"
#include "gateway/exchanges.h"

namespace hanse::gateway {

namespace {

struct Table {
  Mutex<LockRank::gateway> mutex;
  std::unordered_map<uint64_t, std::shared_ptr<NodeServer>> servers GUARDED_BY(mutex);
  uint64_t next GUARDED_BY(mutex) = 1;
  std::atomic<size_t> count{0};  // of servers; read without the lock by processes that end
};

Table& table() {
  static auto* servers = new Table();
  return *servers;
}

std::shared_ptr<NodeServer> take(uint64_t number) {
  Lock lock(table().mutex);
  auto found = table().servers.find(number);
  if (found == table().servers.end()) return nullptr;
  auto server = std::move(found->second);
  table().servers.erase(found);
  table().count.fetch_sub(1, std::memory_order_relaxed);
  return server;
}

class GatewayExitHook final : public ProcessExitHook {
 public:
  void process_exits(Process& process, Term) override {
    if (ExchangeTable::node().has_owned()) ExchangeTable::node().drop_owner(process.self);
    if (table().count.load(std::memory_order_relaxed) == 0) return;
    std::vector<uint64_t> orphans;
    {
      Lock lock(table().mutex);
      for (auto& [number, server] : table().servers)
        if (server->service.handler() == process.self) orphans.push_back(number);
    }
    // Joining threads is nothing for a scheduler.
    for (uint64_t number : orphans) run_detached([number] { stop_node_server(number); });
  }
};

}  // namespace

std::expected<std::pair<uint64_t, uint16_t>, std::pair<StartError, std::string>> start_node_server(Term handler, const ServerOptions& options,
                                                                                                 const Bytes32& seed) {
  uint64_t number;
  {
    Lock lock(table().mutex);
    number = table().next++;
  }
  auto made = std::make_shared<NodeServer>(handler, number);
  made->service.set_self(SigningKey(seed));
  auto server = Server::start(options, seed, made->service);
  if (!server) return std::unexpected(server.error());
  made->server = std::move(*server);
  uint16_t port = made->server->port();
  Lock lock(table().mutex);
  table().servers.emplace(number, std::move(made));
  table().count.fetch_add(1, std::memory_order_relaxed);
  return std::pair(number, port);
}

std::shared_ptr<NodeServer> find_node_server(uint64_t number) {
  Lock lock(table().mutex);
  auto found = table().servers.find(number);
  return found == table().servers.end() ? nullptr : found->second;
}

bool stop_node_server(uint64_t number) {
  auto server = take(number);
  if (!server) return false;
  ExchangeTable::node().drop_server(number);
  return true;  // the server goes with the last reference: here, unless somebody asks it something right now
}

ProcessExitHook& gateway_exit_hook() {
  static GatewayExitHook hook;
  return hook;
}

}  // namespace hanse::gateway
