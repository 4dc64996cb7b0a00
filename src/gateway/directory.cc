#include "gateway/directory.h"

#include <algorithm>

#include "gateway/json.h"

namespace hanse::gateway {

namespace {

std::unexpected<Problem> refuse(unsigned status, const char* kind, std::string detail) {
  return std::unexpected(Problem{status, kind, std::move(detail)});
}

bool is_letter_or_digit(char c) { return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z'); }

// Printable ASCII without what means something in HTML, in shells or in JSON.
bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 127 && !std::string_view("\"'<>&\\`|^{}").contains(c); });
}

bool is_url(std::string_view url) {
  size_t scheme = url.starts_with("http://") ? 7 : url.starts_with("https://") ? 8 : 0;
  return scheme > 0 && url.size() > scheme && url.size() <= 512 && is_plain(url) && url[scheme] != '/' && !url.substr(scheme).contains('@');
}

// "weather:today/1"; names as Erlang has them without quotes, or Elixir's.
bool is_function(std::string_view text) {
  size_t colon = text.find(':'), slash = text.rfind('/');
  if (colon == 0 || slash == std::string_view::npos || slash < colon + 2 || text.size() > 128) return false;
  std::string_view arity = text.substr(slash + 1);
  auto is_name = [](std::string_view name) { return std::ranges::all_of(name, [](char c) { return is_letter_or_digit(c) || std::string_view("_.@?!").contains(c); }); };
  return is_name(text.substr(0, colon)) && is_name(text.substr(colon + 1, slash - colon - 1)) && !arity.empty() && arity.size() <= 3 &&
         std::ranges::all_of(arity, [](char c) { return c >= '0' && c <= '9'; });
}

bool has_control_characters(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 127; });
}

std::optional<PublicKey> key_of_object(const boost::json::object& body) {
  const boost::json::value* jwk = body.if_contains("key");
  if (jwk == nullptr || !jwk->is_object()) return std::nullopt;
  const auto& object = jwk->get_object();
  auto x = json_text(object, "x");
  if (json_text(object, "kty") != "OKP" || json_text(object, "crv") != "Ed25519" || !x) return std::nullopt;
  return key_of_text(*x);
}

// Which of what a registration announces differs for those who look.
bool looks_the_same(const Registration& a, const Registration& b) {
  return a.url == b.url && a.functions == b.functions && a.note == b.note && a.relay == b.relay;
}

}  // namespace

bool is_directory_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && is_letter_or_digit(name[0]) &&
         std::ranges::all_of(name, [](char c) { return is_letter_or_digit(c) || std::string_view("._@-").contains(c); });
}

std::optional<PublicKey> key_of_text(std::string_view x) {
  auto bytes = base64url_decode(x);
  if (!bytes || bytes->size() != sizeof(Bytes32)) return std::nullopt;
  PublicKey key;
  std::ranges::copy(*bytes, reinterpret_cast<char*>(key.bytes.data()));
  return key;
}

std::optional<PublicKey> key_of_body(std::string_view body) {
  auto object = json_object(body);
  return object ? key_of_object(*object) : std::nullopt;
}

std::expected<Registration, Problem> parse_registration(std::string_view name, std::string_view body) {
  constexpr const char* kind = "registration";
  if (!is_directory_name(name)) return refuse(422, kind, "a name has 1 to 64 letters, digits and . _ @ -, and begins with a letter or a digit");
  auto object = json_object(body);
  if (!object) return refuse(422, kind, "expected a JSON object");
  auto key = key_of_object(*object);
  if (!key) return refuse(422, kind, "expected key: a public Ed25519 key as JWK");
  Registration result{.name = std::string(name), .key = *key, .ttl_s = usual_ttl_s};
  result.url = json_text(*object, "url").value_or("");
  if (const auto* relay = object->if_contains("relay")) {
    if (!relay->is_bool()) return refuse(422, kind, "expected relay: true or false");
    result.relay = relay->get_bool();
  }
  if (!is_url(result.url) && !(result.url.empty() && result.relay))
    return refuse(422, kind, "expected url: one with http or https, of at most 512 characters; only a node with relay: true needs none");
  if (const auto* functions = object->if_contains("functions")) {
    if (!functions->is_array() || functions->get_array().size() > functions_of_node)
      return refuse(422, kind, "expected functions: at most " + std::to_string(functions_of_node) + " texts such as weather:today/1");
    size_t function_bytes = 0;
    for (const auto& function : functions->get_array()) {
      if (!function.is_string() || !is_function(std::string_view(function.get_string())))
        return refuse(422, kind, "expected functions: texts such as weather:today/1");
      result.functions.emplace_back(function.get_string());
      function_bytes += result.functions.back().size();
    }
    if (function_bytes > functions_bytes) return refuse(422, kind, "expected functions: at most " + std::to_string(functions_bytes) + " bytes of texts");
  }
  std::ranges::sort(result.functions);
  auto repeated = std::ranges::unique(result.functions);
  result.functions.erase(repeated.begin(), repeated.end());
  result.note = json_text(*object, "note").value_or("");
  if (result.note.size() > 200 || has_control_characters(result.note)) return refuse(422, kind, "expected note: at most 200 bytes on one line");
  if (object->contains("ttl")) {
    result.ttl_s = json_integer(*object, "ttl").value_or(-1);
    if (result.ttl_s < shortest_ttl_s || result.ttl_s > longest_ttl_s)
      return refuse(422, kind, "expected ttl: " + std::to_string(shortest_ttl_s) + " to " + std::to_string(longest_ttl_s) + " seconds");
  }
  return result;
}

bool Node::offers(std::string_view function) const {
  return std::ranges::any_of(registration.functions, [&](std::string_view offered) {
    return offered == function || offered.substr(0, offered.rfind('/')) == function;
  });
}

std::string Node::json() const {
  std::string functions;
  for (const std::string& function : registration.functions) {
    if (!functions.empty()) functions += ',';
    functions += json_quote(function);
  }
  return R"({"name":)" + json_quote(registration.name) + R"(,"node":")" + thumbprint + R"(","key":{"crv":"Ed25519","kty":"OKP","x":")" +
         base64url(registration.key.bytes) + R"("},"url":)" + (registration.url.empty() ? "null" : json_quote(registration.url)) +
         R"(,"relay":)" + (registration.relay ? "true" : "false") + R"(,"functions":[)" + functions + R"(],"note":)" + json_quote(registration.note) +
         R"(,"since":)" + std::to_string(since_s) + R"(,"expires":)" + std::to_string(expires_s) + "}";
}

bool Directory::load() {
  return owners_.load([&](std::string name, std::string thumbprint, int64_t) {
    names_of_[thumbprint]++;
    owner_of_.insert_or_assign(std::move(name), std::move(thumbprint));
  });
}

std::expected<void, Problem> Directory::take_name(const std::string& name, const std::string& thumbprint, std::string_view peer, int64_t now_s) {
  if (auto found = owner_of_.find(name); found != owner_of_.end()) {
    if (found->second == thumbprint) return {};
    return refuse(403, "name-taken", "this name belongs to another key");
  }
  if (auto own = names_of_.find(thumbprint); own != names_of_.end() && own->second >= limits_.names_of_key)
    return refuse(403, "names", "a key may take " + std::to_string(limits_.names_of_key) + " names");
  if (hour_ != now_s / 3600) {
    hour_ = now_s / 3600;
    new_of_peer_.clear();
  }
  if (size_t& taken = new_of_peer_[std::string(peer)]; taken >= limits_.new_names_of_peer)
    return refuse(429, "names", "too many new names came from this address within an hour");
  else
    taken++;
  if (owner_of_.size() >= limits_.names) return refuse(503, "names", "this directory is full");
  if (!owners_.add(name, thumbprint, now_s)) return refuse(503, "names", "the directory cannot write its file of names");
  owner_of_.emplace(name, thumbprint);
  names_of_[thumbprint]++;
  return {};
}

std::expected<Directory::Registered, Problem> Directory::put(Registration registration, std::string_view peer, int64_t now_s) {
  std::string owner = thumbprint(registration.key);
  if (auto taken = take_name(registration.name, owner, peer, now_s); !taken) return std::unexpected(taken.error());
  keys_.emplace(owner, registration.key);
  int64_t expires_s = now_s + registration.ttl_s;
  auto found = present_.find(registration.name);
  if (found == present_.end()) {
    std::string name = registration.name;
    auto [place, _] = present_.emplace(std::move(name), Node{std::move(registration), std::move(owner), now_s, expires_s});
    return Registered{&place->second, Change::up};
  }
  Node& node = found->second;
  Change change = looks_the_same(node.registration, registration) ? Change::renewed : Change::changed;
  node.registration = std::move(registration);
  node.expires_s = expires_s;
  return Registered{&node, change};
}

std::expected<Directory::Registered, Problem> Directory::heartbeat(std::string_view name, std::string_view owner, int64_t now_s) {
  auto found = present_.find(name);
  if (found == present_.end()) return refuse(404, "unknown-name", "nobody of this name is there (any more): register again");
  if (found->second.thumbprint != owner) return refuse(403, "name-taken", "this name belongs to another key");
  found->second.expires_s = now_s + found->second.registration.ttl_s;
  return Registered{&found->second, Change::renewed};
}

std::expected<Node, Problem> Directory::remove(std::string_view name, std::string_view owner) {
  auto found = present_.find(name);
  if (found == present_.end()) return refuse(404, "unknown-name", "nobody of this name is there");
  if (found->second.thumbprint != owner) return refuse(403, "name-taken", "this name belongs to another key");
  Node node = std::move(found->second);
  present_.erase(found);
  return node;
}

const Node* Directory::find(std::string_view name) const {
  auto found = present_.find(name);
  return found == present_.end() ? nullptr : &found->second;
}

std::optional<PublicKey> Directory::key(std::string_view thumbprint) const {
  auto found = keys_.find(thumbprint);
  return found == keys_.end() ? std::nullopt : std::optional(found->second);
}

void Directory::each(std::string_view after, const std::function<bool(const Node&)>& visit) const {
  for (auto place = present_.upper_bound(after); place != present_.end(); ++place)
    if (!visit(place->second)) return;
}

std::vector<Node> Directory::expire(int64_t now_s) {
  std::vector<Node> gone;
  for (auto place = present_.begin(); place != present_.end();) {
    if (place->second.expires_s > now_s) {
      ++place;
      continue;
    }
    gone.push_back(std::move(place->second));
    place = present_.erase(place);
  }
  return gone;
}

}  // namespace hanse::gateway
