#include "ets/table.h"

#include <gtest/gtest.h>

#include <thread>

#include "ets/test_machine.h"
#include "ets/test_terms.h"

namespace hanse {

namespace {

class Tables : public testing::Test {
 protected:
  OffHeapBinary* handle(TableOptions options) {
    OffHeapBinary* binary = Magic<Table>::create(machine, am::ok, Term::pid(1), options);
    Magic<Table>::get(binary)->handle = binary;
    return binary;
  }
  static Object* object(int64_t key, int64_t value) {
    ScratchArena arena;
    return Object::create(make_tuple(arena, Term::small(key), Term::small(value)));
  }
  static std::vector<int64_t> values(Table& table, int64_t key) {
    std::vector<int64_t> found;
    table.visit_key(Term::small(key), [&](Object& each) { found.push_back(each.element(2).as_small()); });
    return found;
  }
  TestMachine world;
  Machine& machine = world.machine;
};

using Values = std::vector<int64_t>;

}  // namespace

TEST_F(Tables, follow_the_rules_of_their_types) {
  for (TableType type : {TableType::set, TableType::bag, TableType::duplicate_bag, TableType::ordered_set}) {
    Ref<OffHeapBinary> binary = Ref<OffHeapBinary>::adopt(handle({.type = type}));
    Table& table = *Magic<Table>::get(binary.get());
    for (int64_t value : {1, 2, 1}) table.insert(object(7, value));
    bool single = type == TableType::set || type == TableType::ordered_set;
    EXPECT_EQ(values(table, 7), single ? Values{1} : type == TableType::bag ? (Values{2, 1}) : (Values{1, 2, 1}));
    EXPECT_FALSE(table.insert_new(object(7, 9)));
    EXPECT_TRUE(table.insert_new(object(8, 9)));
    TestArena arena;
    table.erase_object(make_tuple(arena, Term::small(7), Term::small(1)));
    EXPECT_EQ(values(table, 7), single ? Values{} : Values{2});
    table.erase(Term::small(8));
    EXPECT_EQ(table.size(), single ? 0u : 1u);
    table.detach_contents(true);
    EXPECT_EQ(table.size(), 0u);
  }
  EXPECT_EQ(machine.account.bytes(MemoryKind::ets), 0);
}

TEST_F(Tables, keep_deleted_objects_while_fixed) {
  Ref<OffHeapBinary> binary = Ref<OffHeapBinary>::adopt(handle({}));
  Table& table = *Magic<Table>::get(binary.get());
  for (int64_t key = 0; key < 100; key++) table.insert(object(key, key));
  EXPECT_TRUE(table.fix(Term::pid(1)));
  EXPECT_FALSE(table.fix(Term::pid(1)));
  for (int64_t key = 0; key < 50; key++) table.erase(Term::small(key));
  EXPECT_EQ(table.size(), 50u);
  EXPECT_FALSE(table.contains(Term::small(3)));
  Table::Part& part = table.part(0);
  EXPECT_EQ(part.objects.linked(), 100u);
  EXPECT_NE(part.objects.find(Term::small(3), table.hash_of(Term::small(3)), 1), nullptr);
  table.insert(object(3, 33));
  EXPECT_EQ(values(table, 3), Values{33});
  EXPECT_FALSE(table.unfix(Term::pid(1)));
  EXPECT_TRUE(table.unfix(Term::pid(1)));
  EXPECT_EQ(part.objects.linked(), 51u);
  EXPECT_EQ(table.size(), 51u);
}

TEST_F(Tables, count_exactly_with_many_threads) {
  for (Concurrency concurrency : {Concurrency::off, Concurrency::on}) {
    for (TableType type : {TableType::set, TableType::ordered_set}) {
      Ref<OffHeapBinary> binary = Ref<OffHeapBinary>::adopt(handle(
          {.type = type, .protection = Protection::public_, .write_concurrency = concurrency}));
      Table& table = *Magic<Table>::get(binary.get());
      constexpr int threads = 4, rounds = 20000, counters = 64;
      for (int64_t key = 0; key < counters; key++) table.insert(object(key, 0));
      auto work = [&](int64_t thread) {
        for (int64_t round = 0; round < rounds; round++) {
          table.update(Term::small(round % counters), [](Object* old) {
            return object(old->element(1).as_small(), old->element(2).as_small() + 1);
          });
          int64_t own = 1000 + thread * rounds + round;
          table.insert(object(own, round));
          ASSERT_EQ(values(table, own), Values{round});
          if (round % 2 == 0) table.erase(Term::small(own));
          if (round % 1000 == 0) {
            table.fix(Term::pid(static_cast<uint64_t>(thread)));
            table.unfix(Term::pid(static_cast<uint64_t>(thread)));
          }
        }
      };
      std::vector<std::thread> running;
      for (int thread = 0; thread < threads; thread++) running.emplace_back(work, thread);
      for (std::thread& thread : running) thread.join();
      int64_t sum = 0;
      for (int64_t key = 0; key < counters; key++) sum += values(table, key).at(0);
      EXPECT_EQ(sum, threads * rounds);
      EXPECT_EQ(table.size(), static_cast<size_t>(counters + threads * rounds / 2));
    }
  }
}

}  // namespace hanse
