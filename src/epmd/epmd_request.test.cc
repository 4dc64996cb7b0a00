#include "epmd/epmd_request.h"

#include <gtest/gtest.h>

namespace hanse::epmd {

static std::vector<uint8_t> registration(const std::string& name, const std::string& extra = "") {
  std::vector<uint8_t> out = {
      'x', 0x0f, 0xa0, 77, 0, 0, 6, 0, 5, static_cast<uint8_t>(name.size() >> 8), static_cast<uint8_t>(name.size())};
  out.insert(out.end(), name.begin(), name.end());
  out.push_back(static_cast<uint8_t>(extra.size() >> 8));
  out.push_back(static_cast<uint8_t>(extra.size()));
  out.insert(out.end(), extra.begin(), extra.end());
  return out;
}

TEST(EpmdRequest, Registration) {
  auto request = decode_request(registration("foo", "more"));
  ASSERT_TRUE(request);
  auto& asked = std::get<Registration>(*request);
  EXPECT_EQ(asked.name, "foo");
  EXPECT_EQ(asked.port, 4000);
  EXPECT_EQ(asked.type, 77);
  EXPECT_EQ(asked.highest_version, 6);
  EXPECT_EQ(asked.lowest_version, 5);
  EXPECT_EQ(asked.extra, "more");
}

TEST(EpmdRequest, EveryCutOfARegistrationIsRefused) {
  std::vector<uint8_t> whole = registration("foo", "more");
  for (size_t length = 0; length < whole.size(); length++)
    EXPECT_FALSE(decode_request({whole.data(), length})) << length;
}

TEST(EpmdRequest, BytesBehindARegistrationAreIgnored) {
  std::vector<uint8_t> bytes = registration("foo");
  bytes.insert(bytes.end(), {1, 2, 3});
  EXPECT_TRUE(decode_request(bytes));
}

TEST(EpmdRequest, Names) {
  EXPECT_FALSE(decode_request(registration("")));
  EXPECT_FALSE(decode_request(registration(std::string("a\0b", 3))));
  EXPECT_TRUE(std::holds_alternative<Registration>(*decode_request(registration(std::string(255, 'x')))));
  EXPECT_TRUE(std::holds_alternative<BadName>(*decode_request(registration(std::string(256, 'x')))));
  for (const char* bad : {"\xe5", "\xc0\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x82"})
    EXPECT_TRUE(std::holds_alternative<BadName>(*decode_request(registration(bad)))) << bad;
  std::string greek;
  for (int i = 0; i < 255; i++) greek += "\xce\xb1";
  EXPECT_TRUE(std::holds_alternative<Registration>(*decode_request(registration(greek))));
}

TEST(EpmdRequest, Queries) {
  auto decode = [](std::string_view text) {
    return decode_request({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  };
  EXPECT_EQ(std::get<PortRequest>(*decode("zfoo")).name, "foo");
  EXPECT_EQ(std::get<PortRequest>(*decode({"zfoo\0", 5})).name, "foo");
  EXPECT_EQ(std::get<StopRequest>(*decode("sfoo")).name, "foo");
  EXPECT_TRUE(std::holds_alternative<NamesRequest>(*decode("n")));
  EXPECT_TRUE(std::holds_alternative<DumpRequest>(*decode("d")));
  EXPECT_TRUE(std::holds_alternative<KillRequest>(*decode("k")));
  for (const char* bad : {"", "z", "s", "Q", "GET / HTTP/1.0\r\n\r\n"}) EXPECT_FALSE(decode(bad)) << bad;
  EXPECT_FALSE(decode("z" + std::string(256, 'x')));
  EXPECT_FALSE(decode("n" + std::string(request_limit_bytes, 'x')));
}

TEST(EpmdRequest, Answers) {
  using Bytes = std::vector<uint8_t>;
  EXPECT_EQ(registration_answer(RegistrationResult::registered, 6, 0x01020304), (Bytes{'v', 0, 1, 2, 3, 4}));
  EXPECT_EQ(registration_answer(RegistrationResult::refused, 5, 4), (Bytes{'y', 1, 0, 2}));
  EXPECT_EQ(port_unknown_answer(), (Bytes{'w', 1}));
  EXPECT_EQ(port_answer({"ab", 4000, 77, 0, 6, 5, "e"}),
            (Bytes{'w', 0, 0x0f, 0xa0, 77, 0, 0, 6, 0, 5, 0, 2, 'a', 'b', 0, 1, 'e'}));
  EXPECT_EQ(text_answer(4369, "hi"), (Bytes{0, 0, 0x11, 0x11, 'h', 'i'}));
  EXPECT_EQ(encode_query('z', "ab"), (Bytes{0, 3, 'z', 'a', 'b'}));
}

}  // namespace hanse::epmd
