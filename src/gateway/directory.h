// The names of a web EPMD: who is there, under which URL, with which functions on offer. A name belongs to the key that first took it, for
// good; being there ends with its time to live. Owned by the directory's service; one thread at a time.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gateway/crypto.h"
#include "gateway/problem.h"

namespace hanse::gateway {

struct Registration {
  std::string name;                    // 1 to 64 of [A-Za-z0-9._@-], the first a letter or a digit
  PublicKey key;
  std::string url;                     // http or https; empty: reached through the relay only
  std::vector<std::string> functions;  // what the node announces: "weather:today/1"
  std::string note;                    // for people
  int64_t ttl_s = 0;
  bool relay = false;                  // the directory forwards requests to it
};

constexpr size_t functions_of_node = 256, functions_bytes = 8192;
constexpr int64_t shortest_ttl_s = 5, longest_ttl_s = 3600, usual_ttl_s = 90;

bool is_directory_name(std::string_view name);
// The body of a registration: {"key": JWK, "url", "functions", "note", "ttl", "relay"}. Everything in it is checked: what is accepted can be
// shown to others as it is, in JSON or, escaped, in HTML.
std::expected<Registration, Problem> parse_registration(std::string_view name, std::string_view body);
// The public key of such a body, or of a field Hanse-Key, which has the JWK's x.
std::optional<PublicKey> key_of_body(std::string_view body);
std::optional<PublicKey> key_of_text(std::string_view x);

struct Node {
  Registration registration;
  std::string thumbprint;
  int64_t since_s = 0;    // unix time of the registration that the others only renewed
  int64_t expires_s = 0;

  bool offers(std::string_view function) const;  // with or without "/arity"
  std::string json() const;
};

// Who owns which name: kept by whoever can remember it longer than the process.
class NameOwners {
 public:
  virtual ~NameOwners() = default;
  // Calls back with every name, the thumbprint of its key and when it was taken.
  virtual bool load(const std::function<void(std::string name, std::string thumbprint, int64_t since_s)>& each) = 0;
  // False: it could not be written, and nothing has been.
  virtual bool add(const std::string& name, const std::string& thumbprint, int64_t since_s) = 0;
};

struct DirectoryLimits {
  size_t names = 20'000;              // ever
  size_t names_of_key = 16;
  size_t new_names_of_peer = 30;      // per hour and address: keys cost nothing
};

enum class Change : uint8_t { up, changed, renewed, down };

class Directory {
 public:
  Directory(NameOwners& owners, DirectoryLimits limits) : owners_(owners), limits_(limits) {}
  bool load();

  struct Registered {
    const Node* node;
    Change change;
  };
  std::expected<Registered, Problem> put(Registration registration, std::string_view peer, int64_t now_s);
  // Only the owner's key.
  std::expected<Registered, Problem> heartbeat(std::string_view name, std::string_view thumbprint, int64_t now_s);
  std::expected<Node, Problem> remove(std::string_view name, std::string_view thumbprint);
  // nullptr: nobody of that name is there.
  const Node* find(std::string_view name) const;
  // The key of that thumbprint, if it has registered since the start.
  std::optional<PublicKey> key(std::string_view thumbprint) const;
  // By name, those behind `after`, until it answers false.
  void each(std::string_view after, const std::function<bool(const Node&)>& visit) const;
  // Takes out those whose time is over.
  std::vector<Node> expire(int64_t now_s);

  size_t size() const { return present_.size(); }
  size_t names() const { return owner_of_.size(); }

 private:
  std::expected<void, Problem> take_name(const std::string& name, const std::string& thumbprint, std::string_view peer, int64_t now_s);

  NameOwners& owners_;
  const DirectoryLimits limits_;
  std::map<std::string, Node, std::less<>> present_;
  std::map<std::string, std::string, std::less<>> owner_of_;       // name to thumbprint
  std::map<std::string, PublicKey, std::less<>> keys_;             // by thumbprint: of those who own a name
  std::unordered_map<std::string, size_t> names_of_;               // thumbprint to number of names
  std::unordered_map<std::string, size_t> new_of_peer_;            // in this hour
  int64_t hour_ = 0;
};

}  // namespace hanse::gateway
