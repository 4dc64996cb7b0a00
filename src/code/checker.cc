#include "code/checker.h"

#include <array>

#include "code/checker_rules.h"
#include "code/verifier.h"
#include "term/atom.h"

namespace hanse {

std::string_view operand_rule(Opcode opcode) {
  static constexpr auto rules = [] {
    std::array<std::string_view, opcode_limit> table{};
#define RULE(name, letters) table[static_cast<size_t>(Opcode::op_##name)] = letters;
#include "code/operand_rules.def"
#undef RULE
    return table;
  }();
  return rules[static_cast<size_t>(opcode)];
}

namespace {

constexpr bool rules_have_the_right_length() {
  constexpr size_t arities[] = {0,
#define OPCODE(number, name, arity, meaning) arity,
#include "code/opcodes.def"
#undef OPCODE
  };
#define RULE(name, letters) \
  if (std::string_view(letters).size() != arities[static_cast<size_t>(Opcode::op_##name)]) return false;
#include "code/operand_rules.def"
#undef RULE
  return true;
}
static_assert(rules_have_the_right_length(), "operand_rules.def has one letter per operand");

class OperandChecker {
 public:
  explicit OperandChecker(const GenericModule& module) : module_(module) {}

  CheckResult check(LabelTable& labels) {
    if (auto error = define_labels(labels)) return error;
    labels_ = &labels;
    for (function_ = 0; function_ < module_.functions.size(); function_++) {
      const GenericFunction& function = module_.functions[function_];
      for (size_t i = function.first; i < function.first + function.count; i++)
        if (auto error = check_instruction(module_.instructions[i])) return error;
    }
    return check_tables();
  }

 private:
  CheckResult define_labels(LabelTable& labels);
  CheckResult check_instruction(const GenericInstruction& instruction);
  CheckResult check_letter(const GenericInstruction& instruction, char letter, const Operand& operand, size_t guard_arguments);
  CheckResult check_label(const GenericInstruction& instruction, const Operand& operand);
  CheckResult check_number(const GenericInstruction& instruction, char letter, const Operand& operand, size_t guard_arguments);
  CheckResult check_special(const GenericInstruction& instruction);
  CheckResult check_list(const GenericInstruction& instruction, std::span<const Operand> list);
  CheckResult check_segments(const GenericInstruction& instruction, std::span<const Operand> list);
  CheckResult check_string(const GenericInstruction& instruction, uint64_t offset, uint64_t size);
  CheckResult check_tables();

  const GenericModule& module_;
  const LabelTable* labels_ = nullptr;
  uint32_t function_ = 0;
};

CheckResult OperandChecker::define_labels(LabelTable& labels) {
  labels.labels.resize(module_.label_count);
  for (uint32_t f = 0; f < module_.functions.size(); f++) {
    const GenericFunction& function = module_.functions[f];
    for (size_t i = function.first; i < function.first + function.count; i++) {
      const GenericInstruction& instruction = module_.instructions[i];
      if (instruction.opcode != Opcode::op_label) continue;
      const Operand& operand = instruction.operands[0];
      if (operand.kind != OperandKind::unsigned_number || operand.value() == 0 || operand.value() >= module_.label_count)
        return code_error(instruction, fmt::format("the number is out of range, at most {}", module_.label_count - 1));
      LabelTable::Place& place = labels.labels[operand.value()];
      if (place.instruction != LabelTable::none) return code_error(instruction, fmt::format("label {} is defined twice", operand.value()));
      place = {static_cast<uint32_t>(i), f};
    }
  }
  return std::nullopt;
}

CheckResult OperandChecker::check_instruction(const GenericInstruction& instruction) {
  std::string_view rule = operand_rule(instruction.opcode);
  if (rule.data() == nullptr) return code_error(instruction, "obsolete, compile the module again");
  size_t guard_arguments = 0;
  if (size_t guard = rule.find('b'); guard != rule.npos) guard_arguments = rule.size() - guard - 2;
  for (size_t i = 0; i < rule.size(); i++)
    if (auto error = check_letter(instruction, rule[i], instruction.operands[i], guard_arguments)) {
      error->reason += fmt::format(" (operand {})", i + 1);
      return error;
    }
  return check_special(instruction);
}

CheckResult OperandChecker::check_label(const GenericInstruction& instruction, const Operand& operand) {
  if (operand.index == 0) return code_error(instruction, "a label expected, not label 0");
  const auto& place = labels_->labels[operand.index];
  if (place.function != function_) return code_error(instruction, fmt::format("label {} is not in this function", operand.index));
  return std::nullopt;
}

CheckResult OperandChecker::check_number(const GenericInstruction& instruction, char letter, const Operand& operand,
                                         size_t guard_arguments) {
  if (operand.kind != OperandKind::unsigned_number) return code_error(instruction, "a number expected");
  uint64_t value = operand.value();
  auto at_most = [&](const char* what, uint64_t limit) -> CheckResult {
    if (value <= limit) return std::nullopt;
    return code_error(instruction, fmt::format("{} {} is out of range, at most {}", what, value, limit));
  };
  switch (letter) {
    case 'A': return at_most("number of arguments", 255);
    case 'L': return at_most("number of live registers", 1023);
    case 'n': return at_most("number of slots", 1023);
    case 'h': return at_most("room on the heap", 1u << 24);
    case 'l':
      if (value >= module_.lambdas.size()) return code_error(instruction, fmt::format("fun({}) is out of range, there are {}", value, module_.lambdas.size()));
      return std::nullopt;
    case 'i':
    case 'b':
      if (value >= module_.imports.size()) return code_error(instruction, fmt::format("import({}) is out of range, there are {}", value, module_.imports.size()));
      if (letter == 'b' && module_.imports[value].arity != guard_arguments)
        return code_error(instruction, fmt::format("a function of {} arguments expected, not {}", guard_arguments, module_.imports[value].arity));
      return std::nullopt;
    default: return std::nullopt;
  }
}

CheckResult OperandChecker::check_letter(const GenericInstruction& instruction, char letter, const Operand& operand,
                                         size_t guard_arguments) {
  auto expect = [&](bool fine, const char* what) -> CheckResult {
    if (fine) return std::nullopt;
    return code_error(instruction, fmt::format("{} expected", what));
  };
  switch (letter) {
    case 's': return expect(operand.is_source(), "a register or a constant");
    case 'r':
    case 'd': return expect(operand.is_register(), "a register");
    case 'y': return expect(operand.is_y(), "a y register");
    case 'a': return expect(operand.kind == OperandKind::atom, "an atom");
    case 'F':
    case 'G': return expect(operand.kind == OperandKind::float_register, "a float register");
    case 'm': return expect(operand.is_source() || operand.kind == OperandKind::float_register, "a source or a float register");
    case 'M': return expect(operand.is_register() || operand.kind == OperandKind::float_register, "a register");
    case 'p': return expect(operand.is_source() || operand.kind == OperandKind::unsigned_number, "a size");
    case '*': return expect(operand.kind == OperandKind::list, "a list");
    case 't': return expect(operand.kind == OperandKind::atom || operand.kind == OperandKind::unsigned_number || operand.is_label(), "a tag");
    case 'j':
      if (operand.is_label() && operand.index == 0) return std::nullopt;
      [[fallthrough]];
    case 'e':
    case 'f':
      if (!operand.is_label()) return expect(false, "a label");
      return check_label(instruction, operand);
    case 'c':
      if (!operand.is_label()) return expect(false, "a label");
      return expect(labels_->entered_by(module_, operand.index) != nullptr, "the label of a function's entry");
    case 'h':
      if (operand.kind == OperandKind::alloc_list) return std::nullopt;
      [[fallthrough]];
    default: return check_number(instruction, letter, operand, guard_arguments);
  }
}

CheckResult OperandChecker::check_string(const GenericInstruction& instruction, uint64_t offset, uint64_t size) {
  if (offset <= module_.strings.size() && size <= module_.strings.size() - offset) return std::nullopt;
  return code_error(instruction, fmt::format("bytes {} to {} are not in the string table of {} bytes", offset, offset + size, module_.strings.size()));
}

CheckResult OperandChecker::check_special(const GenericInstruction& instruction) {
  auto operands = instruction.operands;
  switch (instruction.opcode) {
    case Opcode::op_call:
    case Opcode::op_call_last:
    case Opcode::op_call_only:
      if (labels_->entered_by(module_, operands[1].index)->arity != operands[0].value())
        return code_error(instruction, "the function has another arity");
      return std::nullopt;
    case Opcode::op_call_ext:
    case Opcode::op_call_ext_last:
    case Opcode::op_call_ext_only:
      if (module_.imports[operands[1].value()].arity != operands[0].value())
        return code_error(instruction, "the import has another arity");
      return std::nullopt;
    case Opcode::op_line:
      if (module_.lines.size() > 1 && operands[0].value() >= module_.lines.size())
        return code_error(instruction, fmt::format("line({}) is out of range, there are {}", operands[0].value(), module_.lines.size()));
      return std::nullopt;
    case Opcode::op_bs_put_string: return check_string(instruction, operands[1].value(), operands[0].value());
    case Opcode::op_bs_match_string:
      if (operands[2].value() > uint64_t{1} << 35) return code_error(instruction, "too many bits");
      return check_string(instruction, operands[3].value(), (operands[2].value() + 7) / 8);
    case Opcode::op_bs_start_match4:
      if (operands[0].is_label()) return check_label(instruction, operands[0]);
      if (operands[0].kind != OperandKind::atom || (operands[0].term() != am::no_fail && operands[0].term() != am::resume))
        return code_error(instruction, "no_fail, resume or a label expected");
      return std::nullopt;
    case Opcode::op_call_fun2:
      if (operands[0].is_label()) return code_error(instruction, "an atom or a fun expected");
      if (operands[0].kind == OperandKind::unsigned_number && operands[0].value() >= module_.lambdas.size())
        return code_error(instruction, "the fun is out of range");
      return std::nullopt;
    case Opcode::op_make_fun3:
      if (operands[2].list().size() != module_.lambdas[operands[0].value()].free_count)
        return code_error(instruction, "the fun has another number of free variables");
      return check_list(instruction, operands[2].list());
    case Opcode::op_get_tuple_element:
      return operands[1].value() < (1u << 24) ? std::nullopt : code_error(instruction, "the index is too large");
    case Opcode::op_set_tuple_element:
      return operands[2].value() < (1u << 24) ? std::nullopt : code_error(instruction, "the index is too large");
    case Opcode::op_fmove:
      if (operands[0].kind != OperandKind::float_register && operands[1].kind != OperandKind::float_register)
        return code_error(instruction, "a float register expected");
      return std::nullopt;
    case Opcode::op_bs_create_bin: return check_segments(instruction, operands[5].list());
    default:
      if (!operands.empty() && operands.back().kind == OperandKind::list) return check_list(instruction, operands.back().list());
      return std::nullopt;
  }
}

// Lists by what their elements are: pairs for select and maps, else elements of one kind.
CheckResult OperandChecker::check_list(const GenericInstruction& instruction, std::span<const Operand> list) {
  Opcode opcode = instruction.opcode;
  bool pairs = opcode == Opcode::op_select_val || opcode == Opcode::op_select_tuple_arity || opcode == Opcode::op_get_map_elements ||
               opcode == Opcode::op_put_map_assoc || opcode == Opcode::op_put_map_exact;
  if (pairs && list.size() % 2 != 0) return code_error(instruction, "pairs expected");
  for (size_t i = 0; i < list.size(); i++) {
    bool second = i % 2 == 1;
    bool fine;
    if (opcode == Opcode::op_select_val || opcode == Opcode::op_select_tuple_arity) {
      if (second) {
        if (!list[i].is_label()) return code_error(instruction, "a label expected in the list");
        if (auto error = check_label(instruction, list[i])) return error;
        continue;
      }
      fine = opcode == Opcode::op_select_val ? list[i].is_constant() : list[i].kind == OperandKind::unsigned_number;
    } else if (opcode == Opcode::op_init_yregs) {
      fine = list[i].is_y();
    } else if (opcode == Opcode::op_get_map_elements && second) {
      fine = list[i].is_register();
    } else {
      fine = list[i].is_source();
    }
    if (!fine) return code_error(instruction, fmt::format("element {} of the list is of the wrong kind", i + 1));
  }
  return std::nullopt;
}

// Segments of bs_create_bin: type, number, unit, flags, value, size.
CheckResult OperandChecker::check_segments(const GenericInstruction& instruction, std::span<const Operand> list) {
  if (list.size() % 6 != 0) return code_error(instruction, "six operands per segment expected");
  for (size_t i = 0; i < list.size(); i += 6) {
    auto segment = list.subspan(i, 6);
    auto expect = [&](bool fine, const char* what) -> CheckResult {
      if (fine) return std::nullopt;
      return code_error(instruction, fmt::format("{} expected in segment {}", what, i / 6 + 1));
    };
    if (segment[0].kind != OperandKind::atom) return expect(false, "a type");
    if (segment[1].kind != OperandKind::unsigned_number || segment[2].kind != OperandKind::unsigned_number || segment[2].value() > 256)
      return expect(false, "a unit of at most 256");
    if (!segment[3].is_constant()) return expect(false, "flags");
    if (!segment[5].is_source()) return expect(false, "a size");
    Term type = segment[0].term();
    if (type == am::string) {
      if (segment[4].kind != OperandKind::unsigned_number || segment[5].kind != OperandKind::integer ||
          !segment[5].term().is_small() || segment[5].term().as_small() < 0)
        return expect(false, "a place in the string table");
      if (auto error = check_string(instruction, segment[4].value(), static_cast<uint64_t>(segment[5].term().as_small()))) return error;
    } else {
      bool known = type == am::append || type == am::private_append || type == am::binary || type == am::float_ ||
                   type == am::integer || type == am::utf8 || type == am::utf16 || type == am::utf32;
      if (!known) return expect(false, "a known type");
      if ((type == am::append || type == am::private_append) && i != 0) return expect(false, "append only at the beginning, a type");
      if (!segment[4].is_source()) return expect(false, "a value");
    }
  }
  return std::nullopt;
}

CheckResult OperandChecker::check_tables() {
  for (const GenericExport& row : module_.exports) {
    const GenericFunction* function = labels_->entered_by(module_, row.label);
    if (!function || function->arity != row.arity || function->name != row.function)
      return BeamError{"ExpT", 0, fmt::format("{}/{} has label {}, which is not its entry", atom_name(row.function), row.arity, row.label)};
  }
  for (const GenericLambda& lambda : module_.lambdas) {
    const GenericFunction* function = labels_->entered_by(module_, lambda.label);
    if (!function || function->arity != lambda.arity)
      return BeamError{"FunT", 0, fmt::format("{}/{} has label {}, which is not its entry", atom_name(lambda.function), lambda.arity, lambda.label)};
  }
  return std::nullopt;
}

}  // namespace

bool heads_handler(const GenericModule& module, const GenericInstruction& label) {
  return &label < &module.instructions.back() && (&label)[1].opcode == Opcode::op_try_case;
}

static void cut_jumps_to_handlers(GenericModule& module, const LabelTable& labels) {
  for (GenericInstruction& instruction : module.instructions)
    if (instruction.opcode == Opcode::op_jump && heads_handler(module, module.instructions[labels.labels[instruction.operands[0].index].instruction]))
      instruction = {Opcode::op_if_end, instruction.offset, {}};
}

// `receive after Time` without optimisation waits at a label that does nothing but jump back to the instruction: it waits on itself.
static void shorten_waits(GenericModule& module, const LabelTable& labels) {
  auto& code = module.instructions;
  for (size_t i = 1; i < code.size(); i++) {
    if (code[i].opcode != Opcode::op_wait_timeout) continue;
    size_t behind_label = labels.labels[code[i].operands[0].index].instruction + 1;
    if (behind_label >= code.size() || code[behind_label].opcode != Opcode::op_jump) continue;
    const Operand& target = code[behind_label].operands[0];
    if (labels.labels[target.index].instruction != i - 1) continue;
    code[i].operands = module.operand_blocks.emplace_back(std::vector<Operand>{target, code[i].operands[1]});
  }
}

std::optional<BeamError> check_module(GenericModule& module) {
  LabelTable labels;
  if (auto error = OperandChecker(module).check(labels)) return error;
  cut_jumps_to_handlers(module, labels);
  shorten_waits(module, labels);
  if (auto error = check_flow(module, labels)) return error;
  return module.trust == Trust::verified ? verify_module(module, labels) : std::nullopt;
}

}  // namespace hanse
