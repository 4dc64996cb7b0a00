#include "term/budget.h"

#include <gtest/gtest.h>

#include "term/build.h"
#include "term/compare.h"
#include "term/copy.h"
#include "term/hash.h"
#include "term/off_heap_binary.h"
#include "term/test_arena.h"

namespace hanse {
namespace {

class TestBudget final : public Budget {
 public:
  bool admits_bytes(size_t bytes) override { return bytes <= most_bytes; }
  size_t most_words() override { return most_bytes / 8; }
  void gone_too_far() override { complaints++; }
  bool admits_atom() override { return false; }
  void off_heap_taken(size_t bytes) override { held += static_cast<ptrdiff_t>(bytes); }
  void off_heap_resized(ptrdiff_t more_bytes) override { held += more_bytes; }
  void off_heap_freed(size_t bytes) override { held -= static_cast<ptrdiff_t>(bytes); }

  size_t most_bytes = 1000000;
  int complaints = 0;
  ptrdiff_t held = 0;
};

class InForce {
 public:
  explicit InForce(Budget& budget) { thread_budget = &budget; }
  ~InForce() {
    thread_budget = nullptr;
    thread_walk_steps = steps_of_walk;
  }
};

// Shares its parts: as large as two to the power of `depth`, in memory linear in it.
Term doubled(Arena& arena, int depth, Term term = Term::small(1)) {
  for (int i = 0; i < depth; i++) term = make_tuple(arena, term, term);
  return term;
}

TEST(Budget, large_blocks_are_asked_for) {
  TestBudget budget;
  InForce in_force(budget);
  EXPECT_EQ(OffHeapBinary::create(2000000), nullptr);
  OffHeapBinary* binary = OffHeapBinary::create(500000);
  ASSERT_NE(binary, nullptr);
  EXPECT_EQ(budget.held, 500000);
  EXPECT_EQ(OffHeapBinary::reallocate(binary, 2000000), nullptr);
  binary = OffHeapBinary::reallocate(binary, 800000);
  EXPECT_EQ(budget.held, 800000);
  binary->release();
  EXPECT_EQ(budget.held, 0);
}

TEST(Budget, a_binary_is_charged_to_its_maker_until_it_goes) {
  TestBudget budget;
  OffHeapBinary* binary;
  {
    InForce in_force(budget);
    binary = OffHeapBinary::create(100);
  }
  OffHeapBinary* other = OffHeapBinary::create(100);
  EXPECT_EQ(budget.held, 100);
  other->release();
  EXPECT_EQ(budget.held, 100);
  binary->release();
  EXPECT_EQ(budget.held, 0);
}

TEST(Budget, endless_walks_end) {
  TestArena arena;
  TestBudget budget;
  Term a = doubled(arena, 60), b = doubled(arena, 60);
  InForce in_force(budget);
  (void)exactly_equal(a, b);
  EXPECT_EQ(budget.complaints, 1);
  (void)exactly_equal(a, b);  // at once
  EXPECT_EQ(budget.complaints, 2);
}

// Neither does it help to make each step long.
TEST(Budget, endless_walks_of_long_steps_end) {
  TestArena arena;
  std::vector<Term> numbers(100000, Term::small(7));
  std::string bytes(1000000, 'x');
  auto list = [&] { return make_list(arena, numbers); };
  auto tuple = [&] { return hanse::make_tuple(arena, std::span<const Term>(numbers)); };
  auto binary = [&] { return make_binary(arena, bytes); };
  struct Pair {
    Term a, b;
  };
  for (auto [a, b] : {Pair{list(), list()}, Pair{tuple(), tuple()}, Pair{binary(), binary()}}) {
    Term x = doubled(arena, 60, a), y = doubled(arena, 60, b);
    for (auto walk : {+[](Term p, Term q) { (void)exactly_equal(p, q); }, +[](Term p, Term q) { (void)equal(p, q); },
                      +[](Term p, Term q) { (void)compare(p, q); }, +[](Term p, Term) { (void)internal_hash(p); },
                      +[](Term p, Term) { (void)portable_hash2(p); }, +[](Term p, Term) { (void)portable_hash(p); }}) {
      TestBudget budget;
      InForce in_force(budget);
      walk(x, y);
      EXPECT_GE(budget.complaints, 1);
    }
  }
}

TEST(Budget, a_copy_that_becomes_too_large_is_given_up) {
  TestArena arena, to;
  TestBudget budget;
  Term term = doubled(arena, 60);
  InForce in_force(budget);
  EXPECT_EQ(copy(to, term), Term::nil());
  EXPECT_GE(budget.complaints, 1);
  TestArena pieces;
  EXPECT_EQ(copy_in_pieces(pieces, term), Term::nil());
}

TEST(Budget, without_one_nothing_ends) {
  TestArena arena, to;
  Term term = doubled(arena, 16);
  EXPECT_TRUE(exactly_equal(copy(to, term), term));
}

}  // namespace
}  // namespace hanse
