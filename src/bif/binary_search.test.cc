#include "bif/binary_search.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

using namespace hanse;

static Bytes bytes(const std::string& text) { return {reinterpret_cast<const uint8_t*>(text.data()), text.size()}; }

// The rule, spelled out: the leftmost occurrence, and the longest of those.
static bool find_slowly(const std::vector<std::string>& patterns, const std::string& text, size_t from, Found& found) {
  for (size_t start = from; start < text.size(); start++) {
    size_t longest = 0;
    for (auto& pattern : patterns)
      if (pattern.size() > longest && text.compare(start, pattern.size(), pattern) == 0) longest = pattern.size();
    if (longest > 0) {
      found = {start, longest};
      return true;
    }
  }
  return false;
}

TEST(BinarySearch, agrees_with_the_slow_search) {
  std::mt19937 random(3);
  auto random_text = [&](size_t size, unsigned letters) {
    std::string text;
    for (size_t i = 0; i < size; i++) text.push_back(static_cast<char>('a' + random() % letters));
    return text;
  };
  for (int round = 0; round < 3000; round++) {
    unsigned letters = 1 + random() % 3;
    std::vector<std::string> patterns;
    std::vector<Bytes> views;
    size_t count = 1 + random() % 4;
    for (size_t i = 0; i < count; i++) patterns.push_back(random_text(1 + random() % 5, letters));
    for (auto& pattern : patterns) views.push_back(bytes(pattern));
    std::string text = random_text(random() % 20, letters + 1);
    SearchPattern search = count == 1 ? SearchPattern(views[0]) : SearchPattern(std::span<const Bytes>(views));
    size_t from = text.empty() ? 0 : random() % text.size();
    Found expected{}, found{};
    bool expected_any = find_slowly(patterns, text, from, expected);
    ASSERT_EQ(search.find(bytes(text), from, found), expected_any) << text;
    if (expected_any) {
      ASSERT_EQ(found.start, expected.start) << text;
      ASSERT_EQ(found.length, expected.length) << text;
    }
  }
}

TEST(BinarySearch, patterns_that_use_every_byte) {
  std::string all;
  for (int i = 0; i < 256; i++) all.push_back(static_cast<char>(i));
  std::string other = "\xff\xff";
  Bytes patterns[] = {bytes(all), bytes(other)};
  SearchPattern search{std::span<const Bytes>(patterns)};
  Found found{};
  std::string text = "abc" + all;
  ASSERT_TRUE(search.find(bytes(text), 0, found));
  EXPECT_EQ(found.start, 3u);
  EXPECT_EQ(found.length, 256u);
}
