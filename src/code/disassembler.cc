#include "code/disassembler.h"

#include <fmt/format.h>

#include "code/checker_rules.h"
#include "term/atom.h"
#include "term/print.h"

namespace hanse {

static std::string operand_text(const GenericModule& module, const Operand& operand, char letter) {
  switch (operand.kind) {
    case OperandKind::unsigned_number:
      if ((letter == 'i' || letter == 'b') && operand.value() < module.imports.size()) {
        const GenericImport& import = module.imports[operand.value()];
        return fmt::format("{}:{}/{}", atom_name(import.module), atom_name(import.function), import.arity);
      }
      if (letter == 'l' && operand.value() < module.lambdas.size())
        return fmt::format("fun {}", atom_name(module.lambdas[operand.value()].function));
      return fmt::format("{}", operand.value());
    case OperandKind::integer:
    case OperandKind::atom:
    case OperandKind::nil:
    case OperandKind::literal: return term_to_text(operand.term());
    case OperandKind::x: return fmt::format("x{}", operand.index);
    case OperandKind::y: return fmt::format("y{}", operand.index);
    case OperandKind::label: return operand.index == 0 ? "-" : fmt::format("L{}", operand.index);
    case OperandKind::character: return fmt::format("${}", operand.index);
    case OperandKind::float_register: return fmt::format("f{}", operand.index);
    case OperandKind::alloc_list:
      return fmt::format("words {} floats {} funs {}", operand.index, operand.alloc_floats(), operand.alloc_funs());
    case OperandKind::list: {
      std::string text = "[";
      for (const Operand& item : operand.list()) {
        if (text.size() > 1) text += ", ";
        text += operand_text(module, item, ' ');
      }
      return text + "]";
    }
  }
  return "?";
}

std::string disassemble(const GenericModule& module, const GenericInstruction& instruction) {
  std::string text = opcode_name(instruction.opcode);
  std::string_view rule = operand_rule(instruction.opcode);
  if (instruction.opcode == Opcode::op_line && instruction.operands[0].value() < module.lines.size()) {
    const GenericLine& line = module.lines[instruction.operands[0].value()];
    return fmt::format("line {}:{}", module.line_files[line.file], line.line);
  }
  for (size_t i = 0; i < instruction.operands.size(); i++) {
    text += i == 0 ? " " : ", ";
    text += operand_text(module, instruction.operands[i], i < rule.size() ? rule[i] : ' ');
  }
  return text;
}

std::string disassemble(const GenericModule& module) {
  std::string text = fmt::format("module {}, {} functions\n", atom_name(module.name), module.functions.size());
  for (const GenericFunction& function : module.functions) {
    text += fmt::format("\n{}/{}:\n", atom_name(function.name), function.arity);
    for (size_t i = function.first; i < function.first + function.count; i++) {
      const GenericInstruction& instruction = module.instructions[i];
      if (instruction.opcode == Opcode::op_label)
        text += fmt::format("L{}:\n", instruction.operands[0].value());
      else
        text += fmt::format("  {:6} {}\n", instruction.offset, disassemble(module, instruction));
    }
  }
  return text;
}

}  // namespace hanse
