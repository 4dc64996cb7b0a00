#include "gateway/directory.h"

#include <gtest/gtest.h>

#include "gateway/directory_names.h"
#include "gateway/directory_page.h"
#include "gateway/json.h"

namespace hanse::gateway {

namespace {

PublicKey key_of(uint8_t number) {
  Bytes32 seed{};
  seed[0] = number;
  return SigningKey(seed).public_key();
}

std::string body_of(const PublicKey& key, const std::string& more = R"("url":"http://host:8080/")") {
  return R"({"key":{"kty":"OKP","crv":"Ed25519","x":")" + base64url(key.bytes) + "\"}," + more + "}";
}

Registration registration(std::string_view name, uint8_t key, const std::string& more = R"("url":"http://host:8080/")") {
  auto parsed = parse_registration(name, body_of(key_of(key), more));
  EXPECT_TRUE(parsed) << parsed.error().detail;
  return parsed ? *parsed : Registration{};
}

class MemoryNames final : public NameOwners {
 public:
  bool load(const std::function<void(std::string, std::string, int64_t)>&) override { return true; }
  bool add(const std::string&, const std::string&, int64_t) override { return writable; }
  bool writable = true;
};

}  // namespace

TEST(Directory, RegistrationsAreRead) {
  auto all = registration("weather@oslo", 1,
                          R"("url":"https://weather.example/x?y","functions":["weather:today/1","a:b/0","a:b/0"],"note":"Wetter für alle","ttl":10,"relay":true)");
  EXPECT_EQ(all.name, "weather@oslo");
  EXPECT_EQ(all.key, key_of(1));
  EXPECT_EQ(all.functions, (std::vector<std::string>{"a:b/0", "weather:today/1"}));
  EXPECT_EQ(all.ttl_s, 10);
  EXPECT_TRUE(all.relay);
  EXPECT_EQ(registration("x", 1).ttl_s, usual_ttl_s);
  EXPECT_EQ(registration("x", 1, R"("relay":true)").url, "");
}

TEST(Directory, WrongRegistrationsAreRefused) {
  for (const char* name : {"", "-x", ".x", "a b", "ä", "a/b", "<b>"}) EXPECT_FALSE(parse_registration(name, body_of(key_of(1)))) << name;
  EXPECT_FALSE(parse_registration(std::string(65, 'a'), body_of(key_of(1))));
  for (const char* more : {R"("relay":false)", R"("url":"")", R"("url":"ftp://x/")", R"("url":"http://")", R"("url":"http://a b/")", R"("url":"javascript:alert")",
                           R"("url":"http://u:p@host/")", R"("url":"http://x/\"><script>")", R"("url":5)", R"("url":"http://x/","relay":1)",
                           R"("url":"http://x/","functions":{})", R"("url":"http://x/","functions":["a"])", R"("url":"http://x/","functions":["a:b"])",
                           R"("url":"http://x/","functions":[":b/1"])", R"("url":"http://x/","functions":["a:/1"])", R"("url":"http://x/","functions":["a:b/"])",
                           R"("url":"http://x/","functions":["a:<b>/1"])", R"("url":"http://x/","functions":["a:b/1000"])", R"("url":"http://x/","functions":[1])",
                           R"("url":"http://x/","note":"a\nb")", R"("url":"http://x/","ttl":4)", R"("url":"http://x/","ttl":3601)", R"("url":"http://x/","ttl":"5")"})
    EXPECT_FALSE(parse_registration("x", body_of(key_of(1), more))) << more;
  for (const char* body : {"", "[]", "{", "{}", R"({"key":1})", R"({"key":{"kty":"OKP","crv":"Ed25519","x":"AA"}})", R"({"key":{"kty":"EC","crv":"Ed25519"}})"})
    EXPECT_FALSE(parse_registration("x", body)) << body;
  std::string many;
  for (size_t i = 0; i <= functions_of_node; i++) many += (i == 0 ? "\"a:b" : ",\"a:b") + std::to_string(i) + "/1\"";
  EXPECT_FALSE(parse_registration("x", body_of(key_of(1), R"("url":"http://x/","functions":[)" + many + "]")));
}

TEST(Directory, ANameBelongsToTheKeyThatFirstTookIt) {
  MemoryNames names;
  Directory directory(names, {});
  EXPECT_EQ(directory.put(registration("a", 1), "peer", 100)->change, Change::up);
  EXPECT_EQ(directory.put(registration("a", 1), "peer", 101)->change, Change::renewed);
  EXPECT_EQ(directory.put(registration("a", 1, R"("url":"http://other/")"), "peer", 102)->change, Change::changed);
  EXPECT_EQ(directory.put(registration("a", 2), "peer", 103).error().status, 403u);
  std::string one = thumbprint(key_of(1)), two = thumbprint(key_of(2));
  EXPECT_EQ(directory.heartbeat("a", two, 103).error().status, 403u);
  EXPECT_EQ(directory.remove("a", two).error().status, 403u);
  EXPECT_TRUE(directory.heartbeat("a", one, 103));
  EXPECT_EQ(directory.remove("a", one)->registration.url, "http://other/");
  EXPECT_EQ(directory.heartbeat("a", one, 104).error().status, 404u);
  EXPECT_EQ(directory.put(registration("a", 2), "peer", 105).error().status, 403u) << "gone, and still not anybody's";
  EXPECT_EQ(directory.put(registration("a", 1), "peer", 106)->change, Change::up);
}

TEST(Directory, TimeToLive) {
  MemoryNames names;
  Directory directory(names, {});
  (void)directory.put(registration("a", 1, R"("url":"http://x/","ttl":10)"), "peer", 100);
  (void)directory.put(registration("b", 1, R"("url":"http://x/","ttl":20)"), "peer", 100);
  EXPECT_TRUE(directory.expire(109).empty());
  EXPECT_TRUE(directory.heartbeat("a", thumbprint(key_of(1)), 109));
  EXPECT_TRUE(directory.expire(118).empty());
  EXPECT_EQ(directory.expire(120).size(), 2u);
  EXPECT_EQ(directory.find("a"), nullptr);
  EXPECT_EQ(directory.names(), 2u);
}

TEST(Directory, Limits) {
  MemoryNames names;
  Directory directory(names, {.names = 5, .names_of_key = 2, .new_names_of_peer = 3});
  auto put = [&](const char* name, uint8_t key, const char* peer, int64_t now_s) {
    auto outcome = directory.put(registration(name, key), peer, now_s);
    return outcome ? 0u : outcome.error().status;
  };
  EXPECT_EQ(put("a", 1, "p", 0), 0u);
  EXPECT_EQ(put("b", 1, "p", 0), 0u);
  EXPECT_EQ(put("c", 1, "p", 0), 403u) << "a third name of one key";
  EXPECT_EQ(put("c", 2, "p", 0), 0u);
  EXPECT_EQ(put("d", 3, "p", 0), 429u) << "a fourth new name of one address";
  EXPECT_EQ(put("a", 1, "p", 0), 0u);
  EXPECT_EQ(put("d", 3, "p", 3600), 0u);
  EXPECT_EQ(put("e", 3, "q", 3600), 0u);
  EXPECT_EQ(put("f", 4, "q", 3600), 503u);
  names.writable = false;
  Directory other(names, {});
  EXPECT_EQ(other.put(registration("a", 1), "p", 0).error().status, 503u);
  EXPECT_EQ(other.find("a"), nullptr);
}

TEST(Directory, WhoOffers) {
  MemoryNames names;
  Directory directory(names, {});
  const Node& node = *directory.put(registration("a", 1, R"("url":"http://x/","functions":["weather:today/1"])"), "p", 0)->node;
  EXPECT_TRUE(node.offers("weather:today/1"));
  EXPECT_TRUE(node.offers("weather:today"));
  EXPECT_FALSE(node.offers("weather:today/2"));
  EXPECT_FALSE(node.offers("weather"));
  EXPECT_FALSE(node.offers(""));
  auto object = json_object(node.json());
  ASSERT_TRUE(object);
  EXPECT_EQ(json_text(*object, "node"), thumbprint(key_of(1)));
  EXPECT_EQ(json_text(*object, "url"), "http://x/");
}

TEST(Directory, NamesOutliveTheProcess) {
  char folder[] = "/tmp/hanse_directory_XXXXXX";
  ASSERT_NE(::mkdtemp(folder), nullptr);
  std::string path = std::string(folder) + "/names.db";
  {
    auto names = open_names(path);
    ASSERT_TRUE(names) << names.error();
    Directory directory(**names, {});
    ASSERT_TRUE(directory.load());
    EXPECT_TRUE(directory.put(registration("a", 1), "p", 0));
  }
  {
    auto names = open_names(path);
    Directory directory(**names, {});
    ASSERT_TRUE(directory.load());
    EXPECT_EQ(directory.put(registration("a", 2), "p", 0).error().status, 403u);
    EXPECT_EQ(directory.put(registration("a", 1), "p", 0)->change, Change::up);
  }
  EXPECT_FALSE(open_names("/nonexistent/names.db"));
  for (const char* end : {"", "-wal", "-shm"}) ::unlink((path + end).c_str());
  ::rmdir(folder);
}

TEST(Directory, PagesEscapeEverything) {
  EXPECT_EQ(escape_html(R"(<a href="x">'&)"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;");
  MemoryNames names;
  Directory directory(names, {});
  (void)directory.put(registration("a", 1, R"("url":"http://x/","functions":["weather:today/1"],"note":"<script>alert(\"1\")</script>")"), "p", 0);
  std::string page = directory_page(directory, "", 60);
  EXPECT_NE(page.find("&lt;script&gt;alert(&quot;1&quot;)"), std::string::npos);
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_NE(page.find("60 seconds"), std::string::npos);
  EXPECT_NE(directory_page(directory, "\"><b>", 60).find("value=\"&quot;&gt;&lt;b&gt;\""), std::string::npos);
  EXPECT_NE(directory_page(directory, "weather:today", 60).find("1 node"), std::string::npos);
}

}  // namespace hanse::gateway
