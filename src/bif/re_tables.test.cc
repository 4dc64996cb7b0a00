#include "bif/re_tables.h"

#include <gtest/gtest.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

using namespace hanse;

// The layout of the tables is PCRE2's private matter: what it makes itself must be ours, as far as ASCII goes.
TEST(RegexTables, are_those_of_pcre2_for_ascii) {
  const uint8_t* theirs = pcre2_maketables(nullptr);
  const uint8_t* ours = regex_character_tables();
  for (size_t table = 0; table < 2; table++)
    for (size_t c = 0; c < 128; c++) EXPECT_EQ(ours[table * 256 + c], theirs[table * 256 + c]) << table << " " << c;
  for (size_t kind = 0; kind < 10; kind++)
    for (size_t byte = 0; byte < 16; byte++)
      EXPECT_EQ(ours[512 + kind * 32 + byte], theirs[512 + kind * 32 + byte]) << kind << " " << byte;
  for (size_t c = 0; c < 128; c++) EXPECT_EQ(ours[832 + c], theirs[832 + c]) << c;
  pcre2_maketables_free(nullptr, theirs);
}
