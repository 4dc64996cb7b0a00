#include "base/large_blocks.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "base/freed_memory.h"

namespace hanse {

static constexpr size_t megabyte = size_t{1} << 20;

static bool keeps_blocks() { return !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer); }

TEST(LargeBlocks, grow_and_shrink_with_what_is_in_them) {
  size_t size = megabyte;
  auto* block = static_cast<unsigned char*>(allocate_large_block(size));
  ASSERT_NE(block, nullptr);
  std::memset(block, 7, size);
  for (size_t wanted : {megabyte + 1, 5 * megabyte, 40 * megabyte + 123, 3 * megabyte, megabyte}) {
    block = static_cast<unsigned char*>(resize_large_block(block, size, wanted));
    ASSERT_NE(block, nullptr);
    size = wanted;
    for (size_t i = 0; i < megabyte; i++) ASSERT_EQ(block[i], 7);
    block[size - 1] = 7;
  }
  free_large_block(block, size);
}

TEST(LargeBlocks, more_than_there_can_be_is_refused) {
  EXPECT_EQ(allocate_large_block(SIZE_MAX), nullptr);
  EXPECT_EQ(allocate_large_block(SIZE_MAX / 2), nullptr);
  void* block = allocate_large_block(megabyte);
  EXPECT_EQ(resize_large_block(block, megabyte, SIZE_MAX - 7), nullptr);
  free_large_block(block, megabyte);
}

TEST(LargeBlocks, a_busy_node_uses_them_again_and_an_idle_one_returns_them) {
  if (!keeps_blocks()) GTEST_SKIP();
  note_freed(uint64_t{1} << 30);
  unmap_free_large_blocks();
  void* block = allocate_large_block(9 * megabyte);
  free_large_block(block, 9 * megabyte);
  EXPECT_EQ(take_free_large_block(20 * megabyte), nullptr);
  EXPECT_EQ(allocate_large_block(9 * megabyte - 1000), block);
  EXPECT_EQ(take_free_large_block(9 * megabyte), nullptr);
  free_large_block(block, 9 * megabyte - 1000);
  EXPECT_GT(free_large_bytes(), 0u);
  unmap_free_large_blocks();
  EXPECT_EQ(free_large_bytes(), 0u);
}

TEST(LargeBlocks, what_is_kept_has_a_limit) {
  if (!keeps_blocks()) GTEST_SKIP();
  note_freed(uint64_t{1} << 30);
  std::vector<void*> blocks;
  for (int i = 0; i < 20; i++) blocks.push_back(allocate_large_block(16 * megabyte));
  for (void* block : blocks) free_large_block(block, 16 * megabyte);
  EXPECT_EQ(free_large_bytes(), max_free_large_bytes);
  EXPECT_EQ(take_free_large_block(16 * megabyte), blocks.back());
  free_large_block(blocks.back(), 16 * megabyte);
  free_large_block(allocate_large_block(2 * max_free_large_bytes), 2 * max_free_large_bytes);
  EXPECT_EQ(free_large_bytes(), max_free_large_bytes);
  unmap_free_large_blocks();
}

}  // namespace hanse
