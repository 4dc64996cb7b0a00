// Sessions: a caller that has shown its key once agrees on a secret with the node (X25519, RFC 7748) and signs with HMAC-SHA256 from then on,
// a small part of the work. They live in memory only. Any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "gateway/crypto.h"

namespace hanse::gateway {

constexpr int64_t session_life_s = 3600;
constexpr size_t sessions_of_key = 64;  // a new one ends the oldest

// The secret of a session: both sides compute it.
std::optional<Bytes32> session_secret(const Bytes32& own_secret, const Bytes32& other_public, const Bytes32& client_public, const Bytes32& node_public,
                                      std::string_view client, std::string_view node);

// Which of a session's nonces were used: counters, of which the last 65536 may come in any order.
class ReplayWindow {
 public:
  ReplayWindow() : bits_(size / 64) {}
  // False: the number was used, or is too old to know.
  bool take(uint64_t number);

 private:
  static constexpr uint64_t size = 65536;
  uint64_t highest_ = 0;
  std::vector<uint64_t> bits_;  // one for each of the last `size` numbers, at number % size
};

struct Session {
  std::string id;
  std::string key;  // whose session it is: a thumbprint
  Bytes32 secret{};
  int64_t ends_s = 0;
  Mutex<LockRank::gateway> mutex;
  ReplayWindow window GUARDED_BY(mutex);
  ~Session();
};

class SessionTable {
 public:
  std::shared_ptr<Session> add(std::string_view key, const Bytes32& secret, int64_t now_s);
  // nullptr: there is none, or its time is over.
  std::shared_ptr<Session> find(std::string_view id, int64_t now_s);
  void remove_key(std::string_view key);
  size_t size() const;

 private:
  mutable Mutex<LockRank::gateway> mutex_;
  std::unordered_map<std::string, std::shared_ptr<Session>> sessions_ GUARDED_BY(mutex_);
  std::unordered_map<std::string, std::vector<std::string>> of_key_ GUARDED_BY(mutex_);  // oldest first
};

}  // namespace hanse::gateway
