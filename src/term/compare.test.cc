#include "term/compare.h"

#include <gtest/gtest.h>

#include "term/atom.h"
#include "term/big.h"
#include "term/build.h"
#include "term/identifiers.h"
#include "term/map.h"
#include "term/reference.h"
#include "term/test_arena.h"

namespace hanse {

TEST(Compare, types_are_ordered) {
  TestArena arena;
  Term sorted[] = {Term::small(-1),
                   make_float(arena, -0.5),
                   make_integer(arena, INT64_MAX),
                   am::empty,
                   am::ok,
                   make_reference(arena),
                   Term::port(1),
                   Term::pid(1),
                   make_tuple(arena, am::ok),
                   make_tuple(arena, Term::small(1), Term::small(1)),
                   map_empty(arena),
                   Term::nil(),
                   make_cons(arena, Term::small(1), Term::nil()),
                   make_cons(arena, Term::small(1), make_binary(arena, std::string_view("a"))),
                   make_binary(arena, std::string_view("")),
                   make_sub_binary(arena, make_binary(arena, std::string_view("a")), 0, 7),
                   make_binary(arena, std::string_view("a"))};
  for (size_t i = 0; i < std::size(sorted); i++)
    for (size_t j = 0; j < std::size(sorted); j++) {
      EXPECT_EQ(compare(sorted[i], sorted[j]), i < j ? -1 : i > j) << i << " " << j;
      EXPECT_EQ(exactly_equal(sorted[i], sorted[j]), i == j);
    }
}

TEST(Compare, integers_and_floats) {
  TestArena arena;
  Term one = Term::small(1), one_float = make_float(arena, 1.0);
  EXPECT_TRUE(equal(one, one_float));
  EXPECT_FALSE(exactly_equal(one, one_float));
  EXPECT_LT(compare_exact(make_integer(arena, 5), one_float), 0);
  // 2^53 + 1 is no float.
  EXPECT_GT(compare(Term::small(9007199254740993), make_float(arena, 9007199254740992.0)), 0);
  Term power = integer_shift(arena, Term::small(-1), 1023);
  EXPECT_EQ(compare(power, make_float(arena, -0x1p1023)), 0);
  EXPECT_LT(compare(integer_subtract(arena, power, one), make_float(arena, -0x1p1023)), 0);
  EXPECT_LT(compare(integer_shift(arena, power, 2), make_float(arena, -0x1p1023)), 0);
  Term zero = make_float(arena, 0.0), minus_zero = make_float(arena, -0.0);
  EXPECT_TRUE(exactly_equal(zero, minus_zero));
}

TEST(Compare, maps) {
  TestArena arena;
  auto map = [&](Term key, Term value) { return map_from_pairs(arena, {&key, 1}, {&value, 1}); };
  Term one = Term::small(1), two = Term::small(2), one_float = make_float(arena, 1.0);
  EXPECT_LT(compare(map(one, two), map(two, one)), 0);
  EXPECT_NE(compare(map(one, two), map(one_float, two)), 0);  // keys are exact
  EXPECT_EQ(compare(map(two, one), map(two, one_float)), 0);  // values are not
  EXPECT_FALSE(exactly_equal(map(two, one), map(two, one_float)));
}

TEST(Compare, references_and_pids_of_nodes) {
  TestArena arena;
  Term a = make_atom("a@x"), b = make_atom("b@x");
  uint32_t one_word[] = {5}, padded[] = {5, 0, 0}, high[] = {0, 3}, low[] = {9, 2};
  auto reference = [&](Term node, std::span<const uint32_t> words) {
    return make_reference_of_node(arena, node, 1, words);
  };
  EXPECT_TRUE(exactly_equal(reference(a, one_word), reference(a, padded)));
  EXPECT_LT(compare(reference(a, low), reference(a, high)), 0);
  EXPECT_LT(compare(reference(a, high), reference(b, low)), 0);
  EXPECT_LT(compare(make_pid(arena, b, 1, 1, 0), make_pid(arena, a, 1, 2, 0)), 0);
  EXPECT_LT(compare(make_pid(arena, a, 1, 70000, 0), make_pid(arena, a, 1, 1, 3)), 0);
}

TEST(Compare, bits_at_any_offset) {
  TestArena arena;
  Term text = make_binary(arena, std::string_view("\x5a\xa5\x5a\xa5\x5a\xa5"));
  Term a = make_sub_binary(arena, text, 1, 19), b = make_sub_binary(arena, text, 17, 19);
  EXPECT_TRUE(exactly_equal(a, b));
  EXPECT_LT(compare(a, make_sub_binary(arena, text, 17, 20)), 0);
  EXPECT_NE(compare(a, make_sub_binary(arena, text, 2, 19)), 0);
}

}  // namespace hanse
