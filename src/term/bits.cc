#include "term/bits.h"

#include <cstring>

#include "base/bytes.h"

namespace hanse {

uint64_t load_bits(const uint8_t* base, size_t offset, size_t count) {
  if (count == 0) return 0;
  const uint8_t* from = base + offset / 8;
  size_t skip = offset % 8, bits = skip + count, bytes = (bits + 7) / 8;
  uint64_t value = 0;
  size_t whole = bytes < 8 ? bytes : 8;
  for (size_t i = 0; i < whole; i++) value = value << 8 | from[i];
  if (bytes <= 8) {
    value >>= bytes * 8 - bits;
  } else {  // nine bytes
    size_t rest = bits - 64;
    value = value << rest | from[8] >> (8 - rest);
  }
  return count == 64 ? value : value & ((uint64_t{1} << count) - 1);
}

void store_bits(uint8_t* base, size_t offset, uint64_t value, size_t count) {
  uint8_t* to = base + offset / 8;
  size_t skip = offset % 8;
  if (skip == 0)
    for (; count >= 8; count -= 8) *to++ = static_cast<uint8_t>(value >> (count - 8));
  while (count > 0) {
    size_t room = 8 - skip, take = count < room ? count : room;
    auto chunk = static_cast<uint8_t>((value >> (count - take)) & ((1U << take) - 1));
    auto mask = static_cast<uint8_t>(((1U << take) - 1) << (room - take));
    *to = static_cast<uint8_t>((*to & ~mask) | (chunk << (room - take)));
    to++;
    skip = 0;
    count -= take;
  }
}

void copy_bits(uint8_t* to, size_t to_offset, const uint8_t* from, size_t from_offset, size_t count) {
  if (count == 0) return;
  if (size_t skip = to_offset % 8; skip != 0) {  // up to the next byte of the destination
    size_t head = 8 - skip < count ? 8 - skip : count;
    store_bits(to, to_offset, load_bits(from, from_offset, head), head);
    to_offset += head;
    from_offset += head;
    count -= head;
  }
  uint8_t* target = to + to_offset / 8;
  size_t whole = count / 8;
  if (from_offset % 8 == 0) {
    if (whole > 0) std::memcpy(target, from + from_offset / 8, whole);
  } else {
    const uint8_t* source = from + from_offset / 8;
    auto shift = static_cast<unsigned>(from_offset % 8);
    for (size_t i = 0; i < whole; i++)
      target[i] = static_cast<uint8_t>(source[i] << shift | source[i + 1] >> (8 - shift));
  }
  if (size_t rest = count % 8; rest != 0)
    store_bits(to, to_offset + whole * 8, load_bits(from, from_offset + whole * 8, rest), rest);
}

}  // namespace hanse
