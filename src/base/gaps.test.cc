#include "base/gaps.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace hanse {

TEST(Gaps, TakesTheFirstThatIsLongEnough) {
  Gaps gaps(100);
  EXPECT_EQ(gaps.take(40), 0u);
  EXPECT_EQ(gaps.take(40), 40u);
  EXPECT_EQ(gaps.take(40), std::nullopt);
  EXPECT_EQ(gaps.take(20), 80u);
  EXPECT_EQ(gaps.take(1), std::nullopt);
  gaps.give(0, 40);
  EXPECT_EQ(gaps.take(30), 0u);
}

TEST(Gaps, NeighboursGrowTogether) {
  Gaps gaps(30);
  for (int i = 0; i < 3; i++) gaps.take(10);
  EXPECT_EQ(gaps.give(0, 10).length, 10u);
  EXPECT_EQ(gaps.give(20, 10).position, 20u);
  Gaps::Range whole = gaps.give(10, 10);
  EXPECT_EQ(whole.position, 0u);
  EXPECT_EQ(whole.length, 30u);
  EXPECT_EQ(gaps.take(30), 0u);
}

TEST(Gaps, NothingOverlapsAndNothingIsLost) {
  constexpr size_t length = 500;
  Gaps gaps(length);
  std::minstd_rand random(7);
  std::vector<bool> taken(length);
  std::vector<Gaps::Range> blocks;
  for (int step = 0; step < 5000; step++) {
    if (random() % 2 == 0) {
      size_t wanted = 1 + random() % 40;
      std::optional<size_t> at = gaps.take(wanted);
      if (!at) continue;
      for (size_t i = *at; i < *at + wanted; i++) {
        ASSERT_FALSE(taken.at(i));
        taken[i] = true;
      }
      blocks.push_back({*at, wanted});
    } else if (!blocks.empty()) {
      std::swap(blocks[random() % blocks.size()], blocks.back());
      for (size_t i = 0; i < blocks.back().length; i++) taken[blocks.back().position + i] = false;
      gaps.give(blocks.back().position, blocks.back().length);
      blocks.pop_back();
    }
  }
  for (const Gaps::Range& block : blocks) gaps.give(block.position, block.length);
  EXPECT_EQ(gaps.take(length), 0u);
}

}  // namespace hanse
