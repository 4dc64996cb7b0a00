// Runs of bits in memory, most significant bit of a byte first. Pure. Offsets and counts are in bits.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hanse {

// `count` bits (at most 64) as an unsigned number, the first bit the most significant.
uint64_t load_bits(const uint8_t* base, size_t offset, size_t count);
// The lowest `count` bits (at most 64) of value.
void store_bits(uint8_t* base, size_t offset, uint64_t value, size_t count);
// Neighbouring bits of the destination stay as they are. No overlap.
void copy_bits(uint8_t* to, size_t to_offset, const uint8_t* from, size_t from_offset, size_t count);

}  // namespace hanse
