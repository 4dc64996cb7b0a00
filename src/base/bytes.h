// Big-endian and unaligned access to bytes. Owns nothing; any thread.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace hanse {

using Bytes = std::span<const uint8_t>;
using MutableBytes = std::span<uint8_t>;

template <class T>
inline T load_unaligned(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

inline uint16_t load_be16(const uint8_t* from) { return __builtin_bswap16(load_unaligned<uint16_t>(from)); }
inline uint32_t load_be32(const uint8_t* from) { return __builtin_bswap32(load_unaligned<uint32_t>(from)); }
inline uint64_t load_be64(const uint8_t* from) { return __builtin_bswap64(load_unaligned<uint64_t>(from)); }

inline void store_be16(uint8_t* to, uint16_t value) {
  value = __builtin_bswap16(value);
  std::memcpy(to, &value, 2);
}
inline void store_be32(uint8_t* to, uint32_t value) {
  value = __builtin_bswap32(value);
  std::memcpy(to, &value, 4);
}
inline void store_be64(uint8_t* to, uint64_t value) {
  value = __builtin_bswap64(value);
  std::memcpy(to, &value, 8);
}

static_assert(std::endian::native == std::endian::little, "Hanse supports little-endian machines only");

}  // namespace hanse
