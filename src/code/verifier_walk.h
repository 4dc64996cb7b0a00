// The verifier's walk over the code: an abstract execution like the checker's (flow_checker.cc), which has found operands, labels
// and frames in order. States meet at labels; a label is looked at again when something that was known there is lost. Functions
// that are called with a match context for an argument are looked at again with that. Internal to the verifier.
#pragma once

#include <deque>
#include <set>

#include "code/emitter_fusion.h"
#include "code/verifier.h"
#include "code/verifier_state.h"

namespace hanse {

class Verifier {
 public:
  Verifier(GenericModule& module, const LabelTable& labels);
  CheckResult run();

 private:
  using Instruction = GenericInstruction;
  struct Rule;
  static const Rule& rule_of(Opcode opcode);

  // --- verifier.cc: the walk ---
  CheckResult verify(uint32_t function);
  CheckResult run_block(uint32_t label);
  CheckResult step(const Instruction& instruction);
  CheckResult check_state(const Instruction& instruction);
  CheckResult reads(const Instruction& instruction, const Rule& rule);
  CheckResult read(const Instruction& instruction, const Operand& operand, char need);
  CheckResult read_type(const Instruction& instruction, const Operand& operand, uint16_t type, uint32_t detail);
  CheckResult read_x(const Instruction& instruction, size_t count);
  CheckResult effects(const Instruction& instruction, const Rule& rule);
  CheckResult collects(const Instruction& instruction);
  void raises();
  CheckResult write(const Instruction& instruction, const Operand& operand, Value value);
  CheckResult take_room(const Instruction& instruction, uint64_t words);
  CheckResult boundary(const Instruction& instruction);
  void arrive(uint32_t label, const State& state);
  void meet(uint32_t label, const State& state);
  void raise_from(const State& state);
  void branch(const Instruction& instruction);
  CheckResult never_right() const;
  BeamError error(const Instruction& instruction, std::string_view reason) const;
  size_t index_of(const Instruction& instruction) const { return static_cast<size_t>(&instruction - module_.instructions.data()); }

  // --- verifier_special.cc: what only some instructions do ---
  CheckResult limits(const Instruction& instruction);
  CheckResult list_reads(const Instruction& instruction);
  CheckResult special(const Instruction& instruction);
  CheckResult calls(const Instruction& instruction);
  CheckResult arguments(const Instruction& instruction, size_t count, uint32_t callee);
  CheckResult frames(const Instruction& instruction);
  CheckResult handlers(const Instruction& instruction);
  CheckResult receives(const Instruction& instruction);
  CheckResult tests(const Instruction& instruction);
  CheckResult data(const Instruction& instruction);
  CheckResult set_element(const Instruction& instruction);
  CheckResult bits(const Instruction& instruction);
  CheckResult start_match(const Instruction& instruction, const Operand& source, const Operand& destination);
  CheckResult map_elements(const Instruction& instruction);
  void select(const Instruction& instruction);

  GenericModule& module_;
  const LabelTable& labels_;
  const std::vector<bool> returning_;
  std::vector<std::bitset<256>> contexts_;  // of each function: arguments that are match contexts in some local call
  std::set<uint32_t> functions_;            // to be looked at (again)
  std::vector<bool> possible_;              // of each unproven instruction: its operand may be right
  uint64_t steps_left_;

  // --- of one function ---
  uint32_t function_ = 0;
  std::vector<uint32_t> slots_;             // label -> its state; labels belong to one function
  std::vector<uint32_t> order_;             // label -> its place in the order
  std::deque<State> states_;
  size_t values_ = 0;                       // in all of them
  std::set<std::pair<uint32_t, uint32_t>> pending_;  // place in the order, label
  std::vector<State> raised_;  // exceptions that still have to arrive at their handlers
  State state_;
  bool fragile_ = false;  // an operand of the instruction was a part of a message
  bool ends_ = false;     // the instruction does not fall through
};

}  // namespace hanse
