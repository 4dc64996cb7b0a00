#include "bif/packet_parser.h"

#include <gtest/gtest.h>

#include <string>

#include "heap/fragment.h"
#include "term/atom.h"

using namespace hanse;

static int64_t length_of(PacketType type, const std::string& bytes, PacketLimits limits = {}) {
  return packet_length(type, {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}, limits);
}

TEST(PacketParser, length_fields) {
  EXPECT_EQ(length_of(PacketType::one, ""), 0);
  EXPECT_EQ(length_of(PacketType::one, std::string("\x02\x01", 2)), 3);
  EXPECT_EQ(length_of(PacketType::two, std::string("\x00\x03", 2)), 5);
  EXPECT_EQ(length_of(PacketType::two, std::string("\x00\x03", 2), {.packet_size = 2}), -1);
  EXPECT_EQ(length_of(PacketType::four, "\x7f\xff\xff\xfa"), 2147483646);
  EXPECT_EQ(length_of(PacketType::four, "\x7f\xff\xff\xff"), -1);
  EXPECT_EQ(length_of(PacketType::asn1, std::string("\x30\x82\x00\x03", 4)), 7);
  EXPECT_EQ(length_of(PacketType::asn1, std::string("\x30\x85\x00\x03", 4)), -1);
  EXPECT_EQ(length_of(PacketType::asn1, "\x1f\x81"), 0);
  EXPECT_EQ(length_of(PacketType::tpkt, std::string("\x03\x00\x00\x03", 4)), -1);
  EXPECT_EQ(length_of(PacketType::ssl_tls, std::string("\x80\x04\x01\x03\x01", 5)), 6);
}

TEST(PacketParser, lines) {
  EXPECT_EQ(length_of(PacketType::line, "abc"), 0);
  EXPECT_EQ(length_of(PacketType::line, "abc\nd"), 4);
  EXPECT_EQ(length_of(PacketType::line, "abc\nd", {.line_length = 3}), 3);
  EXPECT_EQ(length_of(PacketType::line, "abcd", {.packet_size = 3}), -1);
  EXPECT_EQ(length_of(PacketType::httph, "a:b\r\n"), 0);
  EXPECT_EQ(length_of(PacketType::httph, "a:b\r\nc"), 5);
  EXPECT_EQ(length_of(PacketType::httph, "a:b\r\n c\r\nd"), 9);
  EXPECT_EQ(length_of(PacketType::httph, "\r\n"), 2);
  EXPECT_EQ(length_of(PacketType::http, "abc", {.line_length = 3}), -1);
}

TEST(PacketParser, http_terms) {
  FragmentArena arena(256);
  auto parse = [&](PacketType type, std::string_view text) {
    return packet_term(arena, type, {reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  };
  Term request = parse(PacketType::http_bin, "GET http://a.b:80/c HTTP/1.1\r\n");
  ASSERT_TRUE(is_tuple_of_arity(request, 4));
  Term uri = as_tuple(request)->elements[2];
  ASSERT_TRUE(is_tuple_of_arity(uri, 5));
  EXPECT_EQ(as_tuple(uri)->elements[3], Term::small(80));
  Term header = parse(PacketType::httph, "hOST:  x\r\n");
  ASSERT_TRUE(is_tuple_of_arity(header, 5));
  EXPECT_EQ(as_tuple(header)->elements[1], Term::small(14));
  EXPECT_EQ(atom_name(as_tuple(header)->elements[2]), "Host");
  EXPECT_TRUE(is_tuple_of_arity(parse(PacketType::http, "GET /a b HTTP/1.1\r\n"), 2));
}
