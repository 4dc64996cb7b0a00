// Bit strings as compilers before OTP 25 build them: sums for the size, one instruction that begins with that size, and one for
// each segment right behind it. All of them become one bs_create_bin, which measures the segments itself; so the size that the
// code claims need not be believed.
#include <vector>

#include "code/emitter_bits.h"
#include "term/atom.h"

namespace hanse {

namespace {

using W = CodeWriter;
using enum Opcode;

bool is_same_register(const Operand& a, const Operand& b) {
  return a.is_register() && a.kind == b.kind && a.index == b.index;
}

Operand constant(Term term) {
  return {.kind = term.is_atom() ? OperandKind::atom : OperandKind::integer, .index = 0, .number = term.word()};
}

// False: not an instruction that adds a segment.
bool read_segment(const GenericInstruction& instruction, BuiltSegment& segment) {
  auto o = instruction.operands;
  Operand nothing = constant(am::undefined);
  switch (instruction.opcode) {
    case op_bs_put_integer: segment = {SegmentKind::integer, 0, o[2].value(), field_flags(o[3]), o[4], o[1]}; return true;
    case op_bs_put_float: segment = {SegmentKind::floating, 0, o[2].value(), field_flags(o[3]), o[4], o[1]}; return true;
    case op_bs_put_binary: segment = {SegmentKind::binary, 0, o[2].value(), field_flags(o[3]), o[4], o[1]}; return true;
    case op_bs_put_utf8: segment = {SegmentKind::utf8, 0, 0, field_flags(o[1]), o[2], nothing}; return true;
    case op_bs_put_utf16: segment = {SegmentKind::utf16, 0, 0, field_flags(o[1]), o[2], nothing}; return true;
    case op_bs_put_utf32: segment = {SegmentKind::utf32, 0, 0, field_flags(o[1]), o[2], nothing}; return true;
    case op_bs_put_string:
      segment = {SegmentKind::string, 0, 8, 0, {}, {}, o[1].value(), o[0].value()};
      return true;
    default: return false;
  }
}

int emit_construction(CodeWriter& writer, const GenericModule& module, const GenericInstruction& first, Construction built) {
  const GenericInstruction* end = module.instructions.data() + module.instructions.size();
  const GenericInstruction* at = &first + 1;
  BuiltSegment segment{};
  for (; at < end && read_segment(*at, segment); at++) {
    // The engine reads all values before it writes the result.
    if (is_same_register(segment.value, built.destination) || is_same_register(segment.size, built.destination)) return 0;
    if (at->opcode != op_bs_put_string && built.fail == 0) built.fail = at->operands[0].index;
    built.segments.push_back(segment);
  }
  return put_creation(writer, module, built) ? static_cast<int>(at - &first) : 0;
}

uint64_t heap_words(const Operand& need) {
  return need.alloc_words() + uint64_t{2} * need.alloc_floats() + uint64_t{4} * need.alloc_funs();
}

}  // namespace

int emit_stepwise_bits(CodeWriter& writer, const GenericModule& module, const GenericInstruction& instruction) {
  auto o = instruction.operands;
  switch (instruction.opcode) {
    case op_bs_init2: case op_bs_init_bits:
      return emit_construction(writer, module, instruction, {o[0].index, heap_words(o[2]), o[3].value(), o[5], {}});
    case op_bs_append:
      return emit_construction(writer, module, instruction,
                               {o[0].index, heap_words(o[2]), o[3].value(), o[7],
                                {{SegmentKind::append, 0, o[4].value(), 0, o[5], constant(am::all)}}});
    case op_bs_private_append:
      return emit_construction(writer, module, instruction,
                               {o[0].index, 0, no_live_count, o[5],
                                {{SegmentKind::private_append, 0, o[2].value(), 0, o[3], constant(am::all)}}});
    case op_bs_add:
      return writer.put(Instruction::bs_add, {W::label(o[0]), W::operand(o[1]), W::operand(o[2]), W::number(o[3].value()), W::operand(o[4])});
    case op_bs_utf8_size: return writer.put(Instruction::bs_utf8_size, {W::operand(o[1]), W::operand(o[2])});
    case op_bs_utf16_size: return writer.put(Instruction::bs_utf16_size, {W::operand(o[1]), W::operand(o[2])});
    default: return -1;
  }
}

}  // namespace hanse
