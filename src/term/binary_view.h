// Views of bit strings. Four objects hold bits: small binaries on the heap, references to binaries off the heap, parts of
// either (the only ones that may have a size that is no multiple of eight), and contexts of matching, which guests never see.
#pragma once

#include <span>


#include "term/off_heap_binary.h"
#include "term/header.h"

namespace hanse {

inline constexpr size_t heap_binary_limit = 64;  // bytes; larger ones go off the heap

struct HeapBinary {
  Word header;
  Word byte_size;
  uint8_t data[];
};
struct RefcBinary {
  Word header;
  void* next;  // OffHeapObject*
  OffHeapBinary* value;
  Word byte_size;
  Word flags;  // bit 0: writable, see bif/binary
};
struct SubBinary {
  Word header;
  Word bit_size;
  Word bit_offset;  // from the start of the original
  Word flags;       // bit 0: writable, the append optimisation may extend the original behind it
  Term original;    // heap_binary or refc_binary, never another sub_binary
};
struct MatchContext {
  Word header;
  Word position;  // bits from the start of the original
  Word end;       // bits from the start of the original
  Term original;  // heap_binary or refc_binary
};

// A run of bits in memory, most significant bit of a byte first. bit_offset may exceed 7.
struct BitView {
  const uint8_t* base;
  size_t bit_offset;
  size_t bit_size;
  bool is_aligned() const { return (bit_offset & 7) == 0; }
  bool is_whole_bytes() const { return (bit_size & 7) == 0; }
  size_t byte_size() const { return bit_size / 8; }
  // Only if aligned.
  const uint8_t* bytes() const { return base + bit_offset / 8; }
  std::span<const uint8_t> span() const { return {bytes(), byte_size()}; }
};

// First byte of a heap_binary or refc_binary.
inline uint8_t* binary_data(Term whole) {
  Word* object = whole.as_boxed();
  if (header_kind(*object) == Boxed::heap_binary) return reinterpret_cast<HeapBinary*>(object)->data;
  return reinterpret_cast<RefcBinary*>(object)->value->data;
}

// The off-heap binary that holds a bit string's bytes, or nullptr.
inline OffHeapBinary* off_heap_owner(Term bits) {
  if (header_kind(*bits.as_boxed()) == Boxed::sub_binary) bits = bits.as<SubBinary>()->original;
  return header_kind(*bits.as_boxed()) == Boxed::refc_binary ? bits.as<RefcBinary>()->value : nullptr;
}

// term must satisfy is_bitstring().
inline BitView bit_view(Term term) {
  Word* object = term.as_boxed();
  switch (header_kind(*object)) {
    case Boxed::heap_binary: {
      auto* binary = reinterpret_cast<HeapBinary*>(object);
      return {binary->data, 0, binary->byte_size * 8};
    }
    case Boxed::refc_binary: {
      auto* binary = reinterpret_cast<RefcBinary*>(object);
      return {binary->value->data, 0, binary->byte_size * 8};
    }
    default: {
      auto* part = reinterpret_cast<SubBinary*>(object);
      return {binary_data(part->original), part->bit_offset, part->bit_size};
    }
  }
}

inline bool Term::is_bitstring() const {
  if (!is_boxed()) return false;
  Boxed kind = header_kind(*as_boxed());
  return kind == Boxed::heap_binary || kind == Boxed::refc_binary || kind == Boxed::sub_binary;
}
inline bool Term::is_binary() const {
  if (!is_boxed()) return false;
  Boxed kind = header_kind(*as_boxed());
  if (kind == Boxed::sub_binary) return (as<SubBinary>()->bit_size & 7) == 0;
  return kind == Boxed::heap_binary || kind == Boxed::refc_binary;
}

}  // namespace hanse
