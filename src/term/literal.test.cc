#include "term/literal.h"

#include <gtest/gtest.h>

#include "term/build.h"

namespace hanse {

TEST(Literal, areas_share_pages_and_are_used_again) {
  int on_stack = 0;
  LiteralArea* first = LiteralArea::create(3);
  LiteralArea* second = LiteralArea::create(100);
  EXPECT_LT(second->begin() - first->begin(), 512);
  EXPECT_TRUE(is_literal_pointer(first->begin()));
  EXPECT_FALSE(is_literal_pointer(&on_stack));
  EXPECT_FALSE(is_literal(Term::small(1)));
  Term tuple = make_tuple(*first, Term::small(1), Term::small(2));
  EXPECT_TRUE(is_literal(tuple));
  EXPECT_DEATH(first->allocate(1), "full");
  size_t bytes = literal_bytes();
  Word* begin = first->begin();
  delete first;
  EXPECT_EQ(literal_bytes(), bytes - 4 * sizeof(Word));
  LiteralArea* third = LiteralArea::create(4);
  EXPECT_EQ(third->begin(), begin);
  delete second;
  delete third;
}

TEST(Literal, large_areas_are_committed) {
  LiteralArea* area = LiteralArea::create(size_t{1} << 20);
  area->begin()[0] = 1;
  area->end()[-1] = 2;
  EXPECT_EQ(area->begin()[0] + area->end()[-1], 3u);
  delete area;
}

}  // namespace hanse
