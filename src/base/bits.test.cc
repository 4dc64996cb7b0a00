#include "base/bits.h"

#include <gtest/gtest.h>

#include <vector>

using namespace hanse;

static bool bit(const std::vector<uint8_t>& bytes, size_t index) { return bytes[index / 8] >> (7 - index % 8) & 1; }

TEST(Bits, copies_every_alignment_and_nothing_else) {
  std::vector<uint8_t> from = {0xa5, 0x3c, 0x7e, 0x91, 0xf0};
  for (size_t from_bit = 0; from_bit < 9; from_bit++)
    for (size_t to_bit = 0; to_bit < 9; to_bit++)
      for (size_t count = 0; count + from_bit <= 40 && count < 30; count++) {
        std::vector<uint8_t> to = {0x55, 0x55, 0x55, 0x55, 0x55, 0x55};
        std::vector<uint8_t> before = to;
        copy_bits(to.data(), to_bit, from.data(), from_bit, count);
        for (size_t i = 0; i < to.size() * 8; i++) {
          bool inside = i >= to_bit && i < to_bit + count;
          ASSERT_EQ(bit(to, i), inside ? bit(from, from_bit + i - to_bit) : bit(before, i)) << from_bit << to_bit << count;
        }
      }
}
