#include "base/sparse_array.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>

namespace hanse {

TEST(SparseArray, has_room_only_where_it_was_made) {
  SparseArray<std::atomic<uint64_t>> array;
  EXPECT_EQ(array.find(0), nullptr);
  EXPECT_EQ(array.find(array.limit), nullptr);
  array.at(5).store(7);
  ASSERT_NE(array.find(5), nullptr);
  EXPECT_EQ(array.find(5)->load(), 7u);
  EXPECT_EQ(array.find(4)->load(), 0u);  // of the same page
  EXPECT_EQ(array.find(array.page_items), nullptr);
}

TEST(SparseArray, keeps_places_apart_up_to_its_limit) {
  SparseArray<std::atomic<uint64_t>> array;
  const size_t page = array.page_items, places[] = {0, 1, page - 1, page, page * array.branches, page * array.branches * array.branches, array.limit - 1};
  for (size_t place : places) array.at(place).store(place + 1);
  std::map<size_t, uint64_t> found;
  array.for_each([&](size_t index, const std::atomic<uint64_t>& item) {
    if (item.load() != 0) found[index] = item.load();
  });
  EXPECT_EQ(found.size(), std::size(places));
  for (size_t place : places) EXPECT_EQ(found[place], place + 1);
}

}  // namespace hanse
