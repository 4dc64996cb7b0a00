#include "heap/collector.h"

#include <gtest/gtest.h>

#include "term/build.h"
#include "term/compare.h"

namespace hanse {

class SafepointForTest {
 public:
  static Safepoint make() { return {}; }
};

namespace {

class Roots final : public RootSet {
 public:
  std::vector<Term> terms;
  void visit_roots(RootVisitor& visitor) override { visitor.visit(terms); }
};

CollectionResult collect_now(ProcessHeap& heap, Roots& roots, CollectionKind kind = CollectionKind::minor, size_t need = 0,
                             const LiteralArea* evacuate = nullptr) {
  return collect(SafepointForTest::make(), heap, roots, kind, need, evacuate);
}

Term numbers(Arena& arena, int64_t from, int64_t count) {
  Term list = Term::nil();
  for (int64_t i = from + count; i-- > from;) list = make_cons(arena, Term::small(i), list);
  return list;
}

int64_t sum(Term list) {
  int64_t total = 0;
  for (; list.is_cons(); list = list.as_cons()->tail) total += list.as_cons()->head.as_small();
  return total;
}

TEST(Collector, keeps_what_roots_reach_and_drops_the_rest) {
  Account account;
  ProcessHeap heap(account, {});
  Roots roots;
  roots.terms.push_back(numbers(heap, 0, 1000));
  numbers(heap, 0, 5000);  // garbage
  collect_now(heap, roots);
  EXPECT_EQ(sum(roots.terms[0]), 499500);
  EXPECT_EQ(heap.young_used_words(), 2000u);
  EXPECT_EQ(heap.fragment_words(), 0u);
}

TEST(Collector, promotes_survivors_and_sweeps_the_old_generation_in_a_full_collection) {
  Account account;
  ProcessHeap heap(account, {});
  Roots roots;
  roots.terms.push_back(numbers(heap, 0, 100));
  collect_now(heap, roots);
  collect_now(heap, roots);
  EXPECT_EQ(heap.old_used_words(), 200u);
  EXPECT_EQ(heap.young_used_words(), 0u);
  roots.terms[0] = make_cons(heap, Term::small(7), roots.terms[0].as_cons()->tail);
  collect_now(heap, roots, CollectionKind::full);
  EXPECT_EQ(heap.old_used_words(), 0u);
  EXPECT_EQ(heap.young_used_words(), 200u);
  EXPECT_EQ(sum(roots.terms[0]), 4957);
}

TEST(Collector, keeps_sharing_and_cycles_of_generations_apart) {
  Account account;
  ProcessHeap heap(account, {});
  Roots roots;
  Term shared = make_tuple(heap, Term::small(1), Term::small(2));
  roots.terms = {make_tuple(heap, shared, shared), shared};
  for (int i = 0; i < 4; i++) {
    collect_now(heap, roots);
    auto* pair = as_tuple(roots.terms[0]);
    EXPECT_EQ(pair->elements[0], pair->elements[1]);
    EXPECT_EQ(pair->elements[0], roots.terms[1]);
  }
}

TEST(Collector, releases_binaries_that_nobody_refers_to) {
  Account account;
  ProcessHeap heap(account, {});
  Roots roots;
  OffHeapBinary* kept = OffHeapBinary::create(1000);
  OffHeapBinary* dropped = OffHeapBinary::create(1000);
  kept->retain();
  dropped->retain();
  roots.terms.push_back(make_refc_binary(heap, kept, 1000));
  make_refc_binary(heap, dropped, 1000);
  collect_now(heap, roots);
  EXPECT_EQ(kept->reference_count(), 2u);
  EXPECT_EQ(dropped->reference_count(), 1u);
  roots.terms.clear();
  collect_now(heap, roots);
  collect_now(heap, roots, CollectionKind::full);
  EXPECT_EQ(kept->reference_count(), 1u);
  kept->release();
  dropped->release();
}

TEST(Collector, moves_the_stack) {
  Account account;
  ProcessHeap heap(account, {});
  Roots roots;
  Word* stack = heap.stack_top() - 2;
  heap.set_top_and_stack(heap.top, stack);
  Term list = numbers(heap, 0, 10);
  stack[0] = list.word();
  stack[1] = Term::catch_marker(reinterpret_cast<void*>(0x1000)).word();
  collect_now(heap, roots, CollectionKind::minor, 10000);
  EXPECT_EQ(sum(Term::from_word(heap.stack_top()[0])), 45);
  EXPECT_EQ(heap.stack_words(), 2u);
  EXPECT_GE(heap.free_words(), 10000);
}

TEST(Collector, copies_terms_out_of_a_literal_area_without_changing_it) {
  Account account;
  ProcessHeap first(account, {}), second(account, {});
  LiteralArea* area = LiteralArea::create(20);
  Term literal = numbers(*area, 1, 10);
  Roots roots, others;
  roots.terms = {make_tuple(first, literal, literal)};
  others.terms = {literal};
  collect_now(first, roots, CollectionKind::full, 0, area);
  collect_now(second, others, CollectionKind::full, 0, area);
  delete area;
  auto* pair = as_tuple(roots.terms[0]);
  EXPECT_EQ(pair->elements[0], pair->elements[1]);
  EXPECT_EQ(sum(pair->elements[0]), 55);
  EXPECT_EQ(sum(others.terms[0]), 55);
}

TEST(Collector, refuses_to_exceed_the_limit) {
  Account account;
  HeapSettings settings;
  settings.maximum_words = 1000;
  ProcessHeap heap(account, settings);
  Roots roots;
  roots.terms.push_back(numbers(heap, 0, 100));
  EXPECT_FALSE(collect_now(heap, roots).heap_limit_exceeded);
  EXPECT_TRUE(collect_now(heap, roots, CollectionKind::minor, 100000).heap_limit_exceeded);
  EXPECT_EQ(sum(roots.terms[0]), 4950);
}

TEST(Collector, charges_the_account_for_what_it_holds) {
  Account account;
  {
    ProcessHeap heap(account, {});
    Roots roots;
    roots.terms.push_back(numbers(heap, 0, 100000));
    collect_now(heap, roots);
    EXPECT_EQ(account.bytes(MemoryKind::heap), static_cast<int64_t>(heap.heap_words() * 8));
    roots.terms.clear();
    for (int i = 0; i < 3; i++) collect_now(heap, roots);
    EXPECT_EQ(account.bytes(MemoryKind::heap) + account.bytes(MemoryKind::fragment), static_cast<int64_t>(heap.total_bytes()));
  }
  EXPECT_EQ(account.total(), 0);
}

}  // namespace
}  // namespace hanse
