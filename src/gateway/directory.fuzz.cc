// What strangers may write into the directory of the web EPMD. Input: registrations, each with a byte of key and action, two of length, and a
// body in which the first "KEY" stands for the key. Whatever gets in is shown again: as JSON, as HTML.
#include <string>

#include "base/check.h"
#include "base/fuzz_target.h"
#include "gateway/directory.h"
#include "gateway/directory_page.h"
#include "gateway/json.h"
#include "gateway/libraries.h"

namespace hanse::gateway {

namespace {

class NoNames final : public NameOwners {
 public:
  bool load(const std::function<void(std::string, std::string, int64_t)>&) override { return true; }
  bool add(const std::string&, const std::string&, int64_t) override { return true; }
};

const std::string& key_text(unsigned number) {
  static const std::array<std::string, 4> texts = [] {
    std::array<std::string, 4> made;
    for (uint8_t i = 0; i < made.size(); i++) {
      Bytes32 seed{};
      seed[0] = i;
      made[i] = R"({"kty":"OKP","crv":"Ed25519","x":")" + base64url(SigningKey(seed).public_key().bytes) + "\"}";
    }
    return made;
  }();
  return texts[number % texts.size()];
}

}  // namespace

FUZZ_TARGET(directory) {
  require_libraries();
  NoNames names;
  Directory directory(names, {.names = 20, .names_of_key = 4, .new_names_of_peer = 10});
  int64_t now_s = 1'000'000;
  for (size_t at = 0; at + 3 <= size;) {
    unsigned action = data[at];
    size_t length = std::min<size_t>(static_cast<size_t>(data[at + 1]) << 8 | data[at + 2], size - at - 3);
    std::string body(reinterpret_cast<const char*>(data + at + 3), length);
    at += 3 + length;
    std::string name = body.substr(0, body.find(' '));
    body.erase(0, name.size() + 1 <= body.size() ? name.size() + 1 : body.size());
    if (size_t place = body.find("KEY"); place != std::string::npos) body.replace(place, 3, key_text(action));
    auto registration = parse_registration(name, body);
    auto key = key_of_body(body);
    CHECK(!registration || (key && *key == registration->key && is_directory_name(registration->name)));
    if (registration) {
      std::string owner = thumbprint(registration->key);
      auto put = directory.put(std::move(*registration), action & 16 ? "p" : "q", now_s);
      if (put) {
        auto shown = json_object(put->node->json());
        CHECK(shown && json_text(*shown, "name") == name && json_text(*shown, "node") == owner && put->node->thumbprint == owner);
      }
      if (action & 32) (void)directory.remove(name, owner);
    }
    now_s += action >> 2 & 3;
  }
  std::string page = directory_page(directory, std::string_view(reinterpret_cast<const char*>(data), std::min<size_t>(size, 40)), now_s);
  CHECK(page.find("<script") == std::string::npos);
  size_t seen = 0;
  directory.each("", [&](const Node&) { return ++seen > 0; });
  CHECK(seen == directory.size() && directory.names() <= 20);
  CHECK(directory.expire(now_s + longest_ttl_s).size() == seen && directory.size() == 0);
  return 0;
}

}  // namespace hanse::gateway
