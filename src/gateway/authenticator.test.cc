#include "gateway/authenticator.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "gateway/json.h"

namespace hanse::gateway {

namespace {

constexpr int64_t now_s = 1'800'000'000;

Bytes32 seed_of(uint8_t byte) {
  Bytes32 seed;
  seed.fill(byte);
  return seed;
}

std::unique_ptr<NonceJournal> journal(const std::string& path = "") { return std::move(NonceJournal::open(path, now_s).value()); }

// A request as clients make it, and everything of it that can be wrong.
struct Asked {
  SigningKey key{seed_of(1)};
  std::string method = "PUT", target = "/apply/m/f?x=1", body = "[1]";
  std::vector<Item> components = {component("@method"), component("@path"), component("@query"), component("content-digest")};
  std::string tag, keyid = thumbprint(key.public_key()), nonce = "0123456789abcdef", algorithm = "ed25519";
  int64_t created = now_s;
  std::optional<int64_t> expires;
  std::optional<Bytes32> secret;
  std::vector<Field> fields;

  explicit Asked(const Authenticator& node) : tag("hanse:" + node.node_name()) {}

  Message message() const { return {method, "http", "localhost", target, 0, fields, nullptr}; }
  void sign() {
    fields = {{"content-digest", content_digest(body)}};
    Parameters parameters = {{"created", BareItem::of_integer(created)}, {"keyid", BareItem::of_string(keyid)}, {"alg", BareItem::of_string(algorithm)},
                             {"nonce", BareItem::of_string(nonce)}, {"tag", BareItem::of_string(tag)}};
    if (expires) parameters.push_back({"expires", BareItem::of_integer(*expires)});
    SignatureFields made = make_signature(message(), "mine", components, parameters, [&](std::string_view base) {
      return secret ? std::string(text_of(hmac_sha256(*secret, base))) : std::string(text_of(key.sign(base)));
    });
    fields.push_back({"signature-input", made.input});
    fields.push_back({"signature", made.signature});
  }
};

struct Node {
  Authenticator authenticator{SigningKey(seed_of(9)), journal()};
  PublicKey known = SigningKey(seed_of(1)).public_key();

  std::expected<Caller, Problem> check(const Asked& asked) {
    return authenticator.authenticate(asked.message(), asked.body, now_s, [&](std::string_view keyid) {
      return keyid == thumbprint(known) ? std::optional(known) : std::nullopt;
    });
  }
  std::string kind(const Asked& asked) {
    auto caller = check(asked);
    return caller ? "ok" : std::to_string(caller.error().status) + " " + caller.error().kind;
  }
};

}  // namespace

TEST(GatewayAuthenticator, AcceptsARequestOnce) {
  Node node;
  Asked asked(node.authenticator);
  asked.sign();
  auto caller = node.check(asked);
  ASSERT_TRUE(caller);
  EXPECT_EQ(caller->key, asked.keyid);
  EXPECT_EQ(caller->label, "mine");
  EXPECT_EQ(node.kind(asked), "409 replay");
  asked.nonce = "0123456789abcdeg";
  asked.sign();
  EXPECT_EQ(node.kind(asked), "ok");
}

TEST(GatewayAuthenticator, RefusesWhatIsNotSignedAsItMust) {
  Node node;
  auto outcome = [&](auto change) {
    Asked asked(node.authenticator);
    change(asked);
    asked.sign();
    return node.kind(asked);
  };
  EXPECT_EQ(outcome([](Asked& a) { a.tag = "hanse:" + std::string(43, 'x'); }), "401 recipient");
  EXPECT_EQ(outcome([](Asked& a) { a.tag = "other"; }), "401 unsigned");
  EXPECT_EQ(outcome([](Asked& a) { a.created -= 61; }), "401 clock");
  EXPECT_EQ(outcome([](Asked& a) { a.created += 61; }), "401 clock");
  EXPECT_EQ(outcome([](Asked& a) { a.created -= 3600; a.expires = now_s + 10; }), "401 malformed");
  EXPECT_EQ(outcome([](Asked& a) { a.expires = now_s - 1; a.created -= 30; }), "401 clock");
  EXPECT_EQ(outcome([](Asked& a) { a.nonce = "short"; }), "401 malformed");
  EXPECT_EQ(outcome([](Asked& a) { a.nonce = std::string(65, 'n'); }), "401 malformed");
  EXPECT_EQ(outcome([](Asked& a) { a.algorithm = "rsa-v1_5-sha256"; }), "401 algorithm");
  EXPECT_EQ(outcome([](Asked& a) { a.algorithm = "hmac-sha256"; }), "401 session");
  EXPECT_EQ(outcome([](Asked& a) { a.key = SigningKey(seed_of(2)); }), "401 signature");
  EXPECT_EQ(outcome([](Asked& a) { a.key = SigningKey(seed_of(2)); a.keyid = thumbprint(a.key.public_key()); }), "401 key");
  for (size_t i = 0; i < 4; i++)
    EXPECT_EQ(outcome([i](Asked& a) { a.components.erase(a.components.begin() + static_cast<long>(i)); }), "401 coverage") << i;
  EXPECT_EQ(outcome([](Asked& a) { a.components = {component("@request-target"), component("@method"), component("content-digest")}; }), "ok");
}

TEST(GatewayAuthenticator, RefusesWhatWasChanged) {
  Node node;
  auto outcome = [&](auto change) {
    Asked asked(node.authenticator);
    asked.sign();
    change(asked);
    return node.kind(asked);
  };
  EXPECT_EQ(outcome([](Asked& a) { a.body = "[2]"; }), "401 digest");
  EXPECT_EQ(outcome([](Asked& a) { a.body.clear(); }), "401 digest");
  EXPECT_EQ(outcome([](Asked& a) { a.fields[0].value = content_digest("[2]"); a.body = "[2]"; }), "401 signature");
  EXPECT_EQ(outcome([](Asked& a) { a.method = "POST"; }), "401 signature");
  EXPECT_EQ(outcome([](Asked& a) { a.target = "/apply/m/g?x=1"; }), "401 signature");
  EXPECT_EQ(outcome([](Asked& a) { a.target = "/apply/m/f?x=2"; }), "401 signature");
  EXPECT_EQ(outcome([](Asked& a) { a.fields.pop_back(); }), "401 unsigned");
  EXPECT_EQ(outcome([](Asked& a) { a.fields[2].value = "mine=:AAAA:"; }), "401 signature");
  EXPECT_EQ(outcome([](Asked& a) { a.fields[2].value = "other=:AAAA:"; }), "401 malformed");
  EXPECT_EQ(outcome([](Asked& a) { a.fields[1].value += "("; }), "401 malformed");
}

TEST(GatewayAuthenticator, OpensSessions) {
  Node node;
  Asked asked(node.authenticator);
  asked.sign();
  auto caller = node.check(asked);
  ASSERT_TRUE(caller);
  Bytes32 own = seed_of(5);
  EXPECT_FALSE(node.authenticator.open_session(*caller, "{}", now_s));
  EXPECT_FALSE(node.authenticator.open_session(*caller, R"({"x25519":")" + base64url(Bytes32{}) + "\"}", now_s));
  auto opened = node.authenticator.open_session(*caller, R"({"x25519":")" + base64url(x25519_public(own)) + "\"}", now_s);
  ASSERT_TRUE(opened);
  auto document = json_object(*opened);
  ASSERT_TRUE(document);
  Bytes32 other;
  std::string raw = base64url_decode(*json_text(*document, "x25519")).value();
  std::copy(raw.begin(), raw.end(), reinterpret_cast<char*>(other.data()));

  asked.secret = session_secret(own, other, x25519_public(own), other, asked.keyid, node.authenticator.node_name());
  asked.keyid = *json_text(*document, "session");
  asked.algorithm = "hmac-sha256";
  for (auto [nonce, expected] : {std::pair("1", "ok"), {"1", "409 replay"}, {"3", "ok"}, {"2", "ok"}, {"2", "409 replay"}, {"x", "401 malformed"},
                                 {"0", "409 replay"}, {"100000", "ok"}, {"4", "409 replay"}, {"99999", "ok"}}) {
    asked.nonce = nonce;
    asked.sign();
    EXPECT_EQ(node.kind(asked), expected) << nonce;
  }
  asked.nonce = "100001";
  asked.sign();
  node.authenticator.sessions().remove_key(caller->key);
  EXPECT_EQ(node.kind(asked), "401 session");
}

TEST(GatewayAuthenticator, RemembersNoncesAcrossRestarts) {
  std::string path = std::filesystem::temp_directory_path() / ("hanse-nonces-" + std::to_string(getpid()));
  {
    auto first = journal(path);
    EXPECT_EQ(first->take("key", "nonce-1", now_s + 60, now_s), NonceJournal::Outcome::fresh);
    EXPECT_EQ(first->take("key", "nonce-1", now_s + 60, now_s), NonceJournal::Outcome::seen);
    EXPECT_FALSE(NonceJournal::open(path, now_s)) << "two nodes must not share a journal";
    for (int64_t later = 1; later < 2000; later += 100)
      EXPECT_EQ(first->take("key", "nonce-" + std::to_string(later + 1), now_s + later + 60, now_s + later), NonceJournal::Outcome::fresh);
    EXPECT_LT(first->size(), 10u);  // the old ones are gone
  }
  // Half a record, as a sudden end may leave it.
  { std::filesystem::resize_file(path, std::filesystem::file_size(path) - 5); }
  auto second = journal(path);
  EXPECT_EQ(second->take("key", "nonce-1802", now_s + 1860, now_s + 1900), NonceJournal::Outcome::seen);
  EXPECT_EQ(second->take("other", "nonce-1802", now_s + 1860, now_s + 1900), NonceJournal::Outcome::fresh);
  second.reset();
  for (const char* end : {"", ".old", ".lock"}) std::filesystem::remove(path + end);
}

}  // namespace hanse::gateway
