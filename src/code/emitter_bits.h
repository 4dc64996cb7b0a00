// The emitter's part for the bit syntax.
#pragma once

#include "code/code_writer.h"

namespace hanse {

// -1: not an instruction of the bit syntax; 0: operands not supported; 1: emitted.
int emit_bits(CodeWriter& writer, const GenericModule& module, const GenericInstruction& instruction);
// The same for instructions of compilers before OTP 25; otherwise the number of generic instructions used.
int emit_stepwise_bits(CodeWriter& writer, const GenericModule& module, const GenericInstruction& instruction);

// A segment of a bit string that is built.
struct BuiltSegment {
  SegmentKind kind;
  uint64_t number;  // as error_info counts, 0: none
  uint64_t unit;
  uint32_t flags;   // bit_flag_*
  Operand value{}, size{};
  size_t string_offset = 0, string_size = 0;  // of SegmentKind::string, in the module's strings
};
struct Construction {
  uint32_t fail = 0;
  uint64_t heap = 0;
  uint64_t live = no_live_count;
  Operand destination{};
  std::vector<BuiltSegment> segments;
};
// One bs_create_bin. False: out of range.
bool put_creation(CodeWriter& writer, const GenericModule& module, const Construction& built);

// Flags of an instruction for a field, with `native` resolved.
uint32_t field_flags(const Operand& flags);

}  // namespace hanse
