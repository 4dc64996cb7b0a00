// Runs of bits in memory, most significant bit of a byte first, at any bit offset. Owns nothing; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace hanse {

// The eight bits that start at bit `offset` of `from`; bits beyond `end_bit` read as zero and are not touched in memory.
inline uint8_t byte_at_bit(const uint8_t* from, size_t offset, size_t end_bit) {
  size_t byte = offset / 8, shift = offset & 7;
  unsigned value = static_cast<unsigned>(from[byte]) << shift;
  if (shift != 0 && (byte + 1) * 8 < end_bit) value |= from[byte + 1] >> (8 - shift);
  if (offset + 8 > end_bit) value &= 0xff00u >> (end_bit - offset);
  return static_cast<uint8_t>(value);
}

// Copies `count` bits; the bits of `to` around them keep their values. The runs do not overlap.
inline void copy_bits(uint8_t* to, size_t to_bit, const uint8_t* from, size_t from_bit, size_t count) {
  if (count == 0) return;
  to += to_bit / 8;
  to_bit &= 7;
  size_t end = from_bit + count;
  if (to_bit != 0) {  // up to the next whole byte of `to`
    size_t room = 8 - to_bit, taken = count < room ? count : room;
    auto bits = static_cast<uint8_t>(byte_at_bit(from, from_bit, from_bit + taken) >> to_bit);
    auto mask = static_cast<uint8_t>((0xff00u >> taken & 0xff) >> to_bit);
    *to = static_cast<uint8_t>((*to & ~mask) | (bits & mask));
    from_bit += taken;
    count -= taken;
    to++;
  }
  size_t whole = count / 8;
  if ((from_bit & 7) == 0) {
    std::memcpy(to, from + from_bit / 8, whole);
  } else {
    for (size_t i = 0; i < whole; i++) to[i] = byte_at_bit(from, from_bit + i * 8, end);
  }
  if (size_t rest = count & 7; rest != 0) {
    auto mask = static_cast<uint8_t>(0xff00u >> rest);
    uint8_t bits = byte_at_bit(from, from_bit + whole * 8, end);
    to[whole] = static_cast<uint8_t>((to[whole] & ~mask) | (bits & mask));
  }
}

}  // namespace hanse
