// The bytes of a binary in a row in memory: in place if they are byte-aligned there, else a copy. Valid while this object
// and the term are.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "term/term.h"

namespace hanse {

class ContiguousBytes {
 public:
  // binary.is_binary() must hold.
  explicit ContiguousBytes(Term binary) {
    BitView view = bit_view(binary);
    if (view.is_aligned()) {
      bytes_ = view.span();
      return;
    }
    copy_.resize(view.byte_size());
    const uint8_t* from = view.base + view.bit_offset / 8;
    unsigned shift = view.bit_offset & 7;
    for (size_t i = 0; i < copy_.size(); i++)
      copy_[i] = static_cast<uint8_t>((from[i] << shift) | (from[i + 1] >> (8 - shift)));
    bytes_ = copy_;
  }
  ContiguousBytes(const ContiguousBytes&) = delete;
  ContiguousBytes& operator=(const ContiguousBytes&) = delete;
  ContiguousBytes(ContiguousBytes&&) = default;

  Bytes bytes() const { return bytes_; }
  std::string_view text() const { return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()}; }

 private:
  std::vector<uint8_t> copy_;
  Bytes bytes_;
};

}  // namespace hanse
