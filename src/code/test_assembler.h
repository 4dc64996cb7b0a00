// For tests: modules written instruction by instruction, as no compiler would.
#pragma once

#include "code/checker.h"
#include "term/atom.h"

namespace hanse::assembler {

inline Operand x(uint32_t index) { return {.kind = OperandKind::x, .index = index, .number = 0}; }
inline Operand y(uint32_t index) { return {.kind = OperandKind::y, .index = index, .number = 0}; }
inline Operand f(uint32_t label) { return {.kind = OperandKind::label, .index = label, .number = 0}; }
inline Operand fr(uint32_t index) { return {.kind = OperandKind::float_register, .index = index, .number = 0}; }
inline Operand u(uint64_t value) { return {.kind = OperandKind::unsigned_number, .number = value}; }
inline Operand i(int64_t value) { return {.kind = OperandKind::integer, .number = Term::small(value).word()}; }
inline Operand a(std::string_view name) { return {.kind = OperandKind::atom, .number = make_atom(name).word()}; }
inline Operand nil() { return {.kind = OperandKind::nil, .number = Term::nil().word()}; }
inline Operand literal(Term term) { return {.kind = OperandKind::literal, .number = term.word()}; }

class Module {
 public:
  explicit Module(uint32_t labels = 40) {
    module_.name = make_atom("made");
    module_.label_count = labels;
    module_.trust = Trust::verified;
    module_.lines.push_back({0, 0});
  }
  // Its func_info has the label before `entry`.
  Module& function(std::string_view name, uint32_t arity, uint32_t entry) {
    size_t first = module_.instructions.size();
    if (!module_.functions.empty()) module_.functions.back().count = first - module_.functions.back().first;
    module_.functions.push_back({make_atom(name), arity, entry, first, first + 1, 0});
    op(Opcode::op_label, {u(entry - 1)});
    op(Opcode::op_func_info, {a("made"), a(name), u(arity)});
    return op(Opcode::op_label, {u(entry)});
  }
  Module& op(Opcode opcode, std::initializer_list<Operand> operands = {}) {
    auto& block = module_.operand_blocks.emplace_back(operands);
    module_.instructions.push_back({opcode, static_cast<uint32_t>(module_.instructions.size()), block});
    return *this;
  }
  Operand list(std::initializer_list<Operand> items) {
    auto& block = module_.operand_blocks.emplace_back(items);
    Operand operand{.kind = OperandKind::list, .index = static_cast<uint32_t>(items.size()), .number = 0};
    operand.items = block.data();
    return operand;
  }
  // An import: its number.
  Operand import(std::string_view module, std::string_view function, uint32_t arity) {
    module_.imports.push_back({make_atom(module), make_atom(function), arity});
    return u(module_.imports.size() - 1);
  }
  Operand lambda(uint32_t arity, uint32_t label, uint32_t free_count) {
    module_.lambdas.push_back({make_atom("fun"), arity, label, 0, free_count, 0});
    return u(module_.lambdas.size() - 1);
  }
  // Why it is refused; empty: it is accepted.
  std::string refusal() {
    auto& functions = module_.functions;
    if (module_.instructions.empty() || module_.instructions.back().opcode != Opcode::op_int_code_end) {
      functions.back().count = module_.instructions.size() - functions.back().first;
      op(Opcode::op_int_code_end);
    }
    auto error = check_module(module_);
    return error ? error->message() : "";
  }
  GenericModule& generic() { return module_; }

 private:
  GenericModule module_;
};

}  // namespace hanse::assembler
