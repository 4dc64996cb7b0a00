// A server whose requests are messages for a process of the node.
#pragma once

#include <array>
#include <memory>
#include <unordered_map>

#include "gateway/server.h"
#include "term/term.h"

namespace hanse::gateway {

class NodeService final : public Service {
 public:
  NodeService(Term handler, uint64_t id) : handler_(handler), id_(id) {}

  Term handler() const { return handler_; }
  void set_self(const SigningKey& key) { self_ = self_document(key.public_key()); }
  void add_key(std::string name, const PublicKey& key);
  void remove_key(const std::string& name);

  std::optional<PublicKey> key(std::string_view keyid, const Request& request) override;
  // GET / only: who this node is.
  bool takes_unsigned(const Request& request) override { return request.method == "GET" && request.target == "/"; }
  void handle(std::shared_ptr<Exchange> exchange) override;
  void refused(const RefusedRequest& refusal) override;
  void second_passed() override;

 private:
  static std::string self_document(const PublicKey& key);
  void tell(const RefusedRequest& refusal, uint64_t count);

  // Refusals of a second: the first ones are told one by one, the others as one for each kind.
  static constexpr unsigned told_per_second = 100;
  struct Flood {
    RefusedRequest last;
    uint64_t count = 0;
  };

  const Term handler_;
  const uint64_t id_;
  std::string self_;
  Mutex<LockRank::gateway> mutex_;
  std::unordered_map<std::string, PublicKey> keys_ GUARDED_BY(mutex_);
  unsigned told_ GUARDED_BY(mutex_) = 0;
  std::unordered_map<std::string, Flood> floods_ GUARDED_BY(mutex_);  // by kind
};

}  // namespace hanse::gateway
