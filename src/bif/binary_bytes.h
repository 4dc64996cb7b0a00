// The bytes of a binary, wherever they begin: aligned ones are borrowed, others copied. Valid while the term is.
#pragma once

#include <vector>

#include "base/bits.h"
#include "base/bytes.h"
#include "term/binary_view.h"

namespace hanse {

class BinaryBytes {
 public:
  // A bit string; bits beyond the last whole byte are left out.
  explicit BinaryBytes(Term bitstring) {
    BitView view = bit_view(bitstring);
    if (view.is_aligned()) {
      span_ = view.span();
      return;
    }
    copy_.resize(view.byte_size());
    copy_bits(copy_.data(), 0, view.base, view.bit_offset, view.byte_size() * 8);
    span_ = copy_;
  }
  BinaryBytes(const BinaryBytes&) = delete;
  BinaryBytes& operator=(const BinaryBytes&) = delete;
  Bytes span() const { return span_; }
  const uint8_t* data() const { return span_.data(); }
  size_t size() const { return span_.size(); }

 private:
  Bytes span_;
  std::vector<uint8_t> copy_;
};

}  // namespace hanse
