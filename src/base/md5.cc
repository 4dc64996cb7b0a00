#include "base/md5.h"

#include <algorithm>
#include <bit>

namespace hanse {

namespace {
constexpr uint8_t shifts[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

// floor(2^32 * abs(sin(i + 1))), RFC 1321, 3.4.
constexpr uint32_t sines[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};
}  // namespace

void Md5::transform(const uint8_t* data) {
  uint32_t words[16];
  std::memcpy(words, data, 64);  // little-endian, as is every supported machine
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
  for (unsigned i = 0; i < 64; i++) {
    uint32_t mixed;
    unsigned which;
    switch (i / 16) {
      case 0: mixed = (b & c) | (~b & d), which = i; break;
      case 1: mixed = (d & b) | (~d & c), which = (5 * i + 1) % 16; break;
      case 2: mixed = b ^ c ^ d, which = (3 * i + 5) % 16; break;
      default: mixed = c ^ (b | ~d), which = (7 * i) % 16; break;
    }
    uint32_t rotated = std::rotl(a + mixed + sines[i] + words[which], shifts[i / 16][i % 4]);
    a = d, d = c, c = b, b += rotated;
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d;
}

void Md5::update(Bytes data) {
  size_t used = length % 64;
  length += data.size();
  while (!data.empty()) {
    if (used == 0 && data.size() >= 64) {
      transform(data.data());
      data = data.subspan(64);
      continue;
    }
    size_t count = std::min(64 - used, data.size());
    std::memcpy(block + used, data.data(), count);
    data = data.subspan(count);
    used += count;
    if (used == 64) {
      transform(block);
      used = 0;
    }
  }
}

Md5::Digest Md5::finish() {
  uint64_t bits = length * 8;
  uint8_t padding[72] = {0x80};
  size_t used = length % 64;
  size_t count = (used < 56 ? 56 : 120) - used;
  std::memcpy(padding + count, &bits, 8);
  update({padding, count + 8});
  Digest digest;
  std::memcpy(digest.data(), state, 16);
  return digest;
}

}  // namespace hanse
