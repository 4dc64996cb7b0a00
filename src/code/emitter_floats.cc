#include "code/emitter_floats.h"

namespace hanse {

namespace {

using W = CodeWriter;
using enum Opcode;

W::Argument place(const Operand& operand) { return W::number(operand.index * static_cast<uint32_t>(sizeof(double))); }

bool is_float(const GenericModule& module, const Operand& operand) {
  if (operand.is_constant()) return operand.term().is_float();
  return operand.type != Operand::no_type && module.types[operand.type].types == GenericType::floating;
}

}  // namespace

size_t emit_float(CodeWriter& writer, Opcode opcode, std::span<const Operand> o) {
  switch (opcode) {
    case op_fmove:
      if (o[1].kind == OperandKind::float_register) return writer.put(Instruction::fmove_to, {W::operand(o[0]), place(o[1])});
      return writer.put(Instruction::fmove_from, {place(o[0]), W::operand(o[1])});
    case op_fconv: return writer.put(Instruction::fconv, {W::operand(o[0]), place(o[1])});
    case op_fnegate: return writer.put(Instruction::fnegate, {W::label(o[0]), place(o[1]), place(o[2])});
    default: break;
  }
  Instruction instruction = opcode == op_fadd   ? Instruction::fadd
                            : opcode == op_fsub ? Instruction::fsub
                            : opcode == op_fmul ? Instruction::fmul
                                                : Instruction::fdiv;
  return writer.put(instruction, {W::label(o[0]), place(o[1]), place(o[2]), place(o[3])});
}

Instruction for_types(const GenericModule& module, Instruction instruction, const Operand& a, const Operand& b) {
  if (!is_float(module, a) || !is_float(module, b)) return instruction;
  switch (instruction) {
    case Instruction::add: return Instruction::add_floats;
    case Instruction::subtract: return Instruction::subtract_floats;
    case Instruction::multiply: return Instruction::multiply_floats;
    case Instruction::is_lt: return Instruction::is_lt_floats;
    case Instruction::is_ge: return Instruction::is_ge_floats;
    default: return instruction;
  }
}

}  // namespace hanse
