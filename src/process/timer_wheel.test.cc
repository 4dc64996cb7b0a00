#include "process/timer_wheel.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <vector>

namespace hanse {

namespace {

class TestTimer final : public Timer {
 public:
  ~TestTimer() override = default;

 private:
  void expired() override {}
};

std::vector<uint64_t> deadlines_until(TimerWheel& wheel, uint64_t now) {
  std::vector<uint64_t> result;
  wheel.advance(now, [&](Timer& timer) { result.push_back(timer.deadline_ms()); });
  return result;
}

}  // namespace

TEST(TimerWheel, expires_at_its_millisecond_and_not_before) {
  for (uint64_t delay : {1u, 255u, 256u, 257u, 16383u, 16384u, 1048576u, 67108864u, 4294967295u}) {
    TimerWheel wheel(1000);
    TestTimer timer;
    wheel.insert(timer, 1000 + delay);
    EXPECT_TRUE(deadlines_until(wheel, 1000 + delay - 1).empty()) << delay;
    EXPECT_EQ(deadlines_until(wheel, 1000 + delay), std::vector<uint64_t>{1000 + delay});
    EXPECT_EQ(wheel.next_event(), no_deadline);
  }
}

TEST(TimerWheel, far_beyond_the_last_level) {
  TimerWheel wheel(5);
  TestTimer timer;
  uint64_t deadline = uint64_t{1} << 41;
  wheel.insert(timer, deadline);
  EXPECT_TRUE(deadlines_until(wheel, deadline - 1).empty());
  EXPECT_EQ(deadlines_until(wheel, deadline).size(), 1u);
}

TEST(TimerWheel, past_deadlines_are_due_at_once) {
  TimerWheel wheel(100);
  TestTimer timer;
  wheel.insert(timer, 7);
  EXPECT_EQ(wheel.next_event(), 100u);
  EXPECT_EQ(deadlines_until(wheel, 100).size(), 1u);
}

TEST(TimerWheel, equal_deadlines_keep_their_order) {
  TimerWheel wheel;
  TestTimer timers[3];
  for (TestTimer& timer : timers) wheel.insert(timer, 42);
  std::vector<Timer*> order;
  wheel.advance(42, [&](Timer& timer) { order.push_back(&timer); });
  EXPECT_EQ(order, (std::vector<Timer*>{&timers[0], &timers[1], &timers[2]}));
}

// Against a sorted map: random insertions, removals and jumps of the clock.
TEST(TimerWheel, agrees_with_a_sorted_map) {
  std::mt19937_64 random(7);
  TimerWheel wheel;
  std::multimap<uint64_t, std::unique_ptr<TestTimer>> model;
  uint64_t now = 0;
  for (int step = 0; step < 20000; step++) {
    if (random() % 3 != 0) {
      uint64_t deadline = now + (random() % 5 ? random() % 600 : random() % 40000000);
      auto timer = std::make_unique<TestTimer>();
      wheel.insert(*timer, deadline);
      model.emplace(deadline, std::move(timer));
    } else if (!model.empty() && random() % 2) {
      auto victim = model.lower_bound(now + random() % 1000);
      if (victim == model.end()) victim = model.begin();
      ASSERT_TRUE(wheel.remove(*victim->second));
      ASSERT_FALSE(wheel.remove(*victim->second));
      model.erase(victim);
    } else {
      now += random() % 10 ? random() % 50 : random() % 3000000;
      if (!model.empty()) ASSERT_LE(wheel.next_event(), std::max(model.begin()->first, now));
      std::vector<uint64_t> expected;
      while (!model.empty() && model.begin()->first <= now) {
        expected.push_back(model.begin()->first);
        // The timer must outlive its expiry.
        static std::vector<std::unique_ptr<TestTimer>> graveyard;
        graveyard.push_back(std::move(model.begin()->second));
        model.erase(model.begin());
      }
      ASSERT_EQ(deadlines_until(wheel, now), expected);
    }
    ASSERT_EQ(wheel.size(), model.size());
  }
}

}  // namespace hanse
