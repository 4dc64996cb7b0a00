#include "process/node_clock.h"

#include <gtest/gtest.h>

#include <thread>

namespace hanse {

static std::atomic<int64_t> steady, real;
static constexpr int64_t second = 1000000000;

class NodeClockTest : public ::testing::Test {
 protected:
  NodeClockTest() {
    steady = 5000 * second;
    real = 1000000 * second;
  }
  static void pass(int64_t ns) {
    steady += ns;
    real += ns;
  }
  static NodeClock::Source source() {
    return {[] { return steady.load(); }, [] { return real.load(); }};
  }
  static int64_t system_ns(const NodeClock& clock) { return static_cast<int64_t>(clock.monotonic_ns()) + clock.system_start_ns(); }
};

TEST_F(NodeClockTest, follows_the_steady_clock) {
  NodeClock clock(source());
  EXPECT_EQ(clock.monotonic_ns(), 0u);
  pass(3 * second);
  EXPECT_EQ(clock.monotonic_ns(), 3u * second);
  EXPECT_EQ(system_ns(clock), real.load());
  EXPECT_FALSE(clock.compare());
  EXPECT_EQ(clock.offset_state(), OffsetState::final);
}

TEST_F(NodeClockTest, a_final_offset_stays_and_the_clock_runs_one_percent_faster_or_slower) {
  for (int64_t step : {2 * second, -2 * second}) {
    NodeClock clock(source());
    int64_t offset = clock.system_start_ns();
    real += step;
    EXPECT_FALSE(clock.compare());
    pass(100 * second);
    EXPECT_EQ(static_cast<int64_t>(clock.monotonic_ns()), 100 * second + (step > 0 ? second : -second));
    pass(100 * second);
    EXPECT_EQ(system_ns(clock), real.load());
    pass(1000 * second);
    EXPECT_EQ(system_ns(clock), real.load());
    EXPECT_EQ(clock.system_start_ns(), offset);
  }
}

TEST_F(NodeClockTest, a_correction_may_replace_another) {
  NodeClock clock(source());
  real += 2 * second;
  clock.compare();
  pass(100 * second);  // half of it is done
  real -= 4 * second;
  uint64_t before = clock.monotonic_ns();
  clock.compare();
  EXPECT_EQ(clock.monotonic_ns(), before);
  pass(299 * second);
  EXPECT_NE(system_ns(clock), real.load());
  pass(2 * second);
  EXPECT_EQ(system_ns(clock), real.load());
}

TEST_F(NodeClockTest, without_correction_it_leaps_or_stands) {
  NodeClock clock(source());
  clock.configure(TimeWarp::none, false);
  real += 5 * second;
  clock.compare();
  EXPECT_EQ(clock.monotonic_ns(), 5u * second);
  real -= 3 * second;
  clock.compare();
  pass(2 * second);
  EXPECT_EQ(clock.monotonic_ns(), 5u * second);
  pass(2 * second);
  EXPECT_EQ(clock.monotonic_ns(), 6u * second);
  EXPECT_EQ(system_ns(clock), real.load());
}

TEST_F(NodeClockTest, a_volatile_offset_changes_at_once) {
  NodeClock clock(source());
  clock.configure(TimeWarp::multi, true);
  EXPECT_EQ(clock.offset_state(), OffsetState::is_volatile);
  EXPECT_EQ(clock.finalize(), OffsetState::is_volatile);
  int64_t offset = clock.system_start_ns();
  real += 3600 * second;
  EXPECT_TRUE(clock.compare());
  EXPECT_FALSE(clock.compare());
  EXPECT_EQ(clock.system_start_ns(), offset + 3600 * second);
  EXPECT_EQ(clock.monotonic_ns(), 0u);
  real -= 7200 * second;
  EXPECT_TRUE(clock.compare());
  EXPECT_EQ(system_ns(clock), real.load());
}

TEST_F(NodeClockTest, a_preliminary_offset_becomes_final_once) {
  NodeClock clock(source());
  clock.configure(TimeWarp::single, true);
  EXPECT_EQ(clock.offset_state(), OffsetState::preliminary);
  real += 3600 * second;
  EXPECT_FALSE(clock.compare());
  EXPECT_EQ(clock.finalize(), OffsetState::preliminary);
  EXPECT_EQ(clock.offset_state(), OffsetState::final);
  EXPECT_EQ(system_ns(clock), real.load());
  real += second;
  EXPECT_EQ(clock.finalize(), OffsetState::final);
  EXPECT_NE(system_ns(clock), real.load());
}

TEST_F(NodeClockTest, never_goes_back_for_anybody) {
  NodeClock clock(source());
  std::atomic<bool> over{false};
  std::atomic<uint64_t> latest{0};
  auto read = [&] {
    while (!over) {
      uint64_t before = latest.load(), now = clock.monotonic_ns();
      EXPECT_GE(now, before);
      while (before < now && !latest.compare_exchange_weak(before, now)) {}
    }
  };
  std::thread first(read), second_reader(read);
  for (int i = 0; i < 20000; i++) {
    steady += 50000;
    real += i % 2 == 0 ? 3 * second : -2 * second;
    clock.compare();
  }
  over = true;
  first.join();
  second_reader.join();
}

}  // namespace hanse
