#include "bif/re_dialect.h"

#include <gtest/gtest.h>

using namespace hanse;

static Bytes bytes(std::string_view text) { return {reinterpret_cast<const uint8_t*>(text.data()), text.size()}; }

TEST(RegexDialect, says_the_same_in_the_words_of_pcre2) {
  static constexpr struct {
    const char* source;
    const char* text;
  } cases[] = {
      {"[\\z]", "[z]"},           {"\\z", ""},          {"[]\\z]", "[]z]"},
      {"\\81", "81"},             {"()\\1\\8", "()\\18"}, {"((((((((\\8", ""},
      {"\\Q[\\z\\E[\\R]", "\\Q[\\z\\E[R]"},               {"(*UTF8)(*CR)[\\R]", "(*UTF)(*CR)[R]"},
      {"[[:alpha:]\\z]", "[[:alpha:]z]"},                 {"(?#[)\\8", "(?#[)8"},
      {"(?x)a#[\n\\8", "(?x)a#[\n8"},                     {"a\\", ""},
  };
  for (auto& row : cases) EXPECT_EQ(translate_regex(bytes(row.source), false).text, row.text) << row.source;
}

TEST(RegexDialect, refuses_what_is_new) {
  static constexpr struct {
    const char* source;
    size_t position;
  } cases[] = {{"(*NO_JIT)a", 4}, {"(*NOTEMPTY)a", 10}, {"a(*sr:b)", 7}, {"(?^i)a", 2}, {"(?in)a", 3}, {"\\N{U+41}", 1}, {"(*F:x)", 5}};
  for (auto& row : cases) {
    auto result = translate_regex(bytes(row.source), false);
    EXPECT_FALSE(result.refused.text.empty()) << row.source;
    EXPECT_EQ(result.refused.position, row.position) << row.source;
  }
  EXPECT_TRUE(translate_regex(bytes("(*CRLF)(*ANY)\\N{2}(*SKIP:x)(*:y)(?i-x)"), false).refused.text.empty());
}

TEST(RegexDialect, places_in_the_source) {
  auto result = translate_regex(bytes("[\\z]("), false);
  EXPECT_EQ(result.text, "[z](");
  EXPECT_EQ(result.origin(3, 5), 4u);
  EXPECT_EQ(result.origin(4, 5), 5u);
}
