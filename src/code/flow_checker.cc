// Second half of the checker: abstract execution of every function. A state says what is known at a place: which registers
// have been written, how large the frame is, which Y registers hold handlers. Where paths meet, only what both know is kept;
// if the frames differ nothing about them is known, and only raising is allowed from there. States only ever lose knowledge,
// so that following every edge until nothing changes ends.
#include <algorithm>
#include <array>
#include <bit>
#include <bitset>
#include <optional>
#include <utility>

#include "code/checker.h"
#include "code/checker_rules.h"
#include "code/code_reader.h"
#include "term/atom.h"

namespace hanse {

namespace {

constexpr int no_frame = -1;

struct State {
  std::bitset<register_limit> x;         // written
  std::bitset<register_limit> y;         // written
  std::bitset<register_limit> handlers;  // Y registers that hold a handler
  int frame = no_frame;                  // slots; if not exact, there may be more
  bool exact = true;
  bool complete = true;                  // if not exact: all slots are written, whatever their number
  bool reached = false;

  void set_frame(int slots) {
    frame = slots;
    y.reset();
    handlers.reset();
  }
  void keep_x_below(size_t count) { x &= ~std::bitset<register_limit>{} >> (register_limit - count); }
  bool all_written() const { return exact ? frame < 0 || y.count() == static_cast<size_t>(frame) : complete; }

  // False if nothing new is learnt.
  bool merge(const State& other) {
    if (!reached) {
      *this = other;
      reached = true;
      return true;
    }
    State before = *this;
    complete = all_written() && other.all_written();
    if (exact && (!other.exact || frame != other.frame || handlers != other.handlers)) {
      exact = false;
      y &= ~handlers;
      handlers.reset();
    }
    frame = std::min(frame, other.frame);
    y &= exact ? other.y : other.y & ~other.handlers;
    x &= other.x;
    return before.x != x || before.y != y || before.exact != exact || before.frame != frame ||
           (!exact && before.complete != complete);
  }
};

// Which operands an instruction reads, jumps to and writes, by the letters of operand_rules.def.
class OperandActions {
 public:
  // Numbers of operands: their places are the bits that are set.
  class Places {
   public:
    struct Iterator {
      uint32_t rest;
      size_t operator*() const { return static_cast<size_t>(std::countr_zero(rest)); }
      void operator++() { rest &= rest - 1; }
      bool operator!=(Iterator other) const { return rest != other.rest; }
    };
    Iterator begin() const { return {bits_}; }
    Iterator end() const { return {0}; }
    void add(size_t place) { bits_ |= uint32_t{1} << place; }

   private:
    uint32_t bits_ = 0;
  };
  OperandActions() = default;
  explicit OperandActions(Opcode opcode) {
    std::string_view rule = operand_rule(opcode);
    // These look for messages again: nothing new arrives at their labels.
    bool repeats = opcode == Opcode::op_wait || opcode == Opcode::op_wait_timeout || opcode == Opcode::op_loop_rec_end;
    for (size_t i = 0; i < rule.size(); i++) {
      char letter = rule[i];
      if (std::string_view("srmpt").contains(letter)) reads.add(i);
      if (!repeats && std::string_view("fjt").contains(letter)) jumps.add(i);
      if (std::string_view("dM").contains(letter)) writes.add(i);
      if (letter == 'L') live = i;
      if (letter == 'A') arity = i;
    }
  }
  Places reads, jumps, writes;
  std::optional<size_t> live, arity;
};

const OperandActions& actions_of(Opcode opcode) {
  static const auto table = [] {
    std::array<OperandActions, opcode_limit> all;
    for (size_t i = 0; i < all.size(); i++) all[i] = OperandActions(static_cast<Opcode>(i));
    return all;
  }();
  return table[static_cast<size_t>(opcode)];
}

// Real code needs little more than one step per instruction. Code made to need many more is refused.
uint64_t step_limit(const GenericModule& module) { return 64 * module.instructions.size() + 100000; }

class FlowChecker {
 public:
  FlowChecker(const GenericModule& module, const LabelTable& labels)
      : module_(module), labels_(labels), returning_(returning_functions(module, labels)), slots_(module.label_count, LabelTable::none), steps_left_(step_limit(module)) {}

  // What the compiler knows of arguments is not in the code: a guard that it has proven to succeed still has an edge for its
  // failure, on which the register of its result may be read although nothing wrote it. Such registers begin as [].
  CheckResult check_or_clear(GenericFunction& function) {
    for (;;) {
      unwritten_.reset();
      auto error = check(function);
      if (!error && (function.cleared_x.empty() || !entry_is_target_)) return std::nullopt;
      if (!error) return code_error(module_.instructions[function.first], "a jump to a function whose registers are cleared");
      if (!unwritten_ || !is_result_of_guard(function, *unwritten_)) return error;
      if (std::find(function.cleared_x.begin(), function.cleared_x.end(), *unwritten_) != function.cleared_x.end()) return error;
      function.cleared_x.push_back(*unwritten_);
      forget_labels(function);
    }
  }

  CheckResult check(const GenericFunction& function) {
    states_.clear();
    pending_.clear();
    State start;
    start.reached = true;
    for (uint32_t i = 0; i < function.arity; i++) start.x.set(i);
    for (uint32_t i : function.cleared_x) start.x.set(i);
    entry_label_ = function.entry_label;
    entry_is_target_ = false;
    arrive(function.entry_label, start);
    while (!pending_.empty()) {
      uint32_t label = pending_.back();
      pending_.pop_back();
      state_ = states_[slots_[label]];
      if (auto error = run(labels_.labels[label].instruction, function)) return error;
    }
    return std::nullopt;
  }

 private:
  std::span<const GenericInstruction> code_of(const GenericFunction& function) const {
    return std::span(module_.instructions).subspan(function.first, function.count);
  }
  void forget_labels(const GenericFunction& function) {
    for (const GenericInstruction& instruction : code_of(function))
      if (instruction.opcode == Opcode::op_label) slots_[instruction.operands[0].value()] = LabelTable::none;
  }
  bool is_result_of_guard(const GenericFunction& function, uint32_t x) const {
    for (const GenericInstruction& instruction : code_of(function)) {
      auto values = instruction.operands;
      switch (instruction.opcode) {
        case Opcode::op_bif1: case Opcode::op_bif2: case Opcode::op_gc_bif1: case Opcode::op_gc_bif2: case Opcode::op_gc_bif3:
          if (values.front().index != 0 && values.back().is_x() && values.back().index == x) return true;
          break;
        default: break;
      }
    }
    return false;
  }
  void arrive(uint32_t label, const State& state) {
    uint32_t& slot = slots_[label];
    if (label == entry_label_ && slot != LabelTable::none) entry_is_target_ = true;
    if (slot == LabelTable::none) {
      slot = static_cast<uint32_t>(states_.size());
      states_.emplace_back();
    }
    if (states_[slot].merge(state)) pending_.push_back(label);
  }
  CheckResult run(size_t at, const GenericFunction& function);
  CheckResult read(const GenericInstruction& instruction, const Operand& operand);
  CheckResult write(const GenericInstruction& instruction, const Operand& operand);
  CheckResult read_arguments(const GenericInstruction& instruction, size_t count);
  CheckResult collect(const GenericInstruction& instruction);
  CheckResult operands(const GenericInstruction& instruction);
  CheckResult list_operands(const GenericInstruction& instruction, std::span<const Operand> list);
  CheckResult frames(const GenericInstruction& instruction);
  CheckResult handlers(const GenericInstruction& instruction);
  CheckResult calls(const GenericInstruction& instruction);
  CheckResult others(const GenericInstruction& instruction, const GenericFunction& function);
  CheckResult after_call(const GenericInstruction& instruction);
  CheckResult leave(const GenericInstruction& instruction, int frame);

  const GenericModule& module_;
  const LabelTable& labels_;
  std::vector<bool> returning_;
  std::vector<uint32_t> slots_;  // label -> its state in states_; labels belong to one function
  std::vector<State> states_;    // of the reached labels of the current function
  uint64_t steps_left_;
  std::vector<uint32_t> pending_;
  State state_;
  std::optional<uint32_t> unwritten_;  // the X register that was read
  uint32_t entry_label_ = 0;
  bool entry_is_target_ = false;  // of a jump, not of calls alone
  bool ends_ = false;  // the instruction does not fall through
};

CheckResult FlowChecker::run(size_t at, const GenericFunction& function) {
  size_t end = function.first + function.count;
  for (at++;; at++) {
    if (at >= end) return code_error(module_.instructions[end - 1], "the function does not end here");
    const GenericInstruction& instruction = module_.instructions[at];
    if (steps_left_-- == 0) return code_error(instruction, "the code is too tangled to be checked");
    if (instruction.opcode == Opcode::op_label) {
      if (!heads_handler(module_, instruction)) arrive(static_cast<uint32_t>(instruction.operands[0].value()), state_);
      return std::nullopt;
    }
    ends_ = false;
    for (auto step : {&FlowChecker::operands, &FlowChecker::frames, &FlowChecker::handlers, &FlowChecker::calls})
      if (auto error = (this->*step)(instruction)) return error;
    if (auto error = others(instruction, function)) return error;
    if (ends_) return std::nullopt;
  }
}

CheckResult FlowChecker::read(const GenericInstruction& instruction, const Operand& operand) {
  if (operand.is_x() && !state_.x[operand.index]) {
    unwritten_ = operand.index;
    return code_error(instruction, fmt::format("register x({}) may not have been written", operand.index));
  }
  if (operand.is_y()) {
    if (static_cast<int>(operand.index) >= state_.frame)
      return code_error(instruction, fmt::format("register y({}) is outside of the frame", operand.index));
    if (!state_.y[operand.index] || state_.handlers[operand.index])
      return code_error(instruction, fmt::format("register y({}) may not have been written", operand.index));
  }
  return std::nullopt;
}

CheckResult FlowChecker::write(const GenericInstruction& instruction, const Operand& operand) {
  if (operand.is_x()) state_.x.set(operand.index);
  if (operand.is_y()) {
    if (static_cast<int>(operand.index) >= state_.frame)
      return code_error(instruction, fmt::format("register y({}) is outside of the frame", operand.index));
    if (state_.handlers[operand.index])
      return code_error(instruction, fmt::format("register y({}) holds a handler", operand.index));
    state_.y.set(operand.index);
  }
  return std::nullopt;
}

CheckResult FlowChecker::read_arguments(const GenericInstruction& instruction, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (!state_.x[i]) return code_error(instruction, fmt::format("register x({}) may not have been written", i));
  return std::nullopt;
}

// Heap and stack are walked here: every slot of the frame must hold a term.
CheckResult FlowChecker::collect(const GenericInstruction& instruction) {
  if (state_.all_written()) return std::nullopt;
  for (int i = 0; i < state_.frame; i++)
    if (!state_.y[static_cast<size_t>(i)]) return code_error(instruction, fmt::format("register y({}) may not have been written", i));
  return code_error(instruction, "a y register may not have been written");
}

// Reads, then edges to labels, then what the instruction writes, as the letters say.
CheckResult FlowChecker::operands(const GenericInstruction& instruction) {
  const OperandActions& actions = actions_of(instruction.opcode);
  auto values = instruction.operands;
  for (size_t i : actions.reads)
    if (auto error = read(instruction, values[i])) return error;
  if (!values.empty() && values.back().kind == OperandKind::list)
    if (auto error = list_operands(instruction, values.back().list())) return error;
  if (actions.live) {
    size_t live = values[*actions.live].value();
    if (auto error = read_arguments(instruction, live)) return error;
    if (auto error = collect(instruction)) return error;
    state_.keep_x_below(live);
  }
  for (size_t i : actions.jumps)
    if (values[i].is_label() && values[i].index != 0) arrive(values[i].index, state_);
  for (size_t i : actions.writes)
    if (auto error = write(instruction, values[i])) return error;
  if (instruction.opcode == Opcode::op_get_map_elements) {
    auto list = values.back().list();
    for (size_t i = 1; i < list.size(); i += 2)
      if (auto error = write(instruction, list[i])) return error;
  }
  return std::nullopt;
}

CheckResult FlowChecker::list_operands(const GenericInstruction& instruction, std::span<const Operand> list) {
  switch (instruction.opcode) {
    case Opcode::op_select_val:
    case Opcode::op_select_tuple_arity:
      for (size_t i = 1; i < list.size(); i += 2) arrive(list[i].index, state_);
      ends_ = true;
      return std::nullopt;
    case Opcode::op_init_yregs:
      for (const Operand& operand : list)
        if (auto error = write(instruction, operand)) return error;
      return std::nullopt;
    case Opcode::op_get_map_elements:
      for (size_t i = 0; i < list.size(); i += 2)
        if (auto error = read(instruction, list[i])) return error;
      return std::nullopt;
    default:
      for (const Operand& operand : list)
        if (auto error = read(instruction, operand)) return error;
      return std::nullopt;
  }
}

CheckResult FlowChecker::frames(const GenericInstruction& instruction) {
  auto values = instruction.operands;
  switch (instruction.opcode) {
    case Opcode::op_allocate:
    case Opcode::op_allocate_heap:
    case Opcode::op_allocate_zero:
    case Opcode::op_allocate_heap_zero:
      if (state_.frame != no_frame || !state_.exact) return code_error(instruction, "there is a frame already");
      state_.set_frame(static_cast<int>(values[0].value()));
      if (instruction.opcode == Opcode::op_allocate_zero || instruction.opcode == Opcode::op_allocate_heap_zero)
        for (int i = 0; i < state_.frame; i++) state_.y.set(static_cast<size_t>(i));
      return std::nullopt;
    case Opcode::op_deallocate:
      if (auto error = leave(instruction, static_cast<int>(values[0].value()))) return error;
      state_.set_frame(no_frame);
      return std::nullopt;
    case Opcode::op_trim: {
      uint64_t drop = values[0].value(), remain = values[1].value();
      if (auto error = leave(instruction, static_cast<int>(drop + remain))) return error;
      state_.y >>= drop;
      state_.frame = static_cast<int>(remain);
      return std::nullopt;
    }
    case Opcode::op_init: return write(instruction, values[0]);
    case Opcode::op_return:
      ends_ = true;
      if (state_.frame != no_frame || !state_.exact) return code_error(instruction, "there is a frame still");
      return read_arguments(instruction, 1);
    default: return std::nullopt;
  }
}

// The frame is dropped or moved: it must be known, and no handler in it.
CheckResult FlowChecker::leave(const GenericInstruction& instruction, int frame) {
  if (state_.frame != frame || !state_.exact) return code_error(instruction, fmt::format("the frame does not have {} slots", frame));
  if (state_.handlers.any()) return code_error(instruction, "a handler is in the frame still");
  return std::nullopt;
}

CheckResult FlowChecker::handlers(const GenericInstruction& instruction) {
  auto holds_handler = [&]() -> CheckResult {
    const Operand& y = instruction.operands[0];
    if (static_cast<int>(y.index) >= state_.frame || !state_.exact || !state_.handlers[y.index])
      return code_error(instruction, fmt::format("register y({}) holds no handler", y.index));
    state_.handlers.reset(y.index);  // the engine leaves [] in it
    return std::nullopt;
  };
  switch (instruction.opcode) {
    case Opcode::op_catch:
    case Opcode::op_try: {
      if (!state_.exact) return code_error(instruction, "the frame is not known");
      if (auto error = write(instruction, instruction.operands[0])) return error;
      if (auto error = collect(instruction)) return error;
      state_.handlers.set(instruction.operands[0].index);
      State handler = state_;
      handler.x.reset();
      for (size_t i = 0; i < 3; i++) handler.x.set(i);
      arrive(instruction.operands[1].index, handler);
      return std::nullopt;
    }
    case Opcode::op_try_end: return holds_handler();
    case Opcode::op_try_case: return holds_handler();
    case Opcode::op_catch_end:
      if (auto error = read_arguments(instruction, 1)) return error;
      state_.x.reset();
      state_.x.set(0);
      return holds_handler();
    default: return std::nullopt;
  }
}

// A call has returned: only x0 is known.
CheckResult FlowChecker::after_call(const GenericInstruction& instruction) {
  if (state_.frame < 0 || !state_.exact) return code_error(instruction, "a call without a frame");
  if (auto error = collect(instruction)) return error;
  state_.x.reset();
  state_.x.set(0);
  return std::nullopt;
}

CheckResult FlowChecker::calls(const GenericInstruction& instruction) {
  auto values = instruction.operands;
  size_t arity = 0;
  if (auto place = actions_of(instruction.opcode).arity) arity = values[*place].value();
  auto tail = [&](int frame) -> CheckResult {
    ends_ = true;
    return leave(instruction, frame);
  };
  auto slots = [](const Operand& operand) { return static_cast<int>(operand.value()); };
  switch (instruction.opcode) {
    case Opcode::op_call_fun: arity += 1; break;
    case Opcode::op_apply:
    case Opcode::op_apply_last: arity += 2; break;
    case Opcode::op_make_fun2: arity = module_.lambdas[values[0].value()].free_count; break;
    case Opcode::op_bs_init_writable: arity = 1; break;
    case Opcode::op_send: arity = 2; break;
    default: break;
  }
  if (auto error = read_arguments(instruction, arity)) return error;
  switch (instruction.opcode) {
    case Opcode::op_call_ext:
      if (always_raises(module_.imports[values[1].value()])) {
        ends_ = true;
        return std::nullopt;
      }
      return after_call(instruction);
    case Opcode::op_call:
      if (!returning_[labels_.labels[values[1].index].function]) {
        if (state_.frame < 0 || !state_.exact) return code_error(instruction, "a call without a frame");
        ends_ = true;
        return collect(instruction);
      }
      return after_call(instruction);
    case Opcode::op_call_fun:
    case Opcode::op_call_fun2:
    case Opcode::op_apply: return after_call(instruction);
    case Opcode::op_make_fun2:
    case Opcode::op_bs_init_writable:
    case Opcode::op_send:
      if (auto error = collect(instruction)) return error;
      state_.x.reset();
      state_.x.set(0);
      return std::nullopt;
    case Opcode::op_call_ext_only:
      if (always_raises(module_.imports[values[1].value()])) {
        ends_ = true;
        return std::nullopt;
      }
      return tail(no_frame);
    case Opcode::op_call_only: return tail(no_frame);
    case Opcode::op_call_last: return tail(slots(values[2]));
    case Opcode::op_call_ext_last:
      // The compiler may get the frame wrong where it cannot matter; the emitter makes a call_ext of these.
      if (always_raises(module_.imports[values[1].value()])) {
        ends_ = true;
        return std::nullopt;
      }
      return tail(slots(values[2]));
    case Opcode::op_apply_last: return tail(slots(values[1]));
    default: return std::nullopt;
  }
}

CheckResult FlowChecker::others(const GenericInstruction& instruction, const GenericFunction& function) {
  auto values = instruction.operands;
  switch (instruction.opcode) {
    case Opcode::op_func_info:
      ends_ = true;
      return read_arguments(instruction, function.arity);
    case Opcode::op_wait:
    case Opcode::op_wait_timeout:
    case Opcode::op_loop_rec_end:
      if (auto error = collect(instruction)) return error;
      state_.x.reset();
      if (!waits_on_itself(module_, labels_, instruction)) arrive(values[0].index, state_);
      ends_ = instruction.opcode != Opcode::op_wait_timeout;
      return std::nullopt;
    case Opcode::op_jump:
    case Opcode::op_badmatch:
    case Opcode::op_badrecord:
    case Opcode::op_if_end:
    case Opcode::op_case_end:
    case Opcode::op_try_case_end:
    case Opcode::op_raise: ends_ = true; return std::nullopt;
    case Opcode::op_build_stacktrace: return read_arguments(instruction, 1);
    case Opcode::op_raw_raise: return read_arguments(instruction, 3);
    default: return std::nullopt;
  }
}

}  // namespace

bool waits_on_itself(const GenericModule& module, const LabelTable& labels, const GenericInstruction& instruction) {
  if (instruction.opcode != Opcode::op_wait_timeout) return false;
  size_t at = static_cast<size_t>(&instruction - module.instructions.data());
  return labels.labels[instruction.operands[0].index].instruction == at - 1;
}

CheckResult check_flow(GenericModule& module, const LabelTable& labels) {
  FlowChecker checker(module, labels);
  for (GenericFunction& function : module.functions)
    if (auto error = checker.check_or_clear(function)) return error;
  return std::nullopt;
}

}  // namespace hanse
