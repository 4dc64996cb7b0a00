#include "ets/divided_tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <thread>

#include "base/epoch.h"
#include "ets/table.h"
#include "ets/test_machine.h"
#include "term/build.h"

namespace hanse {

namespace {

class DividedTrees : public testing::Test {
 protected:
  static Object* object(int64_t key, int64_t value) {
    ScratchArena arena;
    return Object::create(make_tuple(arena, Term::small(key), Term::small(value)));
  }
  Ref<OffHeapBinary> ordered_table() {
    OffHeapBinary* binary = Magic<Table>::create(
        machine, am::ok, Term::pid(1),
        TableOptions{.type = TableType::ordered_set, .protection = Protection::public_, .write_concurrency = Concurrency::on});
    Magic<Table>::get(binary)->handle = binary;
    return Ref<OffHeapBinary>::adopt(binary);
  }
  // A piece that was joined meanwhile shows keys again that the walk has passed.
  static std::vector<int64_t> keys(DividedTree& tree, bool descending) {
    std::vector<int64_t> found;
    auto is_passed = [&](int64_t key) { return !found.empty() && (descending ? key >= found.back() : key <= found.back()); };
    auto piece = descending ? tree.lock_last(LockMode::shared) : tree.lock_first(LockMode::shared);
    for (; piece; piece = tree.lock_next(std::move(piece), descending)) {
      OrderedTree::Cursor cursor(piece->tree, descending, [](Term) { return 0; });
      for (; cursor.current() != nullptr; cursor.advance())
        if (int64_t key = cursor.current()->element(1).as_small(); !is_passed(key)) found.push_back(key);
    }
    return found;
  }
  TestMachine world;
  Machine& machine = world.machine;
  epoch::Guard guard;
};

}  // namespace

TEST_F(DividedTrees, keep_their_objects_while_they_split_and_join) {
  Ref<OffHeapBinary> binary = ordered_table();
  Table& table = *Magic<Table>::get(binary.get());
  std::map<int64_t, int64_t> model;
  std::mt19937_64 random(11);
  size_t most = 1;
  for (Adaption adaption : {Adaption::always_split, Adaption::random, Adaption::by_contention, Adaption::random}) {
    table.tree().set_adaption(adaption);
    for (int64_t round = 0; round < 5000; round++) {
      auto key = static_cast<int64_t>(random() % 700);
      if (random() % 2 == 0) {
        table.insert(object(key, round));
        model[key] = round;
      } else {
        table.erase(Term::small(key));
        model.erase(key);
      }
      most = std::max(most, table.tree().piece_count());
      if (round % 500 != 0) continue;
      std::vector<int64_t> expected;
      for (auto& [each, value] : model) {
        expected.push_back(each);
        ASSERT_TRUE(table.visit_key(Term::small(each), [&](Object& found) { ASSERT_EQ(found.element(2).as_small(), value); }));
      }
      ASSERT_EQ(table.size(), model.size());
      ASSERT_EQ(keys(table.tree(), false), expected);
      std::ranges::reverse(expected);
      ASSERT_EQ(keys(table.tree(), true), expected);
    }
  }
  EXPECT_GT(most, 50u);
  EXPECT_LE(most, DividedTree::piece_limit);
  table.detach_contents(true);
  EXPECT_EQ(table.tree().piece_count(), 1u);
  EXPECT_EQ(table.size(), 0u);
}

TEST_F(DividedTrees, insert_lists_at_once) {
  Ref<OffHeapBinary> binary = ordered_table();
  Table& table = *Magic<Table>::get(binary.get());
  table.tree().set_adaption(Adaption::always_split);
  for (int64_t key = 0; key < 200; key += 2) table.insert(object(key, 0));
  std::vector<Object*> objects{object(1, 1), object(198, 1), object(33, 1)};
  EXPECT_FALSE(table.insert_all_new(objects));
  EXPECT_EQ(table.size(), 100u);
  objects = {object(1, 1), object(199, 1), object(33, 1)};
  EXPECT_TRUE(table.insert_all_new(objects));
  objects = {object(1, 2), object(201, 2)};
  table.insert_all(objects);
  EXPECT_EQ(table.size(), 104u);
}

// Writers of their own keys, a mover of pairs that must always be complete, and walkers that count what stays.
TEST_F(DividedTrees, stay_whole_under_many_threads) {
  Ref<OffHeapBinary> binary = ordered_table();
  Table& table = *Magic<Table>::get(binary.get());
  table.tree().set_adaption(Adaption::random);
  constexpr int64_t stable = 300, spread = 64, rounds = 3000;
  for (int64_t key = 0; key < stable; key++) table.insert(object(key * spread, 0));
  std::atomic<int> writers{3};
  auto write = [&](int64_t thread) {
    std::mt19937_64 random(static_cast<uint64_t>(thread));
    for (int64_t round = 0; round < rounds; round++) {
      epoch::Guard inside;
      int64_t key = static_cast<int64_t>(random() % stable) * spread + 1 + thread;
      table.insert(object(key, round));
      EXPECT_TRUE(table.contains(Term::small(key)));
      table.update(Term::small((key / spread) * spread),
                   [](Object* old) { return object(old->element(1).as_small(), old->element(2).as_small() + 1); });
      if (round % 64 == 0) {
        std::vector<Object*> objects{object(-thread - 1, round), object(stable * spread + thread, round)};
        table.insert_all(objects);
      }
      table.erase(Term::small(key));
      EXPECT_FALSE(table.contains(Term::small(key)));
    }
    writers--;
  };
  auto walk = [&](bool descending) {
    while (writers.load() > 0) {
      epoch::Guard inside;
      std::vector<int64_t> found = keys(table.tree(), descending);
      EXPECT_EQ(std::ranges::count_if(found, [](int64_t key) { return key >= 0 && key < stable * spread && key % spread == 0; }),
                stable);
    }
  };
  std::vector<std::thread> threads;
  for (int64_t thread = 0; thread < 3; thread++) threads.emplace_back(write, thread);
  threads.emplace_back(walk, false);
  threads.emplace_back(walk, true);
  for (std::thread& thread : threads) thread.join();
  int64_t sum = 0;
  for (int64_t key = 0; key < stable; key++)
    table.visit_key(Term::small(key * spread), [&](Object& found) { sum += found.element(2).as_small(); });
  EXPECT_EQ(sum, 3 * rounds);
  EXPECT_EQ(table.size(), static_cast<size_t>(stable + 6));
}

// Waiting writers make a piece split; quiet ones join.
TEST_F(DividedTrees, join_when_nobody_waits) {
  Ref<OffHeapBinary> binary = ordered_table();
  Table& table = *Magic<Table>::get(binary.get());
  table.tree().set_adaption(Adaption::always_split);
  for (int64_t key = 0; key < 100; key++) table.insert(object(key, 0));
  size_t before = table.tree().piece_count();
  EXPECT_GT(before, 20u);
  table.tree().set_adaption(Adaption::by_contention);
  for (int64_t round = 0; round < 5000; round++) table.insert(object(50, round));
  EXPECT_LT(table.tree().piece_count(), before);
  EXPECT_EQ(table.size(), 100u);
}

}  // namespace hanse
