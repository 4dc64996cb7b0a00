#include "jit/code_memory.h"

#include <gtest/gtest.h>

#include <cstring>

namespace hanse::jit {

#if defined(__x86_64__)
TEST(CodeMemory, WhatIsWrittenRuns) {
  CodeRange range = allocate_code(6);
  if (range.write == nullptr) GTEST_SKIP() << "the system allows no machine code";
  EXPECT_LT(reinterpret_cast<uintptr_t>(range.run), uintptr_t{1} << 31);
  const uint8_t return_42[] = {0xb8, 42, 0, 0, 0, 0xc3};  // mov $42, %eax; ret
  std::memcpy(range.write, return_42, sizeof return_42);
  EXPECT_EQ(reinterpret_cast<int (*)()>(reinterpret_cast<uintptr_t>(range.run))(), 42);
  free_code(range);
}

TEST(CodeMemory, FreedRangesAreUsedAgain) {
  CodeRange first = allocate_code(1000);
  if (first.write == nullptr) GTEST_SKIP() << "the system allows no machine code";
  CodeRange second = allocate_code(1000);
  EXPECT_NE(first.run, second.run);
  free_code(first);
  CodeRange third = allocate_code(1000);
  EXPECT_EQ(first.run, third.run);
  free_code(second);
  free_code(third);
  EXPECT_EQ(allocate_code(size_t{1} << 40).write, nullptr);
}
#endif

}  // namespace hanse::jit
