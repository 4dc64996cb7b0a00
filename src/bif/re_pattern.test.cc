#include "bif/re_pattern.h"

#include <gtest/gtest.h>

using namespace hanse;

static Bytes bytes(std::string_view text) { return {reinterpret_cast<const uint8_t*>(text.data()), text.size()}; }

TEST(RegexPattern, packs_and_unpacks) {
  PatternOptions options{PCRE2_CASELESS | PCRE2_UTF, PCRE2_NEWLINE_CRLF, PCRE2_BSR_ANYCRLF};
  std::string packed = pack_pattern(bytes("a(b)"), options);
  auto unpacked = unpack_pattern(bytes(packed));
  ASSERT_TRUE(unpacked);
  EXPECT_EQ(unpacked->options.bits, options.bits);
  EXPECT_EQ(unpacked->source.size(), 4u);
  EXPECT_FALSE(unpack_pattern(bytes("ERCP")));
  packed[4] = '\x7f';  // option bits that no guest can set
  EXPECT_FALSE(unpack_pattern(bytes(packed)));
}

TEST(RegexPattern, names_are_sorted) {
  PatternError error;
  const CompiledPattern* pattern = compiled_pattern(bytes("(?<z>x)(?<a>y)"), {}, error);
  ASSERT_NE(pattern, nullptr);
  EXPECT_EQ(pattern->group_count, 2u);
  ASSERT_EQ(pattern->name_count, 2u);
  EXPECT_EQ(pattern->name(0), "a");
  EXPECT_EQ(pattern->named_group(0), 2u);
}

TEST(RegexPattern, errors_are_those_of_pcre_8) {
  static constexpr struct {
    const char* source;
    const char* text;
    size_t position;
  } cases[] = {
      {"a(b", "missing )", 3},
      {"*a", "nothing to repeat", 0},
      {"a)", "unmatched parentheses", 1},
      {"(?<n>a)(?<n>b)", "two named subpatterns have the same name", 11},
      {"\\p{Foo}", "unknown property name after \\P or \\p", 6},
      {"(a)\\2", "reference to non-existent subpattern", 5},
      {"(?<=a*)b", "lookbehind assertion is not fixed length", 6},
      {"(?", "unrecognized character after (? or (?-", 2},
      {"[b-a]", "range out of order in character class", 3},
  };
  for (auto& row : cases) {
    PatternError error;
    EXPECT_EQ(compiled_pattern(bytes(row.source), {}, error), nullptr) << row.source;
    EXPECT_EQ(error.text, row.text) << row.source;
    EXPECT_EQ(error.position, row.position) << row.source;
  }
}

TEST(RegexPattern, what_the_source_says_about_lines_and_characters) {
  PatternError error;
  EXPECT_TRUE(compiled_pattern(bytes("(*CRLF)a"), {}, error)->may_use_crlf);
  EXPECT_FALSE(compiled_pattern(bytes("(*CR)a"), {}, error)->may_use_crlf);
  EXPECT_TRUE(compiled_pattern(bytes("(*UTF8)a"), {}, error)->is_utf);
}
