#include "bif/iolist.h"

#include "base/bits.h"

namespace hanse {

bool bit_list_size(Term list, size_t& bits) {
  size_t sum = 0;
  bool valid = walk_iolist(
      list,
      [&](uint8_t) {
        sum += 8;
        return true;
      },
      [&](Term bitstring) {
        size_t size = bit_view(bitstring).bit_size;
        if (size > SIZE_MAX / 2 - sum) return false;  // shared parts may add up to more than there is memory
        sum += size;
        return true;
      });
  bits = sum;
  return valid;
}

bool iolist_size(Term list, size_t& bytes) {
  size_t sum = 0;
  bool valid = walk_iolist(
      list,
      [&](uint8_t) {
        sum++;
        return true;
      },
      [&](Term bitstring) {
        BitView view = bit_view(bitstring);
        if (!view.is_whole_bytes() || view.byte_size() > SIZE_MAX / 2 - sum) return false;
        sum += view.byte_size();
        return true;
      });
  bytes = sum;
  return valid;
}

void store_bit_list(Term list, uint8_t* to) {
  size_t position = 0;  // in bits
  bool valid = walk_iolist(
      list,
      [&](uint8_t byte) {
        if ((position & 7) == 0)
          to[position / 8] = byte;
        else
          copy_bits(to, position, &byte, 0, 8);
        position += 8;
        return true;
      },
      [&](Term bitstring) {
        BitView view = bit_view(bitstring);
        copy_bits(to, position, view.base, view.bit_offset, view.bit_size);
        position += view.bit_size;
        return true;
      });
  DCHECK(valid);
}

IodataBytes::IodataBytes(Term iodata) {
  if (iodata.is_binary()) {
    BitView view = bit_view(iodata);
    if (view.is_aligned()) {
      data_ = view.bytes();
      size_ = view.byte_size();
      valid_ = true;
      return;
    }
  }
  if (!iolist_size(iodata, size_) || !budget_admits_bytes(size_)) return;  // shared parts may add up to more than there is memory
  copy_.resize(size_);
  store_bit_list(iodata, copy_.data());
  data_ = copy_.data();
  valid_ = true;
}

}  // namespace hanse
