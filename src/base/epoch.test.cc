#include "base/epoch.h"

#include <gtest/gtest.h>

#include <thread>

namespace hanse {

static std::atomic<int> live{0};
struct Counted {
  std::atomic<int> value{1};
  Counted() { live++; }
  ~Counted() {
    value = 0;
    live--;
  }
};

TEST(Epoch, frees_only_after_the_guard_is_gone) {
  int before = live;
  auto* object = new Counted;
  std::atomic<int> step{0};
  std::thread reader([&] {
    epoch::Guard outer;
    {
      epoch::Guard inner;
    }  // leaving the inner one leaves the outer one in force
    step = 1;
    while (step != 2) std::this_thread::yield();
  });
  while (step != 1) std::this_thread::yield();
  epoch::retire(object);
  epoch::collect();
  EXPECT_EQ(live, before + 1);
  step = 2;
  reader.join();
  epoch::collect();
  EXPECT_EQ(live, before);
}

// Whoever retires something may hold a lock that a free function wants.
TEST(Epoch, nothing_is_freed_where_it_is_retired) {
  epoch::collect();
  int before = live;
  for (int i = 0; i < 2000; i++) epoch::retire(new Counted);
  EXPECT_EQ(live, before + 2000);
  epoch::collect_if_it_pays();
  EXPECT_EQ(live, before);
}

TEST(Epoch, ended_threads_leave_their_garbage_to_others) {
  int before = live;
  std::thread([] { epoch::retire(new Counted); }).join();
  epoch::collect();
  EXPECT_EQ(live, before);
}

TEST(Epoch, what_one_thread_could_not_free_is_freed_by_others) {
  int before = live;
  std::atomic<int> step{0};
  auto at = [&](int wanted) {
    while (step != wanted) std::this_thread::yield();
  };
  std::thread other;
  {
    epoch::Guard guard;
    other = std::thread([&] {
      epoch::retire(new Counted);
      epoch::collect();
      epoch::pass_on();
      step = 1;
      at(2);
    });
    at(1);
    EXPECT_EQ(live, before + 1);
  }
  epoch::collect();
  EXPECT_EQ(live, before);
  step = 2;
  other.join();
}

TEST(Epoch, readers_never_see_freed_objects) {
  int before = live;
  std::atomic<Counted*> shared{new Counted};
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  auto read = [&] {
    while (!stop) {
      epoch::Guard guard;
      for (int i = 0; i < 10; i++)
        if (shared.load(std::memory_order_acquire)->value != 1) wrong++;
    }
  };
  std::thread first(read), second(read);
  for (int i = 0; i < 20000; i++) epoch::retire(shared.exchange(new Counted));
  stop = true;
  first.join();
  second.join();
  EXPECT_EQ(wrong, 0);
  delete shared.load();
  epoch::collect();
  EXPECT_EQ(live, before);
}

}  // namespace hanse
