#include "code/verifier.h"

#include <algorithm>
#include <array>

#include "code/checker.h"
#include "code/verifier_walk.h"
#include "term/atom.h"
#include "term/term.h"

namespace hanse {

struct Verifier::Rule {
  std::string_view operands, effects;
  bool known = false;
  std::optional<size_t> live{};  // operand that counts live registers
  bool does(char effect) const { return effects.contains(effect); }
};

const Verifier::Rule& Verifier::rule_of(Opcode opcode) {
  static const auto rules = [] {
    std::array<Rule, opcode_limit> table{};
#define VERIFY(name, operands, effects) table[static_cast<size_t>(Opcode::op_##name)] = {operands, effects, true};
#include "code/verifier_rules.def"
#undef VERIFY
    for (size_t i = 0; i < table.size(); i++)
      if (size_t live = operand_rule(static_cast<Opcode>(i)).find('L'); live != std::string_view::npos) table[i].live = live;
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
#define VERIFY(name, operands, effects) \
  if (std::string_view(operands).size() != arities[static_cast<size_t>(Opcode::op_##name)]) return false;
#include "code/verifier_rules.def"
#undef VERIFY
  return true;
}
static_assert(rules_have_the_right_length(), "verifier_rules.def has one letter per operand");

// Real code needs little more than one step per instruction, and a few thousand values.
constexpr uint64_t steps_per_instruction = 64, spare_steps = 100000;
constexpr size_t value_limit = size_t{1} << 22;

std::string register_name(const Operand& operand) { return fmt::format("{}({})", operand.is_x() ? 'x' : 'y', operand.index); }

std::string_view description(Content content) {
  switch (content) {
    case Content::unset: return "may not have been written";
    case Content::opaque: return "may hold different kinds of things";
    case Content::context: return "holds a match context";
    case Content::term_or_context: return "may hold a match context";
    case Content::raw_trace: return "holds a raw stack trace";
    case Content::exception:
    case Content::exception_or_term: return "may hold an exception";
    case Content::handler: return "holds a handler";
    case Content::position: return "holds a position";
    case Content::term: return "holds a term";
  }
  return "";
}

}  // namespace

Verifier::Verifier(GenericModule& module, const LabelTable& labels)
    : module_(module),
      labels_(labels),
      returning_(returning_functions(module, labels)),
      contexts_(module.functions.size()),
      possible_(module.instructions.size()),
      steps_left_(steps_per_instruction * module.instructions.size() + spare_steps),
      slots_(module.label_count, LabelTable::none),
      order_(module.label_count, LabelTable::none) {
  module.unproven.assign(module.instructions.size(), false);
  module.cleared_frames.assign(module.functions.size(), false);
}

BeamError Verifier::error(const Instruction& instruction, std::string_view reason) const {
  const GenericFunction& function = module_.functions[function_];
  return {"Code", instruction.offset,
          fmt::format("function {}/{}, instruction {}: {}: {}", atom_name(function.name), function.arity,
                      index_of(instruction) - function.first, opcode_name(instruction.opcode), reason)};
}

CheckResult Verifier::run() {
  if (module_.has_on_load) return BeamError{"Code", 0, "code that is not trusted cannot have a function that runs when it is loaded"};
  for (uint32_t i = 0; i < module_.functions.size(); i++) functions_.insert(i);
  while (!functions_.empty()) {
    uint32_t function = *functions_.begin();
    functions_.erase(functions_.begin());
    if (auto failed = verify(function)) return failed;
  }
  return never_right();
}

// What was right on no path at all is no code of a compiler.
CheckResult Verifier::never_right() const {
  for (size_t i = 0; i < module_.instructions.size(); i++) {
    if (!module_.unproven[i] || possible_[i]) continue;
    const Instruction& instruction = module_.instructions[i];
    return code_error(instruction, "its operand can never be of the type that is needed");
  }
  return std::nullopt;
}

CheckResult Verifier::verify(uint32_t function) {
  function_ = function;
  const GenericFunction& body = module_.functions[function];
  states_.clear();
  values_ = 0;
  std::vector<uint32_t> order;
  if (auto failed = order_labels(module_, labels_, body, order)) return failed;
  for (uint32_t i = 0; i < order.size(); i++) {
    order_[order[i]] = i;
    slots_[order[i]] = LabelTable::none;
  }
  State start;
  for (uint32_t i = 0; i < body.arity; i++)
    start.set_x(i, contexts_[function][i] ? Value{.content = Content::term_or_context} : Value::term());
  for (uint32_t i : body.cleared_x) start.set_x(i, Value::constant(Term::nil()));
  arrive(body.entry_label, start);
  while (!pending_.empty()) {
    uint32_t label = pending_.begin()->second;
    pending_.erase(pending_.begin());
    if (auto failed = run_block(label)) return failed;
  }
  return std::nullopt;
}

CheckResult Verifier::run_block(uint32_t label) {
  state_ = states_[slots_[label]];
  for (size_t at = labels_.labels[label].instruction + 1;; at++) {
    const Instruction& instruction = module_.instructions[at];
    uint64_t cost = 1 + (instruction.opcode == Opcode::op_label ? (state_.x.size() + state_.y.size()) / 8 : 0);
    if (steps_left_ < cost || values_ > value_limit) return error(instruction, "the code is too tangled to be verified");
    steps_left_ -= cost;
    if (instruction.opcode == Opcode::op_label) {
      if (!heads_handler(module_, instruction)) arrive(static_cast<uint32_t>(instruction.operands[0].value()), state_);
      return std::nullopt;
    }
    ends_ = false;
    if (auto failed = step(instruction)) return failed;
    if (ends_) return std::nullopt;
  }
}

// --- edges ---

void Verifier::arrive(uint32_t label, const State& state) {
  meet(label, state);
  while (!raised_.empty()) {
    State raised = std::move(raised_.back());
    raised_.pop_back();
    meet(raised.y[static_cast<size_t>(raised.handler())].detail, raised);
  }
}

void Verifier::meet(uint32_t label, const State& state) {
  uint32_t& slot = slots_[label];
  if (slot == LabelTable::none) {
    slot = static_cast<uint32_t>(states_.size());
    states_.emplace_back();
  }
  State& known = states_[slot];
  uint64_t cost = (state.x.size() + state.y.size()) / 8;
  steps_left_ -= std::min(steps_left_, cost);
  // Where the handlers are not known any more, an exception goes to one of those that were, and finds the frame as it is now:
  // nothing is written to it from there on.
  bool loses_handlers = known.reached && !known.agrees_on_handlers(state);
  if (loses_handlers)
    for (const State* one : {static_cast<const State*>(&known), &state})
      if (int handler = one->handler(); handler >= 0 && one->y[static_cast<size_t>(handler)].detail != label) raise_from(*one);
  size_t values = known.x.size() + known.y.size();
  bool changed = known.merge(state, label);
  values_ += known.x.size() + known.y.size() - values;
  if (changed) pending_.insert({order_[label], label});
}

void Verifier::raise_from(const State& state) {
  State& raised = raised_.emplace_back(state);
  raised.keep_only({Value{.content = Content::exception}});
  raised.room = 0;
}

void Verifier::branch(const Instruction& instruction) {
  std::string_view letters = operand_rule(instruction.opcode);
  for (size_t i = 0; i < letters.size(); i++) {
    const Operand& operand = instruction.operands[i];
    if (std::string_view("fj").contains(letters[i]) && operand.is_label() && operand.index != 0) arrive(operand.index, state_);
  }
}

// The stack is searched for a handler: every slot must hold something. The compiler knows of calls that they cannot fail; where
// that is not known here, frames are cleared when they are made.
void Verifier::raises() {
  if (!state_.all_written()) module_.cleared_frames[function_] = true;
  int slot = state_.handler();
  if (slot < 0) return;
  raise_from(state_);
  State raised = std::move(raised_.back());
  raised_.pop_back();
  arrive(raised.y[static_cast<size_t>(slot)].detail, raised);
}

// --- operands ---

CheckResult Verifier::read(const Instruction& instruction, const Operand& operand, char need) {
  bool is_constant = operand.is_constant();
  if (!is_constant && !operand.is_register()) return std::nullopt;  // the checker knows what else may stand here
  Value value = is_constant ? Value::constant(operand.term()) : state_.at(operand);
  auto refuse = [&](std::string_view what) -> CheckResult {
    return error(instruction, is_constant ? fmt::format("a constant is {}", what) : fmt::format("register {} {}", register_name(operand), what));
  };
  const Rule& rule = rule_of(instruction.opcode);
  if (operand.is_x() && rule.does('g') && rule.live && operand.index >= instruction.operands[*rule.live].value())
    return refuse("is lost when memory is collected");
  if (need == 'v') {
    bool movable = value.content != Content::unset && value.content != Content::opaque && value.content != Content::handler;
    return movable ? std::nullopt : refuse(description(value.content));
  }
  if (need == 'c' || need == 'w') {
    Content wanted = need == 'c' ? Content::context : Content::raw_trace;
    fragile_ |= value.fragile;
    if (value.content == wanted) return std::nullopt;
    return refuse(need == 'c' ? "is no match context" : "is no raw stack trace");
  }
  if (!value.is_term()) return refuse(description(value.content));
  if (value.fragile && need == 'k') return refuse("holds a part of a message that is still in the mailbox");
  fragile_ |= value.fragile;
  switch (need) {
    case 'l': return read_type(instruction, operand, type_cons, 0);
    case 'm': return read_type(instruction, operand, type_map, 0);
    case 'f': return read_type(instruction, operand, type_float, 0);
    case 'u': {
      size_t place = instruction.opcode == Opcode::op_set_tuple_element ? 2 : 1;
      return read_type(instruction, operand, type_tuple, static_cast<uint32_t>(instruction.operands[place].value()) + 1);
    }
    default: return std::nullopt;
  }
}

// What cannot be shown is looked at when the instruction runs (emitter.cc), and known from then on.
CheckResult Verifier::read_type(const Instruction& instruction, const Operand& operand, uint16_t type, uint32_t detail) {
  Value value = operand.is_constant() ? Value::constant(operand.term()) : state_.at(operand);
  uint16_t types = value.content == Content::position ? uint16_t{type_integer} : value.types;
  if (types == type && value.detail >= detail) return std::nullopt;
  if (operand.is_constant()) return error(instruction, "a constant is of another type than what is needed");
  size_t at = index_of(instruction);
  module_.unproven[at] = true;
  if ((types & type) != 0) possible_[at] = true;
  bool jumps = type == type_map || instruction.opcode == Opcode::op_test_arity;
  if (!jumps) {
    raises();
    state_.refine(operand, type, detail);
  }
  return std::nullopt;
}

CheckResult Verifier::read_x(const Instruction& instruction, size_t count) {
  for (uint32_t i = 0; i < count; i++)
    if (auto failed = read(instruction, {.kind = OperandKind::x, .index = i, .number = 0}, 'k')) return failed;
  return std::nullopt;
}

CheckResult Verifier::write(const Instruction& instruction, const Operand& operand, Value value) {
  if (operand.is_y() && !state_.exact) return error(instruction, "a y register is written where the handlers are not known");
  state_.set(operand, value);
  return std::nullopt;
}

CheckResult Verifier::take_room(const Instruction& instruction, uint64_t words) {
  if (state_.room < words) return error(instruction, fmt::format("{} words are needed on the heap, there is room for {}", words, state_.room));
  state_.room -= words;
  return std::nullopt;
}

CheckResult Verifier::reads(const Instruction& instruction, const Rule& rule) {
  bool keeps = rule.does('R') || (rule.does('r') && instruction.operands[0].index == 0);
  for (size_t i = 0; i < rule.operands.size(); i++) {
    char letter = rule.operands[i];
    const Operand& operand = instruction.operands[i];
    if (letter == 'F' && !state_.floats[operand.index]) return error(instruction, fmt::format("float register {} may not have been written", operand.index));
    if (!std::string_view("tkvclumfw").contains(letter)) continue;
    // The operands of what raises are kept in the exception.
    if (auto failed = read(instruction, operand, letter == 't' && keeps ? 'k' : letter)) return failed;
  }
  return list_reads(instruction);
}

// --- effects ---

CheckResult Verifier::collects(const Instruction& instruction) {
  const Rule& rule = rule_of(instruction.opcode);
  size_t live = instruction.operands[*rule.live].value();
  for (size_t i = 0; i < live; i++) {
    Content content = state_.at_x(i).content;
    if (content == Content::unset || content == Content::exception || content == Content::exception_or_term)
      return error(instruction, fmt::format("register x({}) {}", i, description(content)));
  }
  if (!state_.all_written()) return error(instruction, "memory may be collected, and a y register may not have been written");
  if (state_.x.size() > live) state_.x.resize(live);
  return std::nullopt;
}

// The mailbox changes, or others use it: no part of its messages may be left.
CheckResult Verifier::boundary(const Instruction& instruction) {
  for (size_t i = 0; i < state_.y.size(); i++)
    if (state_.y[i].fragile)
      return error(instruction, fmt::format("register y({}) holds a part of a message that is still in the mailbox", i));
  for (Value& value : state_.x)
    if (value.fragile) value = {};
  state_.present = false;
  return std::nullopt;
}

CheckResult Verifier::effects(const Instruction& instruction, const Rule& rule) {
  if (rule.does('b'))
    if (auto failed = boundary(instruction)) return failed;
  if (rule.does('g'))
    if (auto failed = collects(instruction)) return failed;
  if (rule.does('a')) state_.room = 0;
  if (rule.does('R') || (rule.does('r') && instruction.operands[0].index == 0)) raises();
  return std::nullopt;
}

CheckResult Verifier::check_state(const Instruction& instruction) {
  Opcode opcode = instruction.opcode;
  Content x0 = state_.at_x(0).content;
  bool takes = opcode == Opcode::op_line || opcode == Opcode::op_try_case || opcode == Opcode::op_catch_end;
  if ((x0 == Content::exception || x0 == Content::exception_or_term) && !takes)
    return error(instruction, "try_case or catch_end expected: an exception may have led here");
  if (!state_.present && (opcode == Opcode::op_remove_message || opcode == Opcode::op_loop_rec_end))
    return error(instruction, "no message has been looked at");
  bool keeps_fresh = opcode == Opcode::op_line || opcode == Opcode::op_move || opcode == Opcode::op_get_tuple_element ||
                     opcode == Opcode::op_set_tuple_element;
  if (!keeps_fresh) state_.fresh = false;
  return std::nullopt;
}

CheckResult Verifier::step(const Instruction& instruction) {
  const Rule& rule = rule_of(instruction.opcode);
  if (!rule.known) return error(instruction, "is not accepted in code that is not trusted");
  fragile_ = false;
  if (auto failed = check_state(instruction)) return failed;
  if (auto failed = limits(instruction)) return failed;
  if (auto failed = reads(instruction, rule)) return failed;
  if (auto failed = effects(instruction, rule)) return failed;
  bool is_special = rule.does('s');
  if (!is_special) {
    uint64_t room = state_.room;
    if (rule.does('f')) state_.room = 0;
    branch(instruction);
    state_.room = room;
  }
  for (size_t i = 0; i < rule.operands.size(); i++) {
    char letter = rule.operands[i];
    const Operand& operand = instruction.operands[i];
    if (letter == 'G') state_.floats.set(operand.index);
    if ((letter != 'o' && letter != 'n') || is_special) continue;
    Value value = Value::term();
    value.fragile = letter == 'o' && fragile_;
    if (auto failed = write(instruction, operand, value)) return failed;
  }
  if (rule.does('!')) ends_ = true;
  return is_special ? special(instruction) : std::nullopt;
}

CheckResult verify_module(GenericModule& module, const LabelTable& labels) { return Verifier(module, labels).run(); }

}  // namespace hanse
