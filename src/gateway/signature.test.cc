#include <gtest/gtest.h>

#include "gateway/http_signature.h"
#include "gateway/signature_base.h"

namespace hanse::gateway {

namespace {

// The request of RFC 9421, appendix B.2.
struct TestRequest {
  std::vector<Field> fields = {
      {"host", "example.com"},
      {"date", "Tue, 20 Apr 2021 02:07:55 GMT"},
      {"content-type", "application/json"},
      {"content-digest", "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:"},
      {"content-length", "18"},
  };
  std::string body = R"({"hello": "world"})";
  Message message() const { return {"POST", "https", "example.com", "/foo?param=Value&Pet=dog", 0, fields, nullptr}; }
};

Member covered_of(const std::string& text) {
  auto parsed = parse_dictionary("x=" + text);
  EXPECT_TRUE(parsed);
  return parsed ? (*parsed)[0].second : Member{};
}

std::string base_of(const Message& message, const std::string& covered) {
  auto base = signature_base(message, covered_of(covered));
  return base ? *base : "error: " + base.error();
}

SignatureClaim claim_of(const std::string& covered, const std::string& signature, Algorithm algorithm) {
  SignatureClaim claim;
  claim.covered = covered_of(covered);
  claim.signature = base64_decode(signature).value_or("");
  claim.algorithm = algorithm;
  return claim;
}

}  // namespace

TEST(GatewaySignature, VerifiesTheVectorOfEd25519) {  // B.2.6
  TestRequest request;
  std::string covered = R"(("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519")";
  EXPECT_EQ(base_of(request.message(), covered),
            "\"date\": Tue, 20 Apr 2021 02:07:55 GMT\n\"@method\": POST\n\"@path\": /foo\n\"@authority\": example.com\n"
            "\"content-type\": application/json\n\"content-length\": 18\n\"@signature-params\": " + covered);
  PublicKey key;
  std::string raw = base64url_decode("JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs").value();
  std::copy(raw.begin(), raw.end(), reinterpret_cast<char*>(key.bytes.data()));
  auto claim = claim_of(covered, "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==", Algorithm::ed25519);
  EXPECT_TRUE(check_signature(claim, request.message(), key));
  request.fields[4].value = "19";
  EXPECT_FALSE(check_signature(claim, request.message(), key));
}

TEST(GatewaySignature, VerifiesTheVectorOfHmac) {  // B.2.5
  TestRequest request;
  std::string covered = R"(("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret")";
  std::string secret = base64_decode("uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==").value();
  EXPECT_EQ(base64(hmac_sha256(bytes_of(secret), base_of(request.message(), covered))), "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=");
}

TEST(GatewaySignature, BuildsTheBaseOfEveryComponent) {  // B.2.1 to B.2.3
  TestRequest request;
  EXPECT_EQ(base_of(request.message(), R"(();created=1618884473;keyid="test-key-rsa-pss";nonce="b3k2pp5k7z-50gnwp.yemd")"),
            R"("@signature-params": ();created=1618884473;keyid="test-key-rsa-pss";nonce="b3k2pp5k7z-50gnwp.yemd")");
  std::string covered = R"(("@authority" "content-digest" "@query-param";name="Pet");created=1618884473;keyid="test-key-rsa-pss";tag="header-example")";
  EXPECT_EQ(base_of(request.message(), covered),
            "\"@authority\": example.com\n\"content-digest\": sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:\n"
            "\"@query-param\";name=\"Pet\": dog\n\"@signature-params\": " + covered);
  EXPECT_EQ(base_of(request.message(), R"(("@scheme" "@target-uri" "@request-target" "@query"))"),
            "\"@scheme\": https\n\"@target-uri\": https://example.com/foo?param=Value&Pet=dog\n\"@request-target\": /foo?param=Value&Pet=dog\n"
            "\"@query\": ?param=Value&Pet=dog\n\"@signature-params\": (\"@scheme\" \"@target-uri\" \"@request-target\" \"@query\")");
}

TEST(GatewaySignature, FollowsTheRulesForFields) {
  std::vector<Field> fields = {{"a", "  one "}, {"b", "d=1, e=2;x"}, {"a", "two"}};
  Message message{"GET", "http", "Example.COM:80", "/", 0, fields, nullptr};
  EXPECT_EQ(base_of(message, R"(("a" "b";key="e" "a";bs "@authority" "@query"))"),
            "\"a\": one, two\n\"b\";key=\"e\": 2;x\n\"a\";bs: :b25l:, :dHdv:\n\"@authority\": example.com\n\"@query\": ?\n"
            "\"@signature-params\": (\"a\" \"b\";key=\"e\" \"a\";bs \"@authority\" \"@query\")");
  for (const char* wrong : {R"(("c"))", R"(("a" "a"))", R"(("@status"))", R"(("a";sf))", R"(("a";tr))", R"(("a";req))", R"(("b";key="z"))",
                            R"(("@unknown"))", R"(("@query-param";name="x"))", R"((a))"})
    EXPECT_TRUE(base_of(message, wrong).starts_with("error: ")) << wrong;
  Message answer{.status = 200, .fields = {}, .request = &message};
  EXPECT_EQ(base_of(answer, R"(("@status" "@method";req "a";req))"),
            "\"@status\": 200\n\"@method\";req: GET\n\"a\";req: one, two\n\"@signature-params\": (\"@status\" \"@method\";req \"a\";req)");
  EXPECT_TRUE(base_of(answer, R"(("@method"))").starts_with("error: "));
}

TEST(GatewaySignature, ChecksDigests) {
  TestRequest request;
  EXPECT_FALSE(check_digest(request.message(), request.body));
  EXPECT_TRUE(check_digest(request.message(), request.body + " "));
  request.fields[3].value = content_digest("x");
  EXPECT_FALSE(check_digest(request.message(), "x"));
  EXPECT_TRUE(check_digest(request.message(), "y"));
  for (const char* wrong : {"md5=:AAAA:", "sha-256=1", "sha-256", "???", "sha-256=:AAAA:"}) {
    request.fields[3].value = wrong;
    EXPECT_TRUE(check_digest(request.message(), "x")) << wrong;
  }
  request.fields.clear();
  EXPECT_TRUE(check_digest(request.message(), "x"));
  EXPECT_FALSE(check_digest(request.message(), ""));
}

TEST(GatewaySignature, ParsesStructuredFields) {
  auto text_of_first = [](const char* text) {
    auto parsed = parse_dictionary(text);
    return parsed && !parsed->empty() ? (*parsed)[0].first + "=" + serialize((*parsed)[0].second) : std::string("wrong");
  };
  EXPECT_EQ(text_of_first(R"(sig=("a";b=1;c "d" );e="\"x\\";f=?0;g=tok/en;h=-5;i=1.25;j=:AAE=:)"),
            R"(sig=("a";b=1;c "d");e="\"x\\";f=?0;g=tok/en;h=-5;i=1.25;j=:AAE=:)");
  EXPECT_EQ(text_of_first("a"), "a=?1");
  EXPECT_EQ(text_of_first("a=1;p, b=2,\t a=3"), "b=2");
  for (const char* wrong : {"A=1", "a=", "a=1,", "a=(1", "a=\"x", "a=\"\\n\"", "a=:A:", "a=?2", "a=1234567890123456", "a=1.", "a=1.2345", "a=(1)2", "a=1 b=2",
                            "a=\x01", "a=\"\xc3\xa4\"", "=1", "a=1;", "a=-"})
    EXPECT_EQ(text_of_first(wrong), "wrong") << wrong;
}

}  // namespace hanse::gateway
