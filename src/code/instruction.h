// Internal instructions: their names, their operand classes and how they lie in memory.
//
// Code is a sequence of 32-bit words. An instruction begins on an even word (so that return addresses have the low three bits
// of a header) with the place of its handler, relative to `handler_anchor`; its operands follow in the order of
// instructions.def, padded to an even number of words:
//   register   one word: its number
//   constant   two words: the term
//   Label      one word: distance in words from the start of the instruction, 0 for "no label"
//   Float      one word: offset of a float register in bytes; the last operand of an instruction is written, others are read
//   Number     one word
//   Wide       two words: a term or a pointer
//   Tail       any number of words; what they mean is the instruction's own affair (see AnyOperand)
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "term/fun.h"

namespace hanse {

enum class Instruction : uint16_t {
#define INSTRUCTION(name, meaning, ...) name,
#include "code/instructions.def"
#undef INSTRUCTION
  count
};

enum class OperandClass : uint8_t { source, register_, float_register, label, number, wide, tail };

// Number of kinds of operand that get a handler of their own: x, y, constant.
constexpr size_t variants_of(OperandClass operand_class) {
  return operand_class == OperandClass::source ? 3 : operand_class == OperandClass::register_ ? 2 : 1;
}

struct InstructionInfo {
  const char* name;
  const char* meaning;
  std::span<const OperandClass> operands;
};
const InstructionInfo& instruction_info(Instruction instruction);

// Where handlers are, relative to the engine's anchor. variant: mixed radix number over the operands, first operand most
// significant, digits 0 x, 1 y, 2 constant. Set by the engine before anything is emitted.
using HandlerOffset = int32_t (*)(Instruction instruction, size_t variant);
extern HandlerOffset handler_offset;

// Operands in a Tail that may be anything: one word with the kind in its low two bits and the register number above, or the
// kind `constant` followed by the two words of the term.
enum class AnyKind : uint32_t { x, y, constant };

inline uint32_t any_word(AnyKind kind, uint32_t index) { return static_cast<uint32_t>(kind) | (index << 2); }

// Flags of bit syntax segments (bits as in .beam files).
inline constexpr uint32_t bit_flag_little = 2, bit_flag_signed = 4, bit_flag_native = 16;

// Live count of instructions that must not collect.
inline constexpr uint32_t no_live_count = 0xffff;

// Kinds of segments of bs_create_bin.
enum class SegmentKind : uint32_t { integer, floating, binary, append, private_append, string, utf8, utf16, utf32 };

}  // namespace hanse
