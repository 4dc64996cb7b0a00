#include "code/code_writer.h"

namespace hanse {

bool CodeWriter::begin(Instruction instruction, std::initializer_list<Argument> arguments) {
  const InstructionInfo& info = instruction_info(instruction);
  start_ = position();
  starts_.add(start_);
  words_.push_back(0);
  size_t variant = 0;
  auto argument = arguments.begin();
  for (OperandClass operand_class : info.operands) {
    if (operand_class == OperandClass::tail) break;
    DCHECK(argument != arguments.end());
    const Argument& given = *argument++;
    switch (given.kind) {
      case Argument::Kind::label: tail_label(static_cast<uint32_t>(given.value)); break;
      case Argument::Kind::number: words_.push_back(static_cast<uint32_t>(given.value)); break;
      case Argument::Kind::wide: tail_wide(given.value); break;
      case Argument::Kind::operand: {
        size_t kind;
        if (given.operand.is_x() || given.operand.is_y()) {
          kind = given.operand.is_y() ? 1 : 0;
          words_.push_back(given.operand.index);
        } else {
          if (operand_class != OperandClass::source || !given.operand.is_constant()) return false;
          kind = 2;
          tail_wide(given.operand.term().word());
        }
        variant = variant * variants_of(operand_class) + kind;
        break;
      }
    }
  }
  words_[start_] = static_cast<uint32_t>(handler_offset(instruction, variant));
  return true;
}

bool CodeWriter::put(Instruction instruction, std::initializer_list<Argument> arguments) {
  if (!begin(instruction, arguments)) return false;
  pad();
  return true;
}

void CodeWriter::tail_wide(uint64_t value) {
  words_.push_back(static_cast<uint32_t>(value));
  words_.push_back(static_cast<uint32_t>(value >> 32));
}

void CodeWriter::tail_any(const Operand& generic) {
  if (generic.is_register()) {
    words_.push_back(any_word(generic.is_x() ? AnyKind::x : AnyKind::y, generic.index));
  } else {
    words_.push_back(any_word(AnyKind::constant, 0));
    tail_wide(generic.is_constant() ? generic.term().word() : Term::nil().word());
  }
}

void CodeWriter::tail_label(uint32_t label) {
  if (label != 0) uses_.push_back({position(), start_, label});
  words_.push_back(0);
}

bool CodeWriter::resolve() {
  for (const Use& use : uses_) {
    if (label_words_[use.label] == unbound) return false;
    words_[use.at] = label_words_[use.label] - use.start;
  }
  return true;
}

}  // namespace hanse
