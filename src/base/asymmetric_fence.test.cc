#include "base/asymmetric_fence.h"

#include <gtest/gtest.h>

#include <thread>

namespace hanse {

// Dekker's test: never do both sides miss the other's store.
TEST(AsymmetricFence, one_side_sees_the_other) {
  static constexpr int rounds = 2000;
  std::atomic<int> x{0}, y{0}, seen_x{0}, seen_y{0}, light_round{0}, heavy_round{0};
  std::thread light([&] {
    for (int round = 1; round <= rounds; round++) {
      while (light_round.load() < round) std::this_thread::yield();
      x.store(round, std::memory_order_relaxed);
      light_fence();
      seen_y.store(y.load(std::memory_order_relaxed), std::memory_order_relaxed);
      heavy_round.store(round);
    }
  });
  int missed = 0;
  for (int round = 1; round <= rounds; round++) {
    light_round.store(round);
    y.store(round, std::memory_order_relaxed);
    heavy_fence();
    seen_x.store(x.load(std::memory_order_relaxed), std::memory_order_relaxed);
    while (heavy_round.load() < round) std::this_thread::yield();
    if (seen_x.load() < round && seen_y.load() < round) missed++;
  }
  light.join();
  EXPECT_EQ(missed, 0);
}

}  // namespace hanse
