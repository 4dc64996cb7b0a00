// The bits of a bit string as bytes in a row, copied only if they do not start at a byte. Valid while the term is.
#pragma once

#include <memory>

#include "base/bits.h"
#include "term/term.h"

namespace hanse {

class FlatBits {
 public:
  explicit FlatBits(Term bitstring) {
    BitView view = bit_view(bitstring);
    size_ = view.byte_size();
    tail_bits_ = static_cast<unsigned>(view.bit_size % 8);
    if (view.is_aligned()) {
      bytes_ = view.bytes();
    } else {
      copy_ = std::make_unique_for_overwrite<uint8_t[]>(size_ + 1);
      copy_bits(copy_.get(), 0, view.base, view.bit_offset, view.bit_size);
      bytes_ = copy_.get();
    }
    if (tail_bits_ != 0) tail_ = bytes_[size_] >> (8 - tail_bits_);
  }
  const uint8_t* bytes() const { return bytes_; }
  size_t size() const { return size_; }  // whole bytes
  unsigned tail_bits() const { return tail_bits_; }
  unsigned tail() const { return tail_; }  // the bits behind the last whole byte, as a number

 private:
  const uint8_t* bytes_;
  size_t size_;
  unsigned tail_bits_, tail_ = 0;
  std::unique_ptr<uint8_t[]> copy_;
};

}  // namespace hanse
