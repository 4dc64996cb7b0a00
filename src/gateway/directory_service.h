// The web EPMD: a directory of nodes over HTTP. Looking up and subscribing needs no signature; registering is signed with the node's own key.
// docs/directory.md has the protocol.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "gateway/directory.h"
#include "gateway/relay.h"
#include "gateway/server.h"

namespace hanse::gateway {

struct DirectoryOptions {
  DirectoryLimits limits;
  RelayLimits relay;
  size_t subscribers = 10'000;
  size_t subscribers_of_peer = 64;
};

class DirectoryService final : public Service {
 public:
  // own: the key of the server. The owners outlive the service.
  DirectoryService(NameOwners& owners, const PublicKey& own, DirectoryOptions options = {});
  // False: the names cannot be read.
  bool load();

  std::optional<PublicKey> key(std::string_view keyid, const Request& request) override;
  bool takes_unsigned(const Request& request) override;
  bool passes_on(const Request& request) override;
  void handle(std::shared_ptr<Exchange> exchange) override;
  void second_passed() override;

 private:
  struct Subscriber {
    std::shared_ptr<Exchange> exchange;
    std::string name, function;  // what it wants to hear of; empty: all
    bool wants(const Node& node) const;
  };
  using Streams = std::vector<std::shared_ptr<Exchange>>;

  void handle_node(Exchange& exchange, const std::string& name);
  void handle_listener(std::shared_ptr<Exchange> exchange, const std::string& name);
  void answer_change(Exchange& exchange, const std::expected<Directory::Registered, Problem>& outcome) REQUIRES_LOCK(mutex_);
  void list(Exchange& exchange);
  void show(Exchange& exchange, const std::string& name);
  void page(Exchange& exchange);
  void subscribe(std::shared_ptr<Exchange> exchange);
  void unsubscribe(const Exchange* exchange);
  void tell(const char* kind, const Node& node) REQUIRES_LOCK(mutex_);
  // Whether the key of the caller is that of the node of this name, which is there.
  bool is_owner(const Request& request, const std::string& name);

  const PublicKey own_;
  const DirectoryOptions options_;
  Relay relay_;
  mutable Mutex<LockRank::gateway> mutex_;
  Directory directory_ GUARDED_BY(mutex_);
  std::vector<Subscriber> subscribers_ GUARDED_BY(mutex_);
  std::unordered_map<std::string, size_t> subscribers_of_ GUARDED_BY(mutex_);  // by address
  Streams slow_ GUARDED_BY(mutex_);  // subscribers that do not read: to be ended without the lock
};

}  // namespace hanse::gateway
