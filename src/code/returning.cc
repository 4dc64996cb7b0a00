// Which functions of a module can return at all. The compiler leaves out what would follow the call of one that always
// raises, so the checker has to know. Every path is followed once: the code behind a call waits until the callee is found
// to return, and nothing is assumed to return without proof.
#include <algorithm>
#include <utility>

#include "code/checker_rules.h"
#include "term/atom.h"

namespace hanse {

bool always_raises(const GenericImport& import) {
  if (import.module != am::erlang) return false;
  Term name = import.function;
  uint32_t arity = import.arity;
  return (name == am::error && arity >= 1 && arity <= 3) || (name == am::exit && arity == 1) ||
         (name == am::throw_ && arity == 1) || (name == am::nif_error && (arity == 1 || arity == 2));
}

namespace {

class ReturningFunctions {
 public:
  ReturningFunctions(const GenericModule& module, const LabelTable& labels)
      : module_(module), labels_(labels), seen_(module.instructions.size()), functions_(module.functions.size()) {}

  std::vector<bool> find() {
    for (const GenericFunction& function : module_.functions) go(function.entry_label);
    while (!pending_.empty()) {
      uint32_t at = pending_.back();
      pending_.pop_back();
      follow(at);
    }
    std::vector<bool> result;
    for (const Function& function : functions_) result.push_back(function.returns);
    return result;
  }

 private:
  struct Function {
    bool returns = false;
    std::vector<uint32_t> continuations;  // instructions behind calls of it
    std::vector<uint32_t> tail_callers;   // functions that return what it returns
  };

  void go(uint32_t label) { visit(labels_.labels[label].instruction); }
  void visit(uint32_t at) {
    if (at >= seen_.size() || seen_[at]) return;
    seen_[at] = true;
    pending_.push_back(at);
  }
  uint32_t function_at(uint32_t label) const { return labels_.labels[label].function; }

  void returns(uint32_t first) {
    std::vector<uint32_t> found{first};
    while (!found.empty()) {
      Function& function = functions_[found.back()];
      found.pop_back();
      if (std::exchange(function.returns, true)) continue;
      for (uint32_t at : function.continuations) visit(at);
      found.insert(found.end(), function.tail_callers.begin(), function.tail_callers.end());
    }
  }

  void follow(uint32_t at);
  void follow_edges(const GenericInstruction& instruction);

  const GenericModule& module_;
  const LabelTable& labels_;
  std::vector<bool> seen_;
  std::vector<Function> functions_;
  std::vector<uint32_t> pending_;
};

void ReturningFunctions::follow_edges(const GenericInstruction& instruction) {
  for (const Operand& operand : instruction.operands) {
    if (operand.is_label() && operand.index != 0) go(operand.index);
    if (operand.kind == OperandKind::list)
      for (const Operand& item : operand.list())
        if (item.is_label() && item.index != 0) go(item.index);
  }
}

void ReturningFunctions::follow(uint32_t at) {
  const GenericInstruction& instruction = module_.instructions[at];
  auto values = instruction.operands;
  // Paths are followed from anywhere; the function is the one that encloses the instruction.
  auto enclosing = [&] {
    auto above = std::upper_bound(module_.functions.begin(), module_.functions.end(), at,
                                  [](uint32_t place, const GenericFunction& function) { return place < function.first; });
    return static_cast<uint32_t>(above - module_.functions.begin() - 1);
  };
  switch (instruction.opcode) {
    case Opcode::op_call: {
      Function& callee = functions_[function_at(values[1].index)];
      if (callee.returns) return visit(at + 1);
      callee.continuations.push_back(at + 1);
      return;
    }
    case Opcode::op_call_last:
    case Opcode::op_call_only: {
      Function& callee = functions_[function_at(values[1].index)];
      if (callee.returns) return returns(enclosing());
      callee.tail_callers.push_back(enclosing());
      return;
    }
    case Opcode::op_call_ext:
      if (!always_raises(module_.imports[values[1].value()])) visit(at + 1);
      return;
    case Opcode::op_call_ext_last:
    case Opcode::op_call_ext_only:
      if (!always_raises(module_.imports[values[1].value()])) returns(enclosing());
      return;
    case Opcode::op_apply_last:
    case Opcode::op_return: return returns(enclosing());
    case Opcode::op_func_info:
    case Opcode::op_badmatch:
    case Opcode::op_badrecord:
    case Opcode::op_if_end:
    case Opcode::op_case_end:
    case Opcode::op_try_case_end:
    case Opcode::op_raise:
    case Opcode::op_int_code_end: return;
    case Opcode::op_jump:
    case Opcode::op_wait:
    case Opcode::op_loop_rec_end:
    case Opcode::op_select_val:
    case Opcode::op_select_tuple_arity: return follow_edges(instruction);
    default:
      follow_edges(instruction);
      visit(at + 1);
  }
}

}  // namespace

std::vector<bool> returning_functions(const GenericModule& module, const LabelTable& labels) {
  return ReturningFunctions(module, labels).find();
}

}  // namespace hanse
