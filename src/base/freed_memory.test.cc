#include "base/freed_memory.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>

namespace hanse {

TEST(FreedMemory, the_end_of_a_block_goes_and_its_start_stays) {
  for (size_t size : {size_t{1000}, size_t{100000}, size_t{64} << 20}) {
    auto* block = static_cast<unsigned char*>(std::malloc(size));
    std::memset(block, 7, size);
    size_t kept = size / 3;
    give_back_end(block, kept, size);
    for (size_t i = 0; i < kept; i++) ASSERT_EQ(block[i], 7);
    std::free(block);
  }
}

}  // namespace hanse
