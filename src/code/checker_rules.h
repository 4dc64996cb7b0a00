// Tables and errors shared by the two halves of the checker. Internal to it.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string_view>

#include "code/beam_error.h"
#include "code/generic_code.h"

namespace hanse {

// Letters of operand_rules.def; empty data(): refused.
std::string_view operand_rule(Opcode opcode);

using CheckResult = std::optional<BeamError>;
inline CheckResult code_error(const GenericInstruction& instruction, std::string_view reason) {
  return BeamError{"Code", instruction.offset, fmt::format("{}: {}", opcode_name(instruction.opcode), reason)};
}

// Where things are; made by the first half, used by the second.
struct LabelTable {
  static constexpr uint32_t none = ~uint32_t{0};
  struct Place {
    uint32_t instruction = none;  // index of the label instruction; none: not defined
    uint32_t function = none;     // index of the function that contains it
  };
  std::vector<Place> labels;
  // The function whose entry is `label`, or nullptr.
  const GenericFunction* entered_by(const GenericModule& module, uint64_t label) const {
    if (label >= labels.size() || labels[label].function == none) return nullptr;
    const GenericFunction& function = module.functions[labels[label].function];
    return function.entry_label == label ? &function : nullptr;
  }
};

// A wait_timeout right behind its own label is a `receive after`: woken by a message it goes back to sleep, and does not
// read its operand again.
bool waits_on_itself(const GenericModule& module, const LabelTable& labels, const GenericInstruction& instruction);

// erlang:error/1 and its like: no code follows their calls.
bool always_raises(const GenericImport& import);
// For each function, whether it may return (returning.cc).
std::vector<bool> returning_functions(const GenericModule& module, const LabelTable& labels);

// Registers and frames along all paths of all functions (flow_checker.cc).
CheckResult check_flow(GenericModule& module, const LabelTable& labels);

}  // namespace hanse
