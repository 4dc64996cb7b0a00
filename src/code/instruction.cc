#include "code/instruction.h"

namespace hanse {

HandlerOffset handler_offset = nullptr;

namespace {

constexpr OperandClass Source = OperandClass::source, Register = OperandClass::register_, Label = OperandClass::label,
                       Float = OperandClass::float_register, Number = OperandClass::number, Wide = OperandClass::wide, Tail = OperandClass::tail;

// A leading element makes room for instructions without operands.
#define INSTRUCTION(name, meaning, ...) constexpr OperandClass name##_operands[] = {Tail __VA_OPT__(, ) __VA_ARGS__};
#include "code/instructions.def"
#undef INSTRUCTION

const InstructionInfo infos[] = {
#define INSTRUCTION(name, meaning, ...) {#name, meaning, std::span(name##_operands).subspan(1)},
#include "code/instructions.def"
#undef INSTRUCTION
};

}  // namespace

const InstructionInfo& instruction_info(Instruction instruction) { return infos[static_cast<size_t>(instruction)]; }

}  // namespace hanse
