#include "term/copy.h"

#include <gtest/gtest.h>

#include "term/atom.h"
#include "term/build.h"
#include "term/compare.h"
#include "term/literal.h"
#include "term/test_arena.h"

namespace hanse {

TEST(Copy, deep_lists_and_tuples_need_no_stack) {
  TestArena from, to;
  Term deep = Term::nil();
  for (int i = 0; i < 1000000; i++) deep = make_tuple(from, make_cons(from, deep, Term::small(i)), am::ok);
  size_t size = flat_size(deep);
  EXPECT_EQ(size, 1000000u * 5);
  Term copied = copy(to, deep);
  EXPECT_NE(copied, deep);
  EXPECT_TRUE(exactly_equal(copied, deep));
}

TEST(Copy, in_pieces_is_the_same_copy) {
  TestArena from, to;
  Term all = Term::nil();
  for (int i = 0; i < 5000; i++) {
    Term pair = make_cons(from, Term::small(i), make_tuple(from, am::ok, Term::small(-i)));  // an improper list
    Term bytes = make_binary(from, std::string(static_cast<size_t>(i % 100), 'b'));
    all = make_cons(from, make_tuple(from, pair, bytes, make_cons(from, bytes, Term::nil())), all);
  }
  Term copied = copy_in_pieces(to, all);
  EXPECT_TRUE(exactly_equal(copied, all));
  EXPECT_EQ(flat_size(copied), flat_size(all));
  EXPECT_EQ(flat_size_up_to(all, flat_size(all)), flat_size(all));
  EXPECT_GT(flat_size_up_to(all, 100), 100u);
  EXPECT_EQ(copy_in_pieces(to, Term::small(7)), Term::small(7));
}

TEST(Copy, literals_are_shared) {
  LiteralArea* area = LiteralArea::create(8);
  Term literal = make_tuple(*area, am::ok, am::error);
  TestArena from, to;
  Term tuple = make_tuple(from, literal, make_cons(from, Term::small(1), make_cons(from, literal, Term::nil())));
  EXPECT_EQ(flat_size(tuple), 3u + 4);
  EXPECT_EQ(flat_size_with_literals(tuple), 3u + 4 + 3 + 3);
  Term copied = copy(to, tuple);
  EXPECT_EQ(as_tuple(copied)->elements[0], literal);
  EXPECT_EQ(copy(to, literal), literal);
  delete area;
}

TEST(Copy, binaries_keep_their_bits) {
  TestArena from, to;
  std::string text(200, 'x');
  Term large = make_binary(from, text);
  Term small = make_binary(from, std::string_view("hello, world"));
  Term parts = make_tuple(from, make_sub_binary(from, large, 8, 800), make_sub_binary(from, small, 16, 24),
                          make_sub_binary(from, small, 3, 17), make_sub_binary(from, small, 8, 0), large, small);
  OffHeapBinary* value = large.as<RefcBinary>()->value;
  Term copied;
  {
    TestArena other;
    copied = copy(other, parts);
    EXPECT_EQ(value->reference_count(), 3u);
    EXPECT_EQ(other.off_heap.bytes, 400u);
    EXPECT_TRUE(exactly_equal(copied, parts));
    EXPECT_TRUE(as_tuple(copied)->elements[1].is_boxed_kind(Boxed::heap_binary));
    Term bits = as_tuple(copied)->elements[2];
    EXPECT_EQ(bit_view(bits).bit_offset, 3u);
    EXPECT_EQ(flat_size(copied), flat_size(parts));
  }
  EXPECT_EQ(value->reference_count(), 1u);
}

TEST(Copy, sharing_is_kept_on_request) {
  TestArena from, to;
  Term shared = Term::nil();
  for (int i = 0; i < 20; i++) shared = make_cons(from, shared, shared);
  EXPECT_EQ(flat_size(shared), ((size_t{1} << 20) - 1) * 2);
  EXPECT_EQ(shared_size(shared), 40u);
  Term copied = copy_shared(to, shared);
  EXPECT_EQ(shared_size(copied), 40u);
  EXPECT_TRUE(exactly_equal(copied, shared));
}

}  // namespace hanse
