// Building bit strings: bs_create_bin and the append optimisation.
//
// A binary that grows by appending lives in a writable OffHeapBinary with room to spare. Guests see it through sub-binaries;
// the newest one has the writable flag and ends where the used bytes end. Appending to that one writes behind the used bytes
// and makes a new part; the old parts stay what they were. Anybody else who holds the bytes (a message, a table) raises the
// count of references, and then the next append copies.
#include "interp/build_bits.h"

#include <bit>

#include "interp/handler.h"
#include "interp/trace.h"
#include "term/arithmetic.h"
#include "term/atom.h"
#include "term/big.h"
#include "term/bits.h"
#include "term/build.h"
#include "term/map.h"
#include "term/text.h"

namespace hanse {

Term make_writable_part(Arena& arena, Term whole, size_t offset, size_t bits) {
  Term part = make_sub_binary(arena, whole, offset, bits);
  part.as<SubBinary>()->flags = 1;
  return part;
}

namespace {

struct Segment {
  SegmentKind kind;
  uint32_t number;  // for error_info
  uint32_t unit;
  uint32_t flags;
  Term source;
  Term size;
  const uint8_t* string = nullptr;
  size_t bits = 0;
};

class SegmentReader {
 public:
  SegmentReader(Ip tail, uint32_t count, const Term* x, const Term* e) : reader_{tail}, left_(count), x_(x), e_(e) {}
  bool next(Segment& segment) {
    if (left_ == 0) return false;
    left_--;
    segment = {};
    segment.kind = static_cast<SegmentKind>(*reader_.at & 0xff);
    segment.number = *reader_.at++ >> 8;
    segment.unit = *reader_.at++;
    segment.flags = *reader_.at++;
    if (segment.kind == SegmentKind::string) {
      segment.bits = size_t{*reader_.at++} * 8;
      segment.string = reinterpret_cast<const uint8_t*>(reader_.at);
      reader_.at += (segment.bits + 31) / 32;
    } else {
      segment.source = reader_.next(x_, e_);
      segment.size = reader_.next(x_, e_);
    }
    return true;
  }
  Ip end() const { return reader_.at; }

 private:
  AnyReader reader_;
  uint32_t left_;
  const Term* x_;
  const Term* e_;
};

// Why a segment cannot be built: error:badarg or error:system_limit, and the parts of error_info's cause.
struct Failure {
  Term reason = Term::none();  // none(): nothing is wrong
  Term what;
  Term value;
  bool any() const { return !reason.is_none(); }
};
constexpr Failure nothing_wrong{};

// Size * unit; sizes beyond what memory could hold are system_limit, as in stock.
Failure sized_bits(const Segment& segment, size_t& bits) {
  Failure too_large{am::system_limit, am::size, segment.size}, invalid{am::badarg, am::size, segment.size};
  if (!segment.size.is_small()) return segment.size.is_big() && integer_sign(segment.size) > 0 ? too_large : invalid;
  if (segment.size.as_small() < 0) return invalid;
  if (__builtin_mul_overflow(static_cast<size_t>(segment.size.as_small()), size_t{segment.unit}, &bits)) return too_large;
  return bits > (size_t{1} << 50) ? too_large : nothing_wrong;
}

size_t utf8_bytes(int64_t character) { return character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4; }

bool has_size(const Segment& segment) {
  switch (segment.kind) {
    case SegmentKind::integer: case SegmentKind::floating: return true;
    case SegmentKind::binary: case SegmentKind::append: case SegmentKind::private_append: return segment.size != am::all;
    default: return false;
  }
}

Failure check_character(const Segment& segment) {
  bool valid = segment.source.is_small() && is_unicode_scalar(segment.source.as_small());
  return valid ? nothing_wrong : Failure{am::badarg, am::type, segment.source};
}

// How many bits the segment takes. What is no character has any size.
Failure measure(Segment& segment) {
  if (has_size(segment)) return sized_bits(segment, segment.bits);
  int64_t character = segment.source.is_small() ? segment.source.as_small() : 0;
  switch (segment.kind) {
    case SegmentKind::binary: case SegmentKind::append: case SegmentKind::private_append:
      if (!segment.source.is_bitstring()) return {am::badarg, am::type, segment.source};
      segment.bits = bit_view(segment.source).bit_size;
      return nothing_wrong;
    case SegmentKind::utf8: segment.bits = 8 * utf8_bytes(character); return nothing_wrong;
    case SegmentKind::utf16: segment.bits = character < 0x10000 ? 16 : 32; return nothing_wrong;
    case SegmentKind::utf32: segment.bits = 32; return check_character(segment);
    default: return nothing_wrong;
  }
}

Failure check_float(const Segment& segment) {
  if (segment.bits != 16 && segment.bits != 32 && segment.bits != 64)
    return {am::badarg, am::invalid, Term::small(static_cast<int64_t>(segment.bits))};
  if (!segment.source.is_number()) return {am::badarg, am::type, segment.source};
  double value;
  // What is too large for 32 or 16 bits becomes infinite, as in stock.
  if (!arithmetic_to_double(segment.source, value)) return {am::badarg, am::no_float, segment.source};
  return nothing_wrong;
}

// Whether the value fits the segment once its size is known.
Failure check_value(const Segment& segment) {
  switch (segment.kind) {
    case SegmentKind::integer: return segment.source.is_integer() ? nothing_wrong : Failure{am::badarg, am::type, segment.source};
    case SegmentKind::floating: return check_float(segment);
    case SegmentKind::binary: case SegmentKind::append: case SegmentKind::private_append:
      if (segment.size == am::all && (segment.unit == 0 || segment.bits % segment.unit == 0)) return nothing_wrong;
      if (segment.size == am::all) return {am::badarg, am::unit, segment.source};
      if (!segment.source.is_bitstring()) return {am::badarg, am::type, segment.source};
      if (segment.bits > bit_view(segment.source).bit_size) return {am::badarg, am::short_, segment.source};
      return nothing_wrong;
    case SegmentKind::utf8: case SegmentKind::utf16: return check_character(segment);
    default: return nothing_wrong;
  }
}

Term kind_name(SegmentKind kind) {
  switch (kind) {
    case SegmentKind::integer: return am::integer;
    case SegmentKind::floating: return am::float_;
    case SegmentKind::utf8: return am::utf8;
    case SegmentKind::utf16: return am::utf16;
    case SegmentKind::utf32: return am::utf32;
    default: return am::binary;
  }
}

// #{cause := {Segment, Type, What, Value}, ...}, which erl_erts_errors makes a text of.
Term describe_failure(Arena& arena, const Segment& segment, const Failure& failure) {
  Term cause = make_tuple(arena, Term::small(segment.number), kind_name(segment.kind), failure.what, failure.value);
  Term keys[] = {am::cause, am::function, am::module}, values[] = {cause, am::format_bs_fail, am::erl_erts_errors};
  return map_from_pairs(arena, keys, values);
}

void write_number(uint8_t* to, size_t offset, uint64_t value, size_t bits, bool little) {
  if (!little || bits <= 8) {
    if (offset % 8 == 0 && bits % 8 == 0) {
      for (size_t i = 0; i < bits / 8; i++) to[offset / 8 + i] = static_cast<uint8_t>(value >> (bits - 8 - 8 * i));
    } else {
      store_bits(to, offset, value, bits);
    }
    return;
  }
  for (size_t done = 0; done < bits; done += 8) {
    size_t chunk = bits - done < 8 ? bits - done : 8;
    store_bits(to, offset + done, value >> done, chunk);
  }
}

void write_integer(uint8_t* to, size_t offset, const Segment& segment) {
  bool little = (segment.flags & bit_flag_little) != 0;
  if (segment.source.is_small() && segment.bits <= 64) {
    write_number(to, offset, static_cast<uint64_t>(segment.source.as_small()), segment.bits, little);
    return;
  }
  size_t size = (segment.bits + 7) / 8, rest = segment.bits % 8;
  std::unique_ptr<uint8_t[]> bytes(new uint8_t[size]);
  integer_store_twos_complement(segment.source, bytes.get(), size);
  if (little) {
    for (size_t i = 0; i < segment.bits / 8; i++) store_bits(to, offset + 8 * i, bytes[size - 1 - i], 8);
    if (rest != 0) store_bits(to, offset + segment.bits - rest, bytes[0], rest);
  } else {
    copy_bits(to, offset, bytes.get(), rest == 0 ? 0 : 8 - rest, segment.bits);
  }
}

void write_float(uint8_t* to, size_t offset, const Segment& segment) {
  double value = 0;
  arithmetic_to_double(segment.source, value);
  uint64_t bits = segment.bits == 64   ? std::bit_cast<uint64_t>(value)
                  : segment.bits == 32 ? std::bit_cast<uint32_t>(static_cast<float>(value))
                                       : std::bit_cast<uint16_t>(static_cast<_Float16>(value));
  write_number(to, offset, bits, segment.bits, (segment.flags & bit_flag_little) != 0);
}

void write_utf(uint8_t* to, size_t offset, const Segment& segment) {
  auto character = static_cast<uint32_t>(segment.source.as_small());
  bool little = (segment.flags & bit_flag_little) != 0;
  if (segment.kind == SegmentKind::utf8) {
    std::string text;
    append_utf8(text, character);
    copy_bits(to, offset, reinterpret_cast<const uint8_t*>(text.data()), 0, text.size() * 8);
  } else if (segment.kind == SegmentKind::utf32) {
    write_number(to, offset, character, 32, little);
  } else if (character < 0x10000) {
    write_number(to, offset, character, 16, little);
  } else {
    write_number(to, offset, 0xd800 + ((character - 0x10000) >> 10), 16, little);
    write_number(to, offset + 16, 0xdc00 + ((character - 0x10000) & 0x3ff), 16, little);
  }
}

void write_segment(uint8_t* to, size_t offset, const Segment& segment) {
  switch (segment.kind) {
    case SegmentKind::string: copy_bits(to, offset, segment.string, 0, segment.bits); break;
    case SegmentKind::integer: write_integer(to, offset, segment); break;
    case SegmentKind::floating: write_float(to, offset, segment); break;
    case SegmentKind::binary: case SegmentKind::append: case SegmentKind::private_append: {
      BitView view = bit_view(segment.source);
      copy_bits(to, offset, view.base, view.bit_offset, segment.bits);
      break;
    }
    case SegmentKind::utf8: case SegmentKind::utf16: case SegmentKind::utf32: write_utf(to, offset, segment); break;
  }
}

Term make_writable(Arena& arena, size_t capacity) {
  OffHeapBinary* value = OffHeapBinary::create(capacity < 256 ? 256 : capacity);
  if (value == nullptr) return Term::none();
  value->size = 0;
  Term binary = make_refc_binary(arena, value, 0);
  binary.as<RefcBinary>()->flags = 1;
  return binary;
}

// Room for `total_bits` behind (and with) the first `first_bits` of `source`; the part that will be the result, or none() if
// memory is out. `start`: where the bits of the source begin. `copied`: how many bits of it had to be copied.
Term prepare_append(Arena& arena, Term source, size_t first_bits, size_t total_bits, uint8_t*& data, size_t& start, size_t& copied) {
  if (source.is_boxed_kind(Boxed::sub_binary)) {
    auto* part = source.as<SubBinary>();
    if ((part->flags & 1) != 0 && part->bit_size == first_bits && part->original.is_boxed_kind(Boxed::refc_binary)) {
      auto* whole = part->original.as<RefcBinary>();
      OffHeapBinary* value = whole->value;
      if ((whole->flags & 1) != 0 && value->reference_count() == 1) {
        size_t bytes = (part->bit_offset + total_bits + 7) / 8;
        copied = 0;
        if (bytes > value->capacity) {
          copied = first_bits;
          OffHeapBinary* moved = OffHeapBinary::reallocate(value, 2 * bytes);
          if (moved == nullptr) return Term::none();
          whole->value = value = moved;
          arena.off_heap.bytes += bytes;
        }
        part->flags = 0;
        value->size = bytes;
        whole->byte_size = bytes;
        data = value->data;
        start = part->bit_offset;
        return make_writable_part(arena, part->original, start, total_bits);
      }
    }
  }
  size_t bytes = (total_bits + 7) / 8;
  copied = first_bits;
  Term whole = make_writable(arena, 2 * bytes);
  if (whole.is_none()) return whole;
  auto* binary = whole.as<RefcBinary>();
  binary->value->size = binary->byte_size = bytes;
  data = binary->value->data;
  start = 0;
  BitView view = bit_view(source);
  copy_bits(data, 0, view.base, view.bit_offset, first_bits);
  return make_writable_part(arena, whole, 0, total_bits);
}

struct Created {
  Term term;
  Ip end = nullptr;
  size_t bits = 0, written_bits = 0;
  Failure failure = nothing_wrong;
  Segment failed{};
};

// First pass: the sizes. False if the operands are wrong. As in stock, a wrong size of any segment (or character of 32 bits) is told
// before a binary that is wrong as a whole, and that before a wrong value.
bool measure_all(SegmentReader& reader, Created& created, size_t& first_bits, bool& appends) {
  Segment segment;
  bool whole_is_wrong = false;
  auto fail = [&](const Failure& failure) {
    created.failure = failure;
    created.failed = segment;
  };
  for (bool first = true; reader.next(segment); first = false) {
    if (Failure failure = measure(segment); failure.any()) [[unlikely]] {
      bool is_whole = !has_size(segment) && segment.kind != SegmentKind::utf32;
      if (!is_whole || !whole_is_wrong) fail(failure);
      if (!is_whole) return false;
      whole_is_wrong = true;
    } else if (!created.failure.any()) [[likely]] {
      if (Failure wrong = check_value(segment); wrong.any()) fail(wrong);
    }
    created.bits += segment.bits;
    if (first && (segment.kind == SegmentKind::append || segment.kind == SegmentKind::private_append)) {
      appends = true;
      first_bits = segment.bits;
    }
  }
  return !created.failure.any();
}

Created create(Arena& arena, Ip tail, uint32_t count, const Term* x, const Term* e) {
  SegmentReader measuring(tail, count, x, e);
  Segment segment;
  Created created;
  size_t first_bits = 0;
  bool appends = false;
  if (!measure_all(measuring, created, first_bits, appends)) return created;
  created.end = measuring.end();
  SegmentReader writing(tail, count, x, e);
  uint8_t* data;
  size_t offset = 0, total = created.bits;
  if (appends) {
    writing.next(segment);
    if (total == first_bits && segment.size == am::all) {  // nothing is appended
      created.term = segment.source;
      return created;
    }
    size_t start, copied;
    created.term = prepare_append(arena, segment.source, first_bits, total, data, start, copied);
    created.written_bits = copied + (total - first_bits);
    offset = start + first_bits;
  } else {
    NewBinary binary = allocate_binary(arena, (total + 7) / 8);
    created.term = binary.term;
    created.written_bits = total;
    data = binary.bytes;
  }
  if (created.term.is_none()) {
    created.failure.reason = am::system_limit;
    return created;
  }
  while (writing.next(segment)) {
    measure(segment);
    write_segment(data, offset, segment);
    offset += segment.bits;
  }
  if (offset % 8 != 0) data[offset / 8] &= static_cast<uint8_t>(0xff << (8 - offset % 8));  // unused bits are zero
  if (!appends && total % 8 != 0) created.term = make_sub_binary(arena, created.term, 0, total);
  return created;
}

// Bits that are copied in the time of one reduction.
constexpr size_t bits_per_reduction = 8192;

}  // namespace

HANDLER(bs_create_bin) {
  if (NUMBER(2) != no_live_count) [[likely]] ENSURE_HEAP(NUMBER(1) + 24, NUMBER(2));
  SYNC();
  if (NUMBER(2) != no_live_count && p->heap.wants_collection()) [[unlikely]] {
    if (!collect_garbage(p, x, NUMBER(1) + 24, NUMBER(2))) TAIL_CALL(unwind);
    RELOAD_ALL();
  }
  if (size_t bits = NUMBER(5); bits > 0) {
    Ip end;
    if (Term built = build_numbers(p->heap, TAIL(), NUMBER(4), bits, x, e, end); !built.is_none()) [[likely]] {
      RELOAD();
      SET(3, built);
      DISPATCH(after_tail(end));
    }
  }
  Created created = create(p->heap, TAIL(), NUMBER(4), x, e);
  p->reductions_left -= static_cast<int64_t>(created.written_bits / bits_per_reduction);
  RELOAD();
  if (created.failure.any()) [[unlikely]] {
    if (HAS_LABEL(0)) DISPATCH(LABEL(0));
    SYNC();
    set_error(p, created.failure.reason);
    if (created.failed.number > 0) p->exception.error_info = describe_failure(p->heap, created.failed, created.failure);
    RELOAD();
    TAIL_CALL(unwind);
  }
  SET(3, created.term);
  DISPATCH(after_tail(created.end));
}
HANDLERS_OF(bs_create_bin)

// The sum is not relied on (see emitter_bits_stepwise.cc), but code can catch what is wrong with it.
HANDLER(bs_add) {
  Term first = GET(1), second = GET(2);
  auto negative = [](Term size) { return size.is_small() ? size.as_small() < 0 : !size.is_big() || integer_sign(size) < 0; };
  int64_t sum = 0;
  bool invalid = negative(first) || negative(second);
  bool fits = !invalid && Term::both_small(first, second) &&
              !__builtin_mul_overflow(second.as_small(), int64_t{NUMBER(3)}, &sum) &&
              !__builtin_add_overflow(sum, first.as_small(), &sum) && sum <= Term::small_max;
  if (!fits) [[unlikely]] {
    if (HAS_LABEL(0)) DISPATCH(LABEL(0));
    SYNC();
    set_error(p, invalid ? am::badarg : am::system_limit);
    RELOAD();
    TAIL_CALL(unwind);
  }
  SET(4, Term::small(sum));
  NEXT();
}
HANDLERS_OF(bs_add)

// What is no character is found out when it is to be written.
HANDLER(bs_utf8_size) {
  Term character = GET(0);
  SET(1, Term::small(character.is_small() ? static_cast<int64_t>(utf8_bytes(character.as_small())) : 4));
  NEXT();
}
HANDLERS_OF(bs_utf8_size)

HANDLER(bs_utf16_size) {
  Term character = GET(0);
  SET(1, Term::small(character.is_small() && character.as_small() < 0x10000 ? 2 : 4));
  NEXT();
}
HANDLERS_OF(bs_utf16_size)

HANDLER(bs_init_writable) {
  SYNC();
  Term size = x[0];
  size_t capacity = size.is_small() && size.as_small() > 0 && size.as_small() < (1 << 26) ? static_cast<size_t>(size.as_small()) : 0;
  Term whole = make_writable(p->heap, capacity);
  if (whole.is_none()) {
    set_error(p, am::system_limit);
    RELOAD();
    TAIL_CALL(unwind);
  }
  x[0] = make_writable_part(p->heap, whole, 0, 0);
  RELOAD();
  NEXT();
}
HANDLERS_OF(bs_init_writable)

}  // namespace hanse
