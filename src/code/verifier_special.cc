// What only some instructions need or do. The letters of verifier_rules.def have been looked after.
#include <algorithm>

#include "code/checker.h"
#include "code/verifier_walk.h"
#include "term/atom.h"
#include "term/term.h"

namespace hanse {

namespace {

constexpr uint64_t arity_limit = (1 << 24) - 1, bits_limit = 1 << 24, unit_limit = 256;

// Types that a test lets pass, and whether all of these types pass it.
struct TypeTest {
  Opcode opcode;
  uint16_t types;
  bool all;
};
constexpr TypeTest type_tests[] = {
    {Opcode::op_is_integer, type_integer, true},  {Opcode::op_is_float, type_float, true},
    {Opcode::op_is_number, type_integer | type_float, true}, {Opcode::op_is_atom, type_other, false},
    {Opcode::op_is_pid, type_other, false},       {Opcode::op_is_reference, type_other, false},
    {Opcode::op_is_port, type_other, false},      {Opcode::op_is_nil, type_nil, true},
    {Opcode::op_is_binary, type_bits, false},     {Opcode::op_is_bitstr, type_bits, true},
    {Opcode::op_is_list, type_cons | type_nil, true}, {Opcode::op_is_nonempty_list, type_cons, true},
    {Opcode::op_is_tuple, type_tuple, true},      {Opcode::op_is_boolean, type_other, false},
    {Opcode::op_is_function, type_other, false},  {Opcode::op_is_map, type_map, true},
};

Operand x_register(uint32_t index) { return {.kind = OperandKind::x, .index = index, .number = 0}; }

// Built-in functions that compilers call with `bif`: they build nothing unless they fail.
bool builds_nothing(const GenericImport& import) {
  static constexpr std::string_view names[] = {
      "/=", "<", "=/=", "=:=", "=<", "==", ">", ">=", "and", "element", "get", "hd", "is_atom", "is_binary", "is_bitstring", "is_boolean",
      "is_float", "is_function", "is_integer", "is_list", "is_map", "is_map_key", "is_number", "is_pid", "is_port", "is_reference",
      "is_tuple", "map_get", "node", "not", "or", "self", "tl", "tuple_size", "xor"};
  return import.module == am::erlang && std::ranges::binary_search(names, std::string_view(atom_name(import.function)));
}

bool is_setelement(const GenericImport& import) {
  return import.module == am::erlang && import.arity == 3 && atom_name(import.function) == "setelement";
}

}  // namespace

// Numbers that would be cut to what a word of code holds, or divide by zero.
CheckResult Verifier::limits(const Instruction& instruction) {
  auto o = instruction.operands;
  auto within = [&](size_t operand, uint64_t least, uint64_t most) -> CheckResult {
    uint64_t value = o[operand].value();
    if (value >= least && value <= most) return std::nullopt;
    return error(instruction, fmt::format("operand {} is out of range, {} to {}", operand + 1, least, most));
  };
  switch (instruction.opcode) {
    case Opcode::op_bif0:
    case Opcode::op_bif1:
    case Opcode::op_bif2:
      if (!builds_nothing(module_.imports[o[instruction.opcode == Opcode::op_bif0 ? 0 : 1].value()]))
        return error(instruction, "a function that builds nothing expected");
      return std::nullopt;
    case Opcode::op_test_arity: return within(2, 0, arity_limit);
    case Opcode::op_is_tagged_tuple: return within(2, 1, arity_limit);
    case Opcode::op_bs_get_integer2:
    case Opcode::op_bs_get_float2:
    case Opcode::op_bs_get_binary2: return within(4, 1, unit_limit);
    case Opcode::op_bs_skip_bits2: return within(3, 1, unit_limit);
    case Opcode::op_bs_test_unit: return within(2, 1, unit_limit);
    case Opcode::op_bs_match_string: return within(2, 0, bits_limit);
    default: return std::nullopt;
  }
}

CheckResult Verifier::list_reads(const Instruction& instruction) {
  if (instruction.operands.empty() || instruction.operands.back().kind != OperandKind::list) return std::nullopt;
  auto list = instruction.operands.back().list();
  auto each = [&](size_t step, char need) -> CheckResult {
    for (size_t i = 0; i < list.size(); i += step)
      if (auto failed = read(instruction, list[i], need)) return failed;
    return std::nullopt;
  };
  switch (instruction.opcode) {
    case Opcode::op_put_tuple2: return each(1, 't');
    case Opcode::op_make_fun3:
    case Opcode::op_put_map_assoc:
    case Opcode::op_put_map_exact: return each(1, 'k');
    case Opcode::op_has_map_fields: return each(1, 't');
    case Opcode::op_get_map_elements: return each(2, 't');
    case Opcode::op_bs_create_bin:
      for (size_t i = 0; i + 5 < list.size(); i += 6) {
        Term type = list[i].term();
        bool has_unit = type == am::binary || type == am::append || type == am::private_append;
        if (has_unit && list[i + 2].value() == 0) return error(instruction, "a unit of at least 1 expected");
        for (size_t k : {i + 4, i + 5})
          if (auto failed = read(instruction, list[k], 'k')) return failed;
      }
      return std::nullopt;
    default: return std::nullopt;
  }
}

CheckResult Verifier::special(const Instruction& instruction) {
  switch (instruction.opcode) {
    case Opcode::op_func_info: return read_x(instruction, module_.functions[function_].arity);
    case Opcode::op_call:
    case Opcode::op_call_last:
    case Opcode::op_call_only:
    case Opcode::op_call_ext:
    case Opcode::op_call_ext_last:
    case Opcode::op_call_ext_only:
    case Opcode::op_call_fun:
    case Opcode::op_call_fun2:
    case Opcode::op_apply:
    case Opcode::op_apply_last:
    case Opcode::op_send:
    case Opcode::op_return: return calls(instruction);
    case Opcode::op_allocate:
    case Opcode::op_allocate_zero:
    case Opcode::op_allocate_heap:
    case Opcode::op_allocate_heap_zero:
    case Opcode::op_test_heap:
    case Opcode::op_init:
    case Opcode::op_init_yregs:
    case Opcode::op_deallocate:
    case Opcode::op_trim: return frames(instruction);
    case Opcode::op_catch:
    case Opcode::op_try:
    case Opcode::op_catch_end:
    case Opcode::op_try_end:
    case Opcode::op_try_case:
    case Opcode::op_build_stacktrace:
    case Opcode::op_raw_raise: return handlers(instruction);
    case Opcode::op_loop_rec:
    case Opcode::op_loop_rec_end:
    case Opcode::op_remove_message:
    case Opcode::op_timeout:
    case Opcode::op_wait:
    case Opcode::op_wait_timeout: return receives(instruction);
    case Opcode::op_select_val:
    case Opcode::op_select_tuple_arity: select(instruction); return std::nullopt;
    case Opcode::op_move:
    case Opcode::op_swap:
    case Opcode::op_put_list:
    case Opcode::op_put_tuple2:
    case Opcode::op_make_fun3:
    case Opcode::op_set_tuple_element:
    case Opcode::op_fmove: return data(instruction);
    case Opcode::op_get_map_elements: return map_elements(instruction);
    case Opcode::op_bs_start_match3:
    case Opcode::op_bs_start_match4:
    case Opcode::op_bs_get_position:
    case Opcode::op_bs_set_position:
    case Opcode::op_bs_create_bin:
    case Opcode::op_bs_init_writable: return bits(instruction);
    default: return tests(instruction);
  }
}

// --- calls ---

// Functions of the module may be called with match contexts; they are then looked at again with those.
CheckResult Verifier::arguments(const Instruction& instruction, size_t count, uint32_t callee) {
  for (uint32_t i = 0; i < count; i++) {
    if (!state_.at_x(i).may_be_context()) {
      if (auto failed = read(instruction, x_register(i), 'k')) return failed;
    } else if (!contexts_[callee][i]) {
      contexts_[callee].set(i);
      functions_.insert(callee);
    }
  }
  return std::nullopt;
}

CheckResult Verifier::calls(const Instruction& instruction) {
  auto o = instruction.operands;
  bool is_local = false, never_returns = false, is_fresh = false;
  size_t count = 0;
  switch (instruction.opcode) {
    case Opcode::op_call:
    case Opcode::op_call_last:
    case Opcode::op_call_only:
      is_local = true;
      never_returns = !returning_[labels_.labels[o[1].index].function];
      break;
    case Opcode::op_call_ext: {
      const GenericImport& import = module_.imports[o[1].value()];
      never_returns = always_raises(import);
      is_fresh = is_setelement(import);
      [[fallthrough]];
    }
    case Opcode::op_call_ext_last:
    case Opcode::op_call_ext_only: count = o[0].value(); break;
    case Opcode::op_call_fun: count = o[0].value() + 1; break;
    case Opcode::op_call_fun2: count = o[1].value(); break;
    case Opcode::op_send: count = 2; break;
    case Opcode::op_return: count = 1; break;
    default: count = o[0].value() + 2; break;  // apply
  }
  auto failed = is_local ? arguments(instruction, o[0].value(), labels_.labels[o[1].index].function) : read_x(instruction, count);
  if (failed) return failed;
  if (never_returns) ends_ = true;
  Value result = Value::term();
  if (is_fresh) {
    // Its size is that of the tuple, which is not smaller than the index.
    Value index = state_.at_x(0), tuple = state_.at_x(1);
    auto known = [](const Value& value, uint16_t type) { return value.content == Content::term && value.types == type ? value.detail : 0; };
    result = Value::term(type_tuple, std::max(known(index, type_integer), known(tuple, type_tuple)));
    result.fresh = state_.fresh = true;
    for (Value& value : state_.y) value.fresh = false;
  }
  state_.room = 0;
  state_.keep_only({result});
  return std::nullopt;
}

// --- frames ---

CheckResult Verifier::frames(const Instruction& instruction) {
  auto o = instruction.operands;
  switch (instruction.opcode) {
    case Opcode::op_test_heap: state_.room = heap_words(o[0]); return std::nullopt;
    case Opcode::op_allocate:
    case Opcode::op_allocate_heap:
    case Opcode::op_allocate_zero:
    case Opcode::op_allocate_heap_zero: {
      bool cleared = instruction.opcode == Opcode::op_allocate_zero || instruction.opcode == Opcode::op_allocate_heap_zero;
      bool has_heap = instruction.opcode == Opcode::op_allocate_heap || instruction.opcode == Opcode::op_allocate_heap_zero;
      state_.has_frame = true;
      state_.y.assign(o[0].value(), cleared ? Value::term(type_nil) : Value{});
      if (has_heap) state_.room = heap_words(o[1]);
      return std::nullopt;
    }
    case Opcode::op_init: return write(instruction, o[0], Value::term(type_nil));
    case Opcode::op_init_yregs:
      for (const Operand& slot : o[0].list())
        if (auto failed = write(instruction, slot, Value::term(type_nil))) return failed;
      return std::nullopt;
    default: break;
  }
  if (state_.handler() >= 0 || !state_.exact) return error(instruction, "there is a handler in the frame still, or the frame is not known");
  if (instruction.opcode == Opcode::op_deallocate) {
    state_.y.clear();
    state_.has_frame = false;
  } else {
    state_.y.erase(state_.y.begin(), state_.y.begin() + static_cast<ptrdiff_t>(o[0].value()));
  }
  return std::nullopt;
}

// --- exceptions ---

CheckResult Verifier::handlers(const Instruction& instruction) {
  auto o = instruction.operands;
  Value x0 = state_.at_x(0);
  bool has_slot = !o.empty();
  bool holds_handler = has_slot && state_.exact && state_.at(o[0]).content == Content::handler;
  switch (instruction.opcode) {
    case Opcode::op_catch:
    case Opcode::op_try: return write(instruction, o[0], {.content = Content::handler, .detail = o[1].index});
    case Opcode::op_build_stacktrace:
      if (x0.content != Content::raw_trace) return error(instruction, "register x(0) is no raw stack trace");
      if (!state_.all_written()) return error(instruction, "memory may be collected, and a y register may not have been written");
      state_.keep_only({Value::term()});
      return std::nullopt;
    case Opcode::op_raw_raise:
      if (state_.at_x(2).content != Content::raw_trace) return error(instruction, "register x(2) is no raw stack trace");
      return read_x(instruction, 2);
    default: break;
  }
  if (!holds_handler) return error(instruction, fmt::format("register y({}) holds no handler", o[0].index));
  if (auto failed = write(instruction, o[0], Value::term(type_nil))) return failed;
  if (instruction.opcode == Opcode::op_try_case) {
    if (x0.content != Content::exception) return error(instruction, "not only exceptions lead here");
    state_.keep_only({Value::term(type_other), Value::term(), {.content = Content::raw_trace}});
  }
  if (instruction.opcode == Opcode::op_catch_end) {
    bool is_exception = x0.content == Content::exception || x0.content == Content::exception_or_term;
    if (!is_exception && !x0.is_term()) return error(instruction, "register x(0) holds neither a term nor an exception");
    Value result = Value::term();
    result.fragile = x0.fragile;
    state_.keep_only({result});
  }
  if (instruction.opcode != Opcode::op_try_end && !state_.all_written())
    return error(instruction, "memory may be collected, and a y register may not have been written");
  return std::nullopt;
}

// --- receive ---

CheckResult Verifier::receives(const Instruction& instruction) {
  auto o = instruction.operands;
  switch (instruction.opcode) {
    case Opcode::op_remove_message:
      state_.present = false;
      for (auto* registers : {&state_.x, &state_.y})
        for (Value& value : *registers) value.fragile = false;
      return std::nullopt;
    case Opcode::op_timeout: return std::nullopt;
    default: break;
  }
  // The process may sleep here, and keeps no X register.
  if (!state_.all_written()) return error(instruction, "the process may wait, and a y register may not have been written");
  state_.keep_only({});
  state_.room = 0;
  if (!waits_on_itself(module_, labels_, instruction)) arrive(o[0].index, state_);
  if (instruction.opcode == Opcode::op_loop_rec) {
    if (!o[1].is_x() || o[1].index != 0) return error(instruction, "messages come to x(0)");
    Value message = Value::term();
    message.fragile = true;
    state_.set_x(0, message);
    state_.present = true;
  }
  return std::nullopt;
}

// --- tests ---

CheckResult Verifier::tests(const Instruction& instruction) {
  auto o = instruction.operands;
  const Operand& tested = o[1];
  uint16_t types = any_type;
  uint32_t detail = 0;
  bool all = false, if_failed = false;
  switch (instruction.opcode) {
    case Opcode::op_test_arity:
      detail = static_cast<uint32_t>(o[2].value());
      if (auto failed = read_type(instruction, tested, type_tuple, 0)) return failed;
      types = type_tuple;
      break;
    case Opcode::op_is_tagged_tuple:
      detail = static_cast<uint32_t>(o[2].value());
      types = type_tuple;
      break;
    case Opcode::op_is_eq_exact:
    case Opcode::op_is_ne_exact: {
      if (!o[2].is_constant()) return branch(instruction), std::nullopt;
      Value constant = Value::constant(o[2].term());
      types = constant.types;
      detail = constant.detail;
      all = types == type_nil;
      if_failed = instruction.opcode == Opcode::op_is_ne_exact;
      break;
    }
    default:
      for (const TypeTest& test : type_tests)
        if (test.opcode == instruction.opcode) types = test.types, all = test.all;
  }
  State passed = state_;
  passed.refine(tested, types, detail);
  if (all && tested.is_register() && state_.at(tested).content == Content::term && (state_.at(tested).types & ~types) != 0)
    state_.refine(tested, static_cast<uint16_t>(any_type & ~types));
  if (if_failed) std::swap(passed, state_);
  branch(instruction);
  state_ = std::move(passed);
  return std::nullopt;
}

void Verifier::select(const Instruction& instruction) {
  auto o = instruction.operands;
  auto list = o[2].list();
  for (size_t i = 0; i + 1 < list.size(); i += 2) {
    Value known = instruction.opcode == Opcode::op_select_val ? Value::constant(list[i].term())
                                                              : Value::term(type_tuple, static_cast<uint32_t>(list[i].value()));
    Value before = o[0].is_register() ? state_.at(o[0]) : Value{};
    state_.refine(o[0], known.types, known.detail);
    arrive(list[i + 1].index, state_);
    if (o[0].is_register()) state_.set(o[0], before);
  }
  branch(instruction);
}

// --- data ---

CheckResult Verifier::data(const Instruction& instruction) {
  auto o = instruction.operands;
  auto derived = [&](uint16_t types, uint32_t detail = 0) {
    Value value = Value::term(types, detail);
    value.fragile = fragile_;
    return value;
  };
  auto value_of = [&](const Operand& operand) { return operand.is_constant() ? Value::constant(operand.term()) : state_.at(operand); };
  switch (instruction.opcode) {
    case Opcode::op_move: return write(instruction, o[1], value_of(o[0]));
    case Opcode::op_swap: {
      Value first = value_of(o[0]);
      if (auto failed = write(instruction, o[0], value_of(o[1]))) return failed;
      return write(instruction, o[1], first);
    }
    case Opcode::op_put_list:
      if (auto failed = take_room(instruction, 2)) return failed;
      return write(instruction, o[2], derived(type_cons));
    case Opcode::op_put_tuple2: {
      size_t size = o[1].list().size();
      if (size > arity_limit) return error(instruction, "the tuple is too large");
      if (auto failed = take_room(instruction, size + 1)) return failed;
      return write(instruction, o[0], derived(type_tuple, static_cast<uint32_t>(size)));
    }
    case Opcode::op_make_fun3:
      if (auto failed = take_room(instruction, o[2].list().size() + 3)) return failed;
      return write(instruction, o[1], Value::term(type_other));
    case Opcode::op_fmove:
      if (o[0].kind == OperandKind::float_register) {
        if (!state_.floats[o[0].index]) return error(instruction, fmt::format("float register {} may not have been written", o[0].index));
        if (auto failed = take_room(instruction, 2)) return failed;
        return write(instruction, o[1], Value::term(type_float));
      }
      if (auto failed = read(instruction, o[0], 'f')) return failed;
      state_.floats.set(o[1].index);
      return std::nullopt;
    default: return set_element(instruction);
  }
}

// A tuple that nobody else has seen, and that is the youngest of all terms: setelement/3 has just made it.
CheckResult Verifier::set_element(const Instruction& instruction) {
  auto o = instruction.operands;
  Value value = o[0].is_constant() ? Value::constant(o[0].term()) : state_.at(o[0]);
  if (!state_.fresh || !o[1].is_x() || !state_.at(o[1]).fresh) return error(instruction, "the tuple is not a new one of setelement/3");
  if (value.fresh) return error(instruction, "a tuple would contain itself");
  return std::nullopt;
}

CheckResult Verifier::map_elements(const Instruction& instruction) {
  auto list = instruction.operands[2].list();
  Value element = Value::term();
  element.fragile = fragile_;
  // Some may have been written when one is missing.
  State found = state_;
  for (size_t i = 1; i < list.size(); i += 2) {
    if (list[i].is_y() && !state_.exact) return error(instruction, "a y register is written where the handlers are not known");
    if (state_.at(list[i]).content != Content::unset) state_.set(list[i], join(state_.at(list[i]), element));
    found.set(list[i], element);
  }
  branch(instruction);
  state_ = std::move(found);
  return std::nullopt;
}

// --- bit syntax ---

CheckResult Verifier::start_match(const Instruction& instruction, const Operand& source, const Operand& destination) {
  Value value = state_.at(source);
  if (!value.is_term() && !value.may_be_context()) return error(instruction, "a term or a match context expected");
  auto name = static_cast<uint32_t>(index_of(instruction)) + 1;
  State started = state_;
  if (value.content == Content::term_or_context) {  // a context never fails
    Value term = Value::term();
    term.fragile = value.fragile;
    state_.set(source, term);
  }
  branch(instruction);
  state_ = std::move(started);
  state_.forget(name);
  return write(instruction, destination, {.content = Content::context, .fragile = value.fragile, .detail = name});
}

CheckResult Verifier::bits(const Instruction& instruction) {
  auto o = instruction.operands;
  switch (instruction.opcode) {
    case Opcode::op_bs_start_match3: return start_match(instruction, o[1], o[3]);
    case Opcode::op_bs_start_match4:
      if (o[0].is_label()) return error(instruction, "no_fail or resume expected");
      return start_match(instruction, o[2], o[3]);
    case Opcode::op_bs_get_position: {
      Value context = state_.at(o[0]);
      if (context.detail == 0) {
        context.detail = static_cast<uint32_t>(index_of(instruction)) + 1;
        state_.forget(context.detail);
        state_.set(o[0], context);
      }
      return write(instruction, o[1], {.content = Content::position, .detail = context.detail});
    }
    case Opcode::op_bs_set_position: {
      Value position = state_.at(o[1]);
      if (position.content != Content::position || position.detail != state_.at(o[0]).detail)
        return error(instruction, fmt::format("register {}({}) holds no position of this match context", o[1].is_x() ? 'x' : 'y', o[1].index));
      return std::nullopt;
    }
    case Opcode::op_bs_create_bin:
      branch(instruction);
      state_.room = heap_words(o[1]);
      return write(instruction, o[4], Value::term(type_bits));
    default:  // bs_init_writable
      if (auto failed = read(instruction, x_register(0), 't')) return failed;
      state_.keep_only({Value::term(type_bits)});
      return std::nullopt;
  }
}

}  // namespace hanse
