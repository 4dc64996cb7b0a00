#include "term/bits.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace hanse {
namespace {

bool bit_at(const std::vector<uint8_t>& bytes, size_t index) { return (bytes[index / 8] >> (7 - index % 8) & 1) != 0; }

TEST(Bits, loads_and_stores_any_run_of_up_to_64_bits) {
  std::mt19937_64 random(1);
  std::vector<uint8_t> bytes(24);
  for (auto& byte : bytes) byte = static_cast<uint8_t>(random());
  for (size_t offset = 0; offset < 70; offset++) {
    for (size_t count = 0; count <= 64; count++) {
      uint64_t expected = 0;
      for (size_t i = 0; i < count; i++) expected = expected << 1 | static_cast<uint64_t>(bit_at(bytes, offset + i));
      ASSERT_EQ(load_bits(bytes.data(), offset, count), expected) << offset << " " << count;
      uint64_t value = random();
      std::vector<uint8_t> copy = bytes;
      store_bits(copy.data(), offset, value, count);
      for (size_t i = 0; i < bytes.size() * 8; i++) {
        bool inside = i >= offset && i < offset + count;
        bool wanted = inside ? (value >> (count - 1 - (i - offset)) & 1) != 0 : bit_at(bytes, i);
        ASSERT_EQ(bit_at(copy, i), wanted);
      }
    }
  }
}

TEST(Bits, copies_between_any_alignments) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 2000; round++) {
    std::vector<uint8_t> from(40), to(40);
    for (auto& byte : from) byte = static_cast<uint8_t>(random());
    for (auto& byte : to) byte = static_cast<uint8_t>(random());
    size_t from_offset = random() % 60, to_offset = random() % 60, count = random() % 200;
    std::vector<uint8_t> before = to;
    copy_bits(to.data(), to_offset, from.data(), from_offset, count);
    for (size_t i = 0; i < to.size() * 8; i++) {
      bool inside = i >= to_offset && i < to_offset + count;
      ASSERT_EQ(bit_at(to, i), inside ? bit_at(from, from_offset + i - to_offset) : bit_at(before, i));
    }
  }
}

}  // namespace
}  // namespace hanse
