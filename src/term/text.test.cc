#include "term/text.h"

#include <gtest/gtest.h>

#include "term/build.h"
#include "term/number_text.h"
#include "term/test_arena.h"

namespace hanse {

static int32_t decode(std::string_view text) {
  auto* from = reinterpret_cast<const uint8_t*>(text.data());
  return next_utf8(from, from + text.size());
}

TEST(Text, utf8) {
  for (uint32_t c : {0u, 0x7fu, 0x80u, 0x7ffu, 0x800u, 0xd7ffu, 0xe000u, 0xffffu, 0x10000u, 0x10ffffu}) {
    std::string text;
    append_utf8(text, c);
    EXPECT_EQ(decode(text), static_cast<int32_t>(c));
    if (text.size() > 1) EXPECT_EQ(decode(text.substr(0, text.size() - 1)), -2);
  }
  for (const char* bad : {"\x80", "\xc1\x81", "\xe0\x9f\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf5", "\xc3\x28"})
    EXPECT_EQ(decode(bad), -1);
  EXPECT_TRUE(is_valid_utf8("0123456789 \303\251 0123456789"));
  EXPECT_FALSE(is_valid_utf8("0123456789\303"));
}

TEST(Text, iodata) {
  TestArena arena;
  Term binary = make_binary(arena, std::string_view("cd"));
  Term odd = make_sub_binary(arena, make_binary(arena, std::string_view("\x06\x56\x67")), 4, 16);
  Term data = make_cons(arena, make_string(arena, "ab"), make_cons(arena, binary, odd));
  EXPECT_EQ(bytes_of_iodata(data), "abcdef");
  EXPECT_EQ(iodata_size(data), 6u);
  EXPECT_EQ(bytes_of_iodata(make_cons(arena, Term::small(256), Term::nil())), std::nullopt);
  EXPECT_EQ(bytes_of_iodata(make_cons(arena, Term::small(1), Term::small(1))), std::nullopt);
  Term deep = Term::nil();
  for (int i = 0; i < 1000000; i++) deep = make_cons(arena, deep, deep.is_nil() ? binary : Term::nil());
  EXPECT_EQ(iodata_size(deep), 2u);
}

// Values from stock's float_to_list/1,2.
TEST(NumberText, floats_as_stock_writes_them) {
  EXPECT_EQ(float_to_shortest(0.0), "0.0");
  EXPECT_EQ(float_to_shortest(-0.0), "-0.0");
  EXPECT_EQ(float_to_shortest(1000.0), "1.0e3");
  EXPECT_EQ(float_to_shortest(100.0), "100.0");
  EXPECT_EQ(float_to_shortest(0.001), "0.001");
  EXPECT_EQ(float_to_shortest(0.00001), "1.0e-5");
  EXPECT_EQ(float_to_shortest(123456789.0), "123456789.0");
  EXPECT_EQ(float_to_shortest(-9007199254740991.0), "-9007199254740991.0");
  EXPECT_EQ(float_to_shortest(9007199254740992.0), "9.007199254740992e15");
  EXPECT_EQ(float_to_shortest(5e-324), "5.0e-324");
  EXPECT_EQ(float_to_scientific(1.5, 20), "1.50000000000000000000e+00");
  EXPECT_EQ(float_to_decimals(123.456, 2, true), "123.46");
  EXPECT_EQ(float_to_decimals(100.0, 0, true), "100");
  EXPECT_EQ(float_to_decimals(1.0e16, 0, true), "1");
  EXPECT_EQ(float_to_decimals(1.5, 3, false), "1.500");
  EXPECT_EQ(float_to_decimals(1.0e100, 200, false), std::nullopt);
}

TEST(NumberText, floats_are_parsed_strictly) {
  EXPECT_EQ(float_from_text("1.5e-3"), 1.5e-3);
  EXPECT_EQ(float_from_text("+1.0E+5"), 1e5);
  EXPECT_EQ(float_from_text("1.0e-400"), 0.0);
  for (const char* bad : {"", "1", "1.", ".5", "1e5", "1.0e", " 1.0", "1.0 ", "1.0e400", "inf", "0x1.0p1"})
    EXPECT_EQ(float_from_text(bad), std::nullopt) << bad;
}

}  // namespace hanse
