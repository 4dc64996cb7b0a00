// Queues of drivers: order, parts of pieces, and who keeps a binary.
#include "driver/driver_queue.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace hanse::driver {

namespace {

std::string content(DriverQueue& queue) {
  int count = 0;
  SysIOVec* pieces = queue.pieces(count);
  std::string bytes;
  for (int i = 0; i < count; i++) bytes.append(static_cast<char*>(pieces[i].iov_base), pieces[i].iov_len);
  return bytes;
}

TEST(DriverQueue, grows_at_both_ends) {
  DriverQueue queue;
  EXPECT_TRUE(queue.enqueue("middle", 6));
  EXPECT_TRUE(queue.push("first ", 6));
  EXPECT_TRUE(queue.enqueue(" last", 5));
  EXPECT_EQ(content(queue), "first middle last");
  EXPECT_EQ(queue.size(), 17u);
  EXPECT_TRUE(queue.dequeue(8));
  EXPECT_TRUE(queue.push("<", 1));
  EXPECT_EQ(content(queue), "<ddle last");
  EXPECT_FALSE(queue.dequeue(11));
  EXPECT_TRUE(queue.dequeue(10));
  EXPECT_EQ(content(queue), "");
  EXPECT_TRUE(queue.push("again", 5));
  EXPECT_EQ(content(queue), "again");
}

TEST(DriverQueue, keeps_binaries_as_long_as_it_needs_them) {
  OffHeapBinary* owner = OffHeapBinary::create(10);
  std::memcpy(owner->data, "0123456789", 10);
  ErlDrvBinary* binary = lend(owner);
  EXPECT_EQ(binary->orig_size, 10);
  EXPECT_EQ(std::string(binary->orig_bytes, 10), "0123456789");
  EXPECT_EQ(borrowed(binary), owner);
  char text[] = "abc";
  SysIOVec pieces[] = {{text, 3}, {binary->orig_bytes + 2, 5}};
  ErlDrvBinary* binaries[] = {nullptr, binary};
  ErlIOVec vector{2, 8, pieces, binaries};
  DriverQueue queue;
  EXPECT_FALSE(queue.enqueue(vector, 9));
  EXPECT_TRUE(queue.enqueue(vector, 1));
  EXPECT_TRUE(queue.push(vector, 4));
  text[1] = 'X';  // the queue has copied what is no binary
  EXPECT_EQ(content(queue), "3456bc23456");
  EXPECT_EQ(owner->reference_count(), 3u);
  EXPECT_TRUE(queue.dequeue(4));
  EXPECT_EQ(owner->reference_count(), 2u);
  queue.clear();
  EXPECT_EQ(owner->reference_count(), 1u);
  owner->release();
}

}  // namespace
}  // namespace hanse::driver
