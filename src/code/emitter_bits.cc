#include "code/emitter_bits.h"

#include <optional>

#include "term/atom.h"

namespace hanse {

namespace {

using W = CodeWriter;
using enum Opcode;

constexpr uint64_t segment_number_limit = (1 << 24) - 1;

std::optional<SegmentKind> segment_kind(Term type) {
  if (type == am::integer) return SegmentKind::integer;
  if (type == am::float_) return SegmentKind::floating;
  if (type == am::binary) return SegmentKind::binary;
  if (type == am::append) return SegmentKind::append;
  if (type == am::private_append) return SegmentKind::private_append;
  if (type == am::string) return SegmentKind::string;
  if (type == am::utf8) return SegmentKind::utf8;
  if (type == am::utf16) return SegmentKind::utf16;
  if (type == am::utf32) return SegmentKind::utf32;
  return std::nullopt;
}

// Flags of bs_create_bin: [] or a literal list of atoms.
uint32_t segment_flags(const Operand& flags) {
  uint32_t bits = 0;
  if (!flags.is_constant()) return 0;
  for (Term list = flags.term(); list.is_cons(); list = list.as_cons()->tail) {
    Term flag = list.as_cons()->head;
    if (flag == am::little) bits |= bit_flag_little;
    if (flag == am::signed_) bits |= bit_flag_signed;
    if (flag == am::native) bits |= bit_flag_little;  // every machine that we run on is little-endian
  }
  return bits;
}

int emit_create(CodeWriter& writer, const GenericModule& module, std::span<const Operand> o) {
  auto list = o[5].list();
  if (list.size() % 6 != 0) return 0;
  Construction built{o[0].index, o[1].alloc_words() + uint64_t{2} * o[1].alloc_floats() + uint64_t{4} * o[1].alloc_funs(), o[2].value(), o[4], {}};
  for (size_t i = 0; i < list.size(); i += 6) {
    if (!list[i].is_constant()) return 0;
    std::optional<SegmentKind> kind = segment_kind(list[i].term());
    if (!kind) return 0;
    BuiltSegment& segment = built.segments.emplace_back(*kind, list[i + 1].value(), list[i + 2].value(), segment_flags(list[i + 3]));
    if (*kind == SegmentKind::string) {
      segment.string_offset = list[i + 4].value();
      segment.string_size = static_cast<size_t>(list[i + 5].term().as_small());
    } else {
      segment.value = list[i + 4];
      segment.size = list[i + 5];
    }
  }
  return put_creation(writer, module, built) ? 1 : 0;
}

int emit_match_string(CodeWriter& writer, const GenericModule& module, std::span<const Operand> o) {
  size_t bits = o[2].value(), offset = o[3].value(), size = (bits + 7) / 8;
  if (offset > module.strings.size() || size > module.strings.size() - offset) return 0;
  if (!writer.begin(Instruction::bs_match_string, {W::label(o[0]), W::operand(o[1]), W::number(bits)})) return 0;
  for (size_t k = 0; k < size; k += 4) {
    uint32_t word = 0;
    std::memcpy(&word, module.strings.data() + offset + k, std::min<size_t>(4, size - k));
    writer.tail_word(word);
  }
  writer.end_tail();
  return 1;
}

int emit_get_integer(CodeWriter& writer, std::span<const Operand> o) {
  uint32_t flags = field_flags(o[5]);
  constexpr uint64_t longest_short = 56, longest_size = 256;
  uint64_t bits = 0;  // if they are known
  if (o[3].is_constant() && o[3].term().is_small() && static_cast<uint64_t>(o[3].term().as_small()) <= longest_size)
    bits = o[4].value() * static_cast<uint64_t>(o[3].term().as_small());
  bool is_unsigned = (flags & bit_flag_signed) == 0, is_big = (flags & bit_flag_little) == 0;
  if (bits == 8 && is_unsigned) return writer.put(Instruction::bs_get_integer_8, {W::label(o[0]), W::operand(o[1]), W::operand(o[6])});
  if (bits > 0 && bits <= longest_short && is_unsigned && (is_big || bits < 8))
    return writer.put(Instruction::bs_get_integer_short, {W::label(o[0]), W::operand(o[1]), W::number(bits), W::operand(o[6])});
  if (bits > 0 && bits <= longest_short && bits % 8 == 0)
    return writer.put(Instruction::bs_get_integer_bytes, {W::label(o[0]), W::operand(o[1]), W::number(bits), W::number(flags), W::operand(o[6])});
  return writer.put(Instruction::bs_get_integer, {W::label(o[0]), W::number(o[2].value()), W::operand(o[1]), W::operand(o[3]),
                                                  W::number(o[4].value()), W::number(flags), W::operand(o[6])});
}

}  // namespace

uint32_t field_flags(const Operand& flags) {
  auto bits = static_cast<uint32_t>(flags.value());
  return (bits & bit_flag_native) != 0 ? bits | bit_flag_little : bits;
}

// Bits of an integer of up to 64 bits or of a float of 64, whose size is known; 0: it is something else.
static uint64_t bits_of_number(const BuiltSegment& segment) {
  bool is_integer = segment.kind == SegmentKind::integer;
  if ((!is_integer && segment.kind != SegmentKind::floating) || !segment.size.is_constant() || !segment.size.term().is_small()) return 0;
  auto size = static_cast<uint64_t>(segment.size.term().as_small());
  uint64_t bits = size <= 64 ? size * segment.unit : 0;
  if (bits > 64 || (!is_integer && bits != 64)) return 0;
  return (segment.flags & bit_flag_little) != 0 && bits % 8 != 0 ? 0 : bits;
}

// Bits of all segments behind a first one that is appended to, if they are numbers of known sizes, and whole bytes together; or of all.
static uint64_t bits_of_numbers(std::span<const BuiltSegment> segments) {
  bool appends = !segments.empty() && (segments[0].kind == SegmentKind::append || segments[0].kind == SegmentKind::private_append);
  if (appends && (!segments[0].size.is_constant() || segments[0].size.term() != am::all)) return 0;
  if (appends && (segments[0].unit == 0 || 8 % segments[0].unit != 0)) return 0;
  uint64_t sum = 0;
  for (const BuiltSegment& segment : segments.subspan(appends ? 1 : 0)) {
    uint64_t bits = bits_of_number(segment);
    if (bits == 0) return 0;
    sum += bits;
  }
  return sum % 8 == 0 ? sum : 0;
}

// Kind with the number that error_info gives it (from bit 8), unit, flags, then source and size as AnyOperand; of a string:
// its length in bytes and the bytes, in whole words.
static bool put_segment(CodeWriter& writer, const GenericModule& module, const BuiltSegment& segment) {
  if (segment.number > segment_number_limit || segment.unit > 256) return false;
  writer.tail_word(static_cast<uint32_t>(segment.kind) | static_cast<uint32_t>(segment.number) << 8);
  writer.tail_word(static_cast<uint32_t>(segment.unit));
  writer.tail_word(segment.flags);
  if (segment.kind != SegmentKind::string) {
    writer.tail_any(segment.value);
    writer.tail_any(segment.size);
    return true;
  }
  size_t offset = segment.string_offset, size = segment.string_size;
  if (offset > module.strings.size() || size > module.strings.size() - offset) return false;
  writer.tail_word(static_cast<uint32_t>(size));
  for (size_t k = 0; k < size; k += 4) {
    uint32_t word = 0;
    std::memcpy(&word, module.strings.data() + offset + k, std::min<size_t>(4, size - k));
    writer.tail_word(word);
  }
  return true;
}

bool put_creation(CodeWriter& writer, const GenericModule& module, const Construction& built) {
  if (!writer.begin(Instruction::bs_create_bin, {W::label(built.fail), W::number(built.heap), W::number(built.live), W::operand(built.destination),
                                                 W::number(built.segments.size()), W::number(bits_of_numbers(built.segments))}))
    return false;
  for (const BuiltSegment& segment : built.segments)
    if (!put_segment(writer, module, segment)) return false;
  writer.end_tail();
  return true;
}

int emit_bits(CodeWriter& writer, const GenericModule& module, const GenericInstruction& instruction) {
  auto o = instruction.operands;
  switch (instruction.opcode) {
    case op_bs_start_match3:
      return writer.put(Instruction::bs_start_match, {W::label(o[0]), W::number(o[2].value()), W::operand(o[1]), W::operand(o[3])});
    case op_bs_start_match4:
      // That the source is a context is the compiler's word.
      if (!o[0].is_label() && o[0].term() == am::resume && module.trust == Trust::trusted) return writer.put(Instruction::move, {W::operand(o[2]), W::operand(o[3])});
      return writer.put(Instruction::bs_start_match, {W::label(o[0].is_label() ? o[0].index : 0), W::number(o[1].value()), W::operand(o[2]), W::operand(o[3])});
    case op_bs_get_integer2: return emit_get_integer(writer, o);
    case op_bs_get_float2:
      return writer.put(Instruction::bs_get_float, {W::label(o[0]), W::number(o[2].value()), W::operand(o[1]), W::operand(o[3]),
                                                    W::number(o[4].value()), W::number(field_flags(o[5])), W::operand(o[6])});
    case op_bs_get_binary2:
      return writer.put(Instruction::bs_get_binary, {W::label(o[0]), W::number(o[2].value()), W::operand(o[1]), W::operand(o[3]),
                                                     W::number(o[4].value()), W::operand(o[6])});
    case op_bs_skip_bits2:
      return writer.put(Instruction::bs_skip_bits, {W::label(o[0]), W::operand(o[1]), W::operand(o[2]), W::number(o[3].value())});
    case op_bs_test_tail2:
      if (o[2].value() > UINT32_MAX) return writer.put(Instruction::jump, {W::label(o[0])});  // no binary is as large
      return writer.put(Instruction::bs_test_tail, {W::label(o[0]), W::operand(o[1]), W::number(o[2].value())});
    case op_bs_test_unit: return writer.put(Instruction::bs_test_unit, {W::label(o[0]), W::operand(o[1]), W::number(o[2].value())});
    case op_bs_match_string: return emit_match_string(writer, module, o);
    case op_bs_get_utf8: return writer.put(Instruction::bs_get_utf8, {W::label(o[0]), W::operand(o[1]), W::operand(o[4])});
    case op_bs_skip_utf8: return writer.put(Instruction::bs_skip_utf8, {W::label(o[0]), W::operand(o[1])});
    case op_bs_get_utf16:
      return writer.put(Instruction::bs_get_utf16, {W::label(o[0]), W::operand(o[1]), W::number(field_flags(o[3])), W::operand(o[4])});
    case op_bs_skip_utf16: return writer.put(Instruction::bs_skip_utf16, {W::label(o[0]), W::operand(o[1]), W::number(field_flags(o[3]))});
    case op_bs_get_utf32:
      return writer.put(Instruction::bs_get_utf32, {W::label(o[0]), W::operand(o[1]), W::number(field_flags(o[3])), W::operand(o[4])});
    case op_bs_skip_utf32: return writer.put(Instruction::bs_skip_utf32, {W::label(o[0]), W::operand(o[1]), W::number(field_flags(o[3]))});
    case op_bs_get_tail: return writer.put(Instruction::bs_get_tail, {W::number(o[2].value()), W::operand(o[0]), W::operand(o[1])});
    case op_bs_get_position: return writer.put(Instruction::bs_get_position, {W::operand(o[0]), W::operand(o[1])});
    case op_bs_set_position: return writer.put(Instruction::bs_set_position, {W::operand(o[0]), W::operand(o[1])});
    case op_bs_create_bin: return emit_create(writer, module, o);
    case op_bs_init_writable: return writer.put(Instruction::bs_init_writable);
    default: return emit_stepwise_bits(writer, module, instruction);
  }
}

}  // namespace hanse
