// Walks over iolists and nested bit strings: guests nest them any depth, so nothing recurses.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "base/work_stack.h"
#include "term/binary_view.h"
#include "term/budget.h"

namespace hanse {

// Calls on_byte(uint8_t) and on_bits(Term bitstring) for every part of an iolist, in order. `root` is a list or a bit
// string; whether a bit string of a size that is no multiple of eight is allowed is for on_bits to say. A callback that
// returns false ends the walk. False if the term is no iolist or a callback said so.
template <class OnByte, class OnBits>
bool walk_iolist(Term root, OnByte on_byte, OnBits on_bits) {
  WorkStack<Term> tails;
  WalkSteps steps;
  Term at = root;
  while (true) {
    if (!steps.go_on()) return false;
    if (at.is_cons()) {
      Term head = at.as_cons()->head;
      if (head.is_small() && head.as_small() >= 0 && head.as_small() <= 255) {
        if (!on_byte(static_cast<uint8_t>(head.as_small()))) return false;
        at = at.as_cons()->tail;
      } else if (head.is_cons()) {
        tails.push(at.as_cons()->tail);
        at = head;
      } else if (head.is_nil()) {
        at = at.as_cons()->tail;
      } else {
        if (!head.is_bitstring() || !on_bits(head)) return false;
        at = at.as_cons()->tail;
      }
      continue;
    }
    if (!at.is_nil() && !(at.is_bitstring() && on_bits(at))) return false;
    if (tails.empty()) return true;
    at = tails.pop();
  }
}

// Number of bits of an iolist that may contain bit strings; false if it is none.
bool bit_list_size(Term list, size_t& bits);
// Number of bytes of an iolist; false if it is none.
bool iolist_size(Term list, size_t& bytes);
// Writes what bit_list_size or iolist_size has measured.
void store_bit_list(Term list, uint8_t* to);

// The bytes of iodata in one piece: a binary is borrowed if it can be, anything else is copied.
class IodataBytes {
 public:
  explicit IodataBytes(Term iodata);
  IodataBytes(const IodataBytes&) = delete;
  IodataBytes& operator=(const IodataBytes&) = delete;
  Bytes span() const { return {data_, size_}; }
  bool is_valid() const { return valid_; }
  const uint8_t* data() const { return data_; }
  size_t size() const { return size_; }

 private:
  bool valid_ = false;
  const uint8_t* data_ = nullptr;
  size_t size_ = 0;
  std::vector<uint8_t> copy_;
};

}  // namespace hanse
