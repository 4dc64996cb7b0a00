#include "gateway/sessions.h"

#include <sodium.h>

namespace hanse::gateway {

std::optional<Bytes32> session_secret(const Bytes32& own_secret, const Bytes32& other_public, const Bytes32& client_public, const Bytes32& node_public,
                                      std::string_view client, std::string_view node) {
  auto shared = shared_secret(own_secret, other_public);
  if (!shared) return std::nullopt;
  Bytes32 salt = sha256(std::string(text_of(client_public)) + std::string(text_of(node_public)));
  return hkdf_sha256(*shared, salt, "hanse session " + std::string(client) + " " + std::string(node));
}

bool ReplayWindow::take(uint64_t number) {
  if (number > highest_) {
    if (number - highest_ >= size) {
      std::fill(bits_.begin(), bits_.end(), 0);
    } else {
      for (uint64_t passed = highest_ + 1; passed < number; passed++) bits_[passed % size / 64] &= ~(uint64_t{1} << (passed % 64));
    }
    bits_[number % size / 64] |= uint64_t{1} << (number % 64);
    highest_ = number;
    return true;
  }
  if (number == 0 || highest_ - number >= size) return false;
  uint64_t& word = bits_[number % size / 64];
  uint64_t bit = uint64_t{1} << (number % 64);
  if (word & bit) return false;
  word |= bit;
  return true;
}

Session::~Session() { sodium_memzero(secret.data(), secret.size()); }

std::shared_ptr<Session> SessionTable::add(std::string_view key, const Bytes32& secret, int64_t now_s) {
  auto session = std::make_shared<Session>();
  Bytes32 random;
  random_bytes(random);
  session->id = base64url(std::span(random).first(18));
  session->key = key;
  session->secret = secret;
  session->ends_s = now_s + session_life_s;
  Lock lock(mutex_);
  std::vector<std::string>& own = of_key_[session->key];
  if (own.size() >= sessions_of_key) {
    sessions_.erase(own.front());
    own.erase(own.begin());
  }
  own.push_back(session->id);
  sessions_[session->id] = session;
  return session;
}

std::shared_ptr<Session> SessionTable::find(std::string_view id, int64_t now_s) {
  Lock lock(mutex_);
  auto found = sessions_.find(std::string(id));
  if (found == sessions_.end()) return nullptr;
  if (found->second->ends_s >= now_s) return found->second;
  std::erase(of_key_[found->second->key], found->first);
  sessions_.erase(found);
  return nullptr;
}

void SessionTable::remove_key(std::string_view key) {
  Lock lock(mutex_);
  auto found = of_key_.find(std::string(key));
  if (found == of_key_.end()) return;
  for (const std::string& id : found->second) sessions_.erase(id);
  of_key_.erase(found);
}

size_t SessionTable::size() const {
  Lock lock(mutex_);
  return sessions_.size();
}

}  // namespace hanse::gateway
