// Which words of a module's code begin an instruction, or an instruction of some kind.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

namespace hanse {

// Where instructions begin: one bit for every even word.
class InstructionStarts {
 public:
  void add(uint32_t offset) {
    if (offset / 128 >= bits_.size()) bits_.resize(offset / 128 + 1);
    bits_[offset / 128] |= uint64_t{1} << (offset / 2 % 64);
  }
  bool contains(uint32_t offset) const {
    return offset / 128 < bits_.size() && (bits_[offset / 128] >> (offset / 2 % 64) & 1) != 0;
  }
  // The first at or after `offset`; `end` if there is none.
  uint32_t next(uint32_t offset, uint32_t end) const {
    for (size_t i = offset / 128; i < bits_.size(); i++) {
      uint64_t rest = bits_[i];
      if (i == offset / 128) rest &= ~uint64_t{0} << (offset / 2 % 64);
      if (rest != 0) return static_cast<uint32_t>(i * 128 + static_cast<size_t>(std::countr_zero(rest)) * 2);
    }
    return end;
  }

 private:
  std::vector<uint64_t> bits_;
};

}  // namespace hanse
