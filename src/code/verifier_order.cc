// The blocks of a function in an order in which each comes after those that lead to it (a topological order of the graph without
// the edges that go round a receive). That there is one is itself a promise: code without a call, a wait or a step to the next
// message uses no reductions, so a cycle of such code would never end its slice.
//
// Exceptions are edges, too, from the `try` or `catch`: a handler's slot is used up before anything else happens at its label, so
// a cycle through raised exceptions needs one through the instructions that make the handlers.
#include <algorithm>
#include <unordered_map>

#include "code/verifier.h"

namespace hanse {

namespace {

class Ordering {
 public:
  Ordering(const GenericModule& module, const LabelTable& labels, const GenericFunction& function)
      : module_(module), labels_(labels), end_(function.first + function.count) {}

  CheckResult run(uint32_t entry, std::vector<uint32_t>& order) {
    repeated_.push_back(entry);
    for (size_t i = 0; i < repeated_.size(); i++) {
      if (marks_[repeated_[i]] != unseen) continue;
      enter(repeated_[i]);
      if (auto error = walk(order)) return error;
    }
    std::ranges::reverse(order);
    return std::nullopt;
  }

 private:
  enum Mark : uint8_t { unseen, open, done };
  struct Step {
    uint32_t label;
    std::vector<uint32_t> successors;
    size_t next = 0;
  };

  CheckResult walk(std::vector<uint32_t>& order) {
    while (!path_.empty()) {
      Step& step = path_.back();
      if (step.next == step.successors.size()) {
        marks_[step.label] = done;
        order.push_back(step.label);
        path_.pop_back();
        continue;
      }
      uint32_t label = step.successors[step.next++];
      Mark mark = marks_[label];
      if (mark == open)
        return code_error(module_.instructions[labels_.labels[label].instruction], "a loop that uses no reductions leads here");
      if (mark == unseen) enter(label);
    }
    return std::nullopt;
  }

  void enter(uint32_t label) {
    marks_[label] = open;
    path_.push_back({label, successors(label)});
  }

  // Those of the block that begins at the label; where a receive goes round is kept apart.
  std::vector<uint32_t> successors(uint32_t label) {
    std::vector<uint32_t> found;
    for (size_t at = labels_.labels[label].instruction + 1; at < end_; at++) {
      const GenericInstruction& instruction = module_.instructions[at];
      auto values = instruction.operands;
      switch (instruction.opcode) {
        case Opcode::op_label: found.push_back(static_cast<uint32_t>(values[0].value())); return found;
        case Opcode::op_call: continue;
        case Opcode::op_wait_timeout: repeated_.push_back(values[0].index); continue;
        case Opcode::op_call_ext:
          if (always_raises(module_.imports[values[1].value()])) return found;
          continue;
        case Opcode::op_call_only:
        case Opcode::op_call_last:
        case Opcode::op_call_ext_only:
        case Opcode::op_call_ext_last:
        case Opcode::op_wait:
        case Opcode::op_loop_rec_end: repeated_.push_back(values[0].index); return found;
        case Opcode::op_apply_last:
        case Opcode::op_return:
        case Opcode::op_func_info:
        case Opcode::op_badmatch:
        case Opcode::op_badrecord:
        case Opcode::op_if_end:
        case Opcode::op_case_end:
        case Opcode::op_try_case_end:
        case Opcode::op_raise:
        case Opcode::op_raw_raise: return found;
        default: break;
      }
      for (const Operand& operand : values) {
        if (operand.is_label() && operand.index != 0) found.push_back(operand.index);
        if (operand.kind != OperandKind::list) continue;
        for (const Operand& item : operand.list())
          if (item.is_label() && item.index != 0) found.push_back(item.index);
      }
      if (instruction.opcode == Opcode::op_jump || instruction.opcode == Opcode::op_select_val ||
          instruction.opcode == Opcode::op_select_tuple_arity)
        return found;
    }
    return found;
  }

  const GenericModule& module_;
  const LabelTable& labels_;
  const size_t end_;
  std::unordered_map<uint32_t, Mark> marks_;
  std::vector<uint32_t> repeated_;  // labels to begin at
  std::vector<Step> path_;
};

}  // namespace

CheckResult order_labels(const GenericModule& module, const LabelTable& labels, const GenericFunction& function,
                         std::vector<uint32_t>& order) {
  return Ordering(module, labels, function).run(function.entry_label, order);
}

}  // namespace hanse
