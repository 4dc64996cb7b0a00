// Matching bit strings. A MatchContext walks over the bits of a binary; a failed field leaves it where it was.
#include <bit>
#include <cmath>

#include "interp/handler.h"
#include "term/atom.h"
#include "term/big.h"
#include "term/bits.h"
#include "term/build.h"
#include "term/text.h"

namespace hanse {

namespace {

MatchContext* context_of(Term term) { return term.as<MatchContext>(); }
size_t bits_left(const MatchContext* context) { return context->end - context->position; }

// Size * unit in bits; false if it is no size or more than there can be.
bool field_bits(Term size, size_t unit, size_t& bits) {
  if (!size.is_small() || size.as_small() < 0) return false;
  return !__builtin_mul_overflow(static_cast<size_t>(size.as_small()), unit, &bits);
}

// A number of up to 64 bits as the flags say.
uint64_t reorder_little(uint64_t value, size_t bits) {
  // Whole bytes come least significant first; a rest of less than eight bits is the most significant part.
  size_t rest = bits % 8, whole = bits / 8;
  uint64_t result = 0, top = rest == 0 ? 0 : value & ((uint64_t{1} << rest) - 1);
  value = rest == 0 ? value : value >> rest;
  for (size_t i = 0; i < whole; i++) {
    result |= ((value >> (8 * (whole - 1 - i))) & 0xff) << (8 * i);
  }
  return whole == 8 ? result : result | top << (8 * whole);
}

Term long_integer(Arena& arena, const uint8_t* base, size_t offset, size_t bits, uint32_t flags) {
  size_t size = (bits + 7) / 8, rest = bits % 8;
  std::unique_ptr<uint8_t[]> bytes(new uint8_t[size]);
  bool little = (flags & bit_flag_little) != 0, is_signed = (flags & bit_flag_signed) != 0;
  if (little) {
    for (size_t i = 0; i < bits / 8; i++) bytes[size - 1 - i] = static_cast<uint8_t>(load_bits(base, offset + 8 * i, 8));
    if (rest != 0) bytes[0] = static_cast<uint8_t>(load_bits(base, offset + bits - rest, rest));
  } else {
    bytes[0] = 0;
    copy_bits(bytes.get(), rest == 0 ? 0 : 8 - rest, base, offset, bits);
  }
  if (is_signed && rest != 0 && (bytes[0] >> (rest - 1) & 1) != 0) bytes[0] |= static_cast<uint8_t>(0xff << rest);
  return integer_from_twos_complement(arena, bytes.get(), size, is_signed);
}

// none() if it is larger than integers can be.
Term read_integer(Arena& arena, MatchContext* context, size_t bits, uint32_t flags) {
  const uint8_t* base = binary_data(context->original);
  size_t offset = context->position;
  context->position += bits;
  if (bits > 64) return long_integer(arena, base, offset, bits, flags);
  if (bits == 0) return Term::small(0);
  uint64_t value = load_bits(base, offset, bits);
  if ((flags & bit_flag_little) != 0 && bits > 8) value = reorder_little(value, bits);
  if ((flags & bit_flag_signed) != 0) {
    auto shift = static_cast<unsigned>(64 - bits);
    return make_integer(arena, static_cast<int64_t>(value << shift) >> shift);
  }
  return make_unsigned(arena, value);
}

// Of 0, 16, 32 or 64 bits; no bits are 0.0, as on stock.
bool read_float(const MatchContext* context, size_t bits, uint32_t flags, double& out) {
  if (bits == 0) {
    out = 0;
    return true;
  }
  uint64_t value = load_bits(binary_data(context->original), context->position, bits);
  if ((flags & bit_flag_little) != 0) value = reorder_little(value, bits);
  if (bits == 64) out = std::bit_cast<double>(value);
  else if (bits == 32) out = std::bit_cast<float>(static_cast<uint32_t>(value));
  else out = static_cast<double>(std::bit_cast<_Float16>(static_cast<uint16_t>(value)));
  return std::isfinite(out);
}

// A part of the binary under match: small ones of whole bytes are copied, as stock does.
Term extract_binary(Arena& arena, Term original, size_t offset, size_t bits) {
  if (bits % 8 == 0 && bits / 8 <= heap_binary_limit) {
    NewBinary binary = allocate_binary(arena, bits / 8);
    copy_bits(binary.bytes, 0, binary_data(original), offset, bits);
    return binary.term;
  }
  return make_sub_binary(arena, original, offset, bits);
}

}  // namespace

#define COLLECT_BEFORE(live)                                    \
  do {                                                          \
    if (p->heap.wants_collection()) [[unlikely]] {              \
      if (!collect_garbage(p, x, 0, (live))) TAIL_CALL(unwind); \
      RELOAD_ALL();                                             \
    }                                                           \
  } while (false)

HANDLER(bs_start_match) {
  Term source = GET(2);
  if (source.is_boxed_kind(Boxed::match_context)) {
    SET(3, source);
    NEXT();
  }
  if (!source.is_bitstring()) {
    if (HAS_LABEL(0)) DISPATCH(LABEL(0));
    TAIL_CALL(raise_badarg_here);
  }
  constexpr size_t words = sizeof(MatchContext) / sizeof(Word);
  ENSURE_HEAP(words, NUMBER(1));
  source = GET(2);
  auto* context = reinterpret_cast<MatchContext*>(h);
  h += words;
  context->header = make_header(Boxed::match_context, words - 1);
  if (source.is_boxed_kind(Boxed::sub_binary)) {
    auto* part = source.as<SubBinary>();
    context->position = part->bit_offset;
    context->end = part->bit_offset + part->bit_size;
    context->original = part->original;
  } else {
    context->position = 0;
    context->end = bit_view(source).bit_size;
    context->original = source;
  }
  SET(3, Term::boxed(context));
  NEXT();
}
HANDLERS_OF(bs_start_match)

HANDLER(bs_get_integer_8) {
  MatchContext* context = context_of(GET(1));
  size_t position = context->position;
  if (context->end - position < 8) DISPATCH(LABEL(0));
  const uint8_t* from = binary_data(context->original) + position / 8;
  unsigned shift = position % 8;
  unsigned value = shift == 0 ? *from : (from[0] << shift | from[1] >> (8 - shift)) & 0xff;
  context->position = position + 8;
  SET(2, Term::small(value));
  NEXT();
}
HANDLERS_OF(bs_get_integer_8)

// The same, where eight bytes cannot be read at once.
__attribute__((noinline)) static uint64_t short_integer_near_the_end(const MatchContext* context, size_t bits) {
  return load_bits(binary_data(context->original), context->position, bits);
}

HANDLER(bs_get_integer_short) {
  MatchContext* context = context_of(GET(1));
  size_t position = context->position, bits = NUMBER(2), left = context->end - position;
  if (left < bits) DISPATCH(LABEL(0));
  uint64_t value;
  if (left >= 64) [[likely]] {
    value = load_be64(binary_data(context->original) + position / 8) << position % 8 >> (64 - bits);
  } else {
    value = short_integer_near_the_end(context, bits);
  }
  context->position = position + bits;
  SET(3, Term::small(static_cast<int64_t>(value)));
  NEXT();
}
HANDLERS_OF(bs_get_integer_short)

// Signed or little-endian.
HANDLER(bs_get_integer_bytes) {
  MatchContext* context = context_of(GET(1));
  size_t position = context->position, bits = NUMBER(2), left = context->end - position, flags = NUMBER(3);
  if (left < bits) DISPATCH(LABEL(0));
  uint64_t value;  // its bytes are the first ones
  if (left >= 64) [[likely]] {
    value = load_be64(binary_data(context->original) + position / 8) << position % 8;
  } else {
    value = short_integer_near_the_end(context, bits) << (64 - bits);
  }
  if ((flags & bit_flag_little) != 0) value = __builtin_bswap64(value) << (64 - bits);
  context->position = position + bits;
  SET(4, Term::small((flags & bit_flag_signed) != 0 ? static_cast<int64_t>(value) >> (64 - bits) : static_cast<int64_t>(value >> (64 - bits))));
  NEXT();
}
HANDLERS_OF(bs_get_integer_bytes)

HANDLER(bs_get_integer) {
  size_t bits;
  if (!field_bits(GET(3), NUMBER(4), bits) || bits_left(context_of(GET(2))) < bits) DISPATCH(LABEL(0));
  SYNC();
  COLLECT_BEFORE(NUMBER(1));
  Term value = read_integer(p->heap, context_of(GET(2)), bits, NUMBER(5));
  RELOAD();
  if (value.is_none()) [[unlikely]] {
    context_of(GET(2))->position -= bits;
    DISPATCH(LABEL(0));
  }
  SET(6, value);
  NEXT();
}
HANDLERS_OF(bs_get_integer)

HANDLER(bs_get_float) {
  size_t bits;
  double value;
  MatchContext* context = context_of(GET(2));
  if (!field_bits(GET(3), NUMBER(4), bits) || bits_left(context) < bits || (bits != 0 && bits != 16 && bits != 32 && bits != 64) ||
      !read_float(context, bits, NUMBER(5), value))
    DISPATCH(LABEL(0));
  context->position += bits;
  SYNC();
  Term result = make_float(p->heap, value);
  RELOAD();
  SET(6, result);
  NEXT();
}
HANDLERS_OF(bs_get_float)

HANDLER(bs_get_binary) {
  Term size = GET(3);
  size_t bits, unit = NUMBER(4);
  size_t left = bits_left(context_of(GET(2)));
  if (size == am::all) {
    bits = left;
    if (bits % unit != 0) DISPATCH(LABEL(0));
  } else if (!field_bits(size, unit, bits) || bits > left) {
    DISPATCH(LABEL(0));
  }
  SYNC();
  COLLECT_BEFORE(NUMBER(1));
  MatchContext* context = context_of(GET(2));
  Term value = extract_binary(p->heap, context->original, context->position, bits);
  context->position += bits;
  RELOAD();
  SET(5, value);
  NEXT();
}
HANDLERS_OF(bs_get_binary)

HANDLER(bs_skip_bits) {
  MatchContext* context = context_of(GET(1));
  Term size = GET(2);
  size_t bits, unit = NUMBER(3), left = bits_left(context);
  if (size == am::all) {
    bits = left;
    if (bits % unit != 0) DISPATCH(LABEL(0));
  } else if (!field_bits(size, unit, bits) || bits > left) {
    DISPATCH(LABEL(0));
  }
  context->position += bits;
  NEXT();
}
HANDLERS_OF(bs_skip_bits)

HANDLER(bs_test_tail) {
  if (bits_left(context_of(GET(1))) == NUMBER(2)) NEXT();
  DISPATCH(LABEL(0));
}
HANDLERS_OF(bs_test_tail)

HANDLER(bs_test_unit) {
  if (bits_left(context_of(GET(1))) % NUMBER(2) == 0) NEXT();
  DISPATCH(LABEL(0));
}
HANDLERS_OF(bs_test_unit)

HANDLER(bs_match_string) {
  MatchContext* context = context_of(GET(1));
  size_t bits = NUMBER(2), words = (bits + 31) / 32;
  if (bits_left(context) < bits) DISPATCH(LABEL(0));
  auto* expected = reinterpret_cast<const uint8_t*>(TAIL());
  const uint8_t* base = binary_data(context->original);
  for (size_t done = 0; done < bits;) {
    size_t chunk = bits - done < 32 ? bits - done : 32;
    if (load_bits(base, context->position + done, chunk) != load_bits(expected, done, chunk)) DISPATCH(LABEL(0));
    done += chunk;
  }
  context->position += bits;
  DISPATCH(after_tail(TAIL() + words));
}
HANDLERS_OF(bs_match_string)

// --- UTF; the character, or -1 ---

static int32_t read_utf8(MatchContext* context) {
  uint8_t bytes[4];
  size_t count = bits_left(context) / 8;
  if (count == 0) return -1;
  if (count > 4) count = 4;
  const uint8_t* base = binary_data(context->original);
  if (context->position % 8 == 0) [[likely]] {
    const uint8_t* from = base + context->position / 8;
    const uint8_t* behind = from;
    int32_t character = next_utf8(behind, from + count);
    context->position += 8 * static_cast<size_t>(behind - from);
    return character < 0 ? -1 : character;
  }
  for (size_t i = 0; i < count; i++) bytes[i] = static_cast<uint8_t>(load_bits(base, context->position + 8 * i, 8));
  const uint8_t* at = bytes;
  int32_t character = next_utf8(at, bytes + count);
  if (character < 0) return -1;
  context->position += 8 * static_cast<size_t>(at - bytes);
  return character;
}

static int32_t read_utf16(MatchContext* context, uint32_t flags) {
  const uint8_t* base = binary_data(context->original);
  auto unit_at = [&](size_t offset) {
    auto unit = static_cast<uint32_t>(load_bits(base, offset, 16));
    return (flags & bit_flag_little) != 0 ? static_cast<uint32_t>(__builtin_bswap16(static_cast<uint16_t>(unit))) : unit;
  };
  if (bits_left(context) < 16) return -1;
  uint32_t high = unit_at(context->position);
  if (high < 0xd800 || high > 0xdfff) {
    context->position += 16;
    return static_cast<int32_t>(high);
  }
  if (high > 0xdbff || bits_left(context) < 32) return -1;
  uint32_t low = unit_at(context->position + 16);
  if (low < 0xdc00 || low > 0xdfff) return -1;
  context->position += 32;
  return static_cast<int32_t>(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
}

static int32_t read_utf32(MatchContext* context, uint32_t flags) {
  if (bits_left(context) < 32) return -1;
  auto value = static_cast<uint32_t>(load_bits(binary_data(context->original), context->position, 32));
  if ((flags & bit_flag_little) != 0) value = __builtin_bswap32(value);
  if (!is_unicode_scalar(value)) return -1;
  context->position += 32;
  return static_cast<int32_t>(value);
}

#define UTF_FIELD(name, read, destination)              \
  HANDLER(name) {                                       \
    MatchContext* context = context_of(GET(1));         \
    int32_t character = read;                           \
    if (character < 0) DISPATCH(LABEL(0));              \
    destination;                                        \
    NEXT();                                             \
  }                                                     \
  HANDLERS_OF(name)

UTF_FIELD(bs_get_utf8, read_utf8(context), SET(2, Term::small(character)))
UTF_FIELD(bs_skip_utf8, read_utf8(context), (void)0)
UTF_FIELD(bs_get_utf16, read_utf16(context, NUMBER(2)), SET(3, Term::small(character)))
UTF_FIELD(bs_skip_utf16, read_utf16(context, NUMBER(2)), (void)0)
UTF_FIELD(bs_get_utf32, read_utf32(context, NUMBER(2)), SET(3, Term::small(character)))
UTF_FIELD(bs_skip_utf32, read_utf32(context, NUMBER(2)), (void)0)
#undef UTF_FIELD

HANDLER(bs_get_tail) {
  SYNC();
  COLLECT_BEFORE(NUMBER(0));
  MatchContext* context = context_of(GET(1));
  Term value = extract_binary(p->heap, context->original, context->position, bits_left(context));
  RELOAD();
  SET(2, value);
  NEXT();
}
HANDLERS_OF(bs_get_tail)

// Positions are offsets from the start of the original: always small.
HANDLER(bs_get_position) {
  SET(1, Term::small(static_cast<int64_t>(context_of(GET(0))->position)));
  NEXT();
}
HANDLERS_OF(bs_get_position)

HANDLER(bs_set_position) {
  context_of(GET(0))->position = static_cast<Word>(GET(1).as_small());
  NEXT();
}
HANDLERS_OF(bs_set_position)

}  // namespace hanse
