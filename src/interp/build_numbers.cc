#include <bit>

#include "interp/build_bits.h"
#include "interp/handler.h"
#include "term/build.h"

namespace hanse {

namespace {

constexpr Term not_so_simple = Term::none();

// Bits one behind the other; they reach memory in whole bytes.
class ByteWriter {
 public:
  explicit ByteWriter(uint8_t* to) : to_(to) {}
  // The lowest bits of `number`, at most 64.
  HANSE_INLINE void put(uint64_t number, size_t bits) {
    if (bits > 56) {
      put_short(number >> 32, bits - 32);
      bits = 32;
    }
    put_short(number, bits);
  }

 private:
  HANSE_INLINE void put_short(uint64_t number, size_t bits) {
    pending_ = pending_ << bits | (number & ((uint64_t{1} << bits) - 1));
    for (pending_bits_ += bits; pending_bits_ >= 8;) *to_++ = static_cast<uint8_t>(pending_ >> (pending_bits_ -= 8));
  }

  uint8_t* to_;
  uint64_t pending_ = 0;
  size_t pending_bits_ = 0;
};

// False: a value that is no small integer, or no float.
HANSE_INLINE bool put_numbers(ByteWriter writer, AnyReader& reader, uint32_t count, const Term* x, const Term* e) {
  for (; count > 0; count--) {
    auto kind = static_cast<SegmentKind>(*reader.at & 0xff);
    size_t unit = reader.at[1];
    uint32_t flags = reader.at[2];
    reader.at += 3;
    Term value = reader.next(x, e);
    size_t bits = static_cast<size_t>(reader.next(x, e).as_small()) * unit;
    uint64_t number;
    if (kind == SegmentKind::integer && value.is_small()) {
      number = static_cast<uint64_t>(value.as_small());
    } else if (kind == SegmentKind::floating && value.is_float()) {
      number = std::bit_cast<uint64_t>(float_value(value));
    } else {
      return false;
    }
    if ((flags & bit_flag_little) != 0 && bits > 8) number = __builtin_bswap64(number) >> (64 - bits);
    writer.put(number, bits);
  }
  return true;
}

}  // namespace

Term build_numbers(Arena& arena, Ip tail, uint32_t count, size_t bits, const Term* x, const Term* e, Ip& end) {
  AnyReader reader{tail};
  auto first = static_cast<SegmentKind>(*tail & 0xff);
  if (first == SegmentKind::integer || first == SegmentKind::floating) {
    NewBinary binary = allocate_binary(arena, bits / 8);
    if (binary.term.is_none() || !put_numbers(ByteWriter(binary.bytes), reader, count, x, e)) return not_so_simple;
    end = reader.at;
    return binary.term;
  }
  reader.at += 3;
  Term source = reader.next(x, e);
  reader.next(x, e);  // the size: all of it
  if (!source.is_boxed_kind(Boxed::sub_binary)) return not_so_simple;
  auto* part = source.as<SubBinary>();
  if ((part->flags & 1) == 0 || !part->original.is_boxed_kind(Boxed::refc_binary)) return not_so_simple;
  auto* whole = part->original.as<RefcBinary>();
  OffHeapBinary* value = whole->value;
  size_t used = part->bit_offset + part->bit_size, bytes = (used + bits) / 8;
  if (used % 8 != 0 || (whole->flags & 1) == 0 || value->reference_count() != 1 || bytes > value->capacity) return not_so_simple;
  // What is behind the used bytes belongs to nobody yet, also if this comes to nothing.
  if (!put_numbers(ByteWriter(value->data + used / 8), reader, count - 1, x, e)) return not_so_simple;
  end = reader.at;
  value->size = whole->byte_size = bytes;
  if (first == SegmentKind::private_append) {  // nobody else holds the part
    part->bit_size += bits;
    return source;
  }
  part->flags = 0;
  return make_writable_part(arena, part->original, part->bit_offset, part->bit_size + bits);
}

}  // namespace hanse
