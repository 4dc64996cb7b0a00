// Generic code to internal code, one pass over the functions, one small function per family of instructions. Pairs that the
// compiler always emits together become one instruction here; which internal instruction a generic one turns into may depend
// on its constants.
#include "code/emitter.h"

#include <algorithm>
#include <string>

#include "code/checker.h"
#include "code/checker_rules.h"
#include "code/code_writer.h"
#include "code/emitter_bits.h"
#include "code/emitter_floats.h"
#include "code/emitter_fusion.h"
#include "code/emitter_select.h"
#include "term/atom.h"
#include "term/compare.h"

namespace hanse {

namespace {

using W = CodeWriter;
using enum Opcode;

// Instructions whose generic operands map one to one.
struct Direct {
  Opcode opcode;
  Instruction instruction;
};
constexpr Direct type_tests[] = {
    {op_is_integer, Instruction::is_integer}, {op_is_float, Instruction::is_float},
    {op_is_number, Instruction::is_number},   {op_is_atom, Instruction::is_atom},
    {op_is_pid, Instruction::is_pid},         {op_is_reference, Instruction::is_reference},
    {op_is_port, Instruction::is_port},       {op_is_nil, Instruction::is_nil},
    {op_is_binary, Instruction::is_binary},   {op_is_bitstr, Instruction::is_bitstr},
    {op_is_list, Instruction::is_list},       {op_is_nonempty_list, Instruction::is_nonempty_list},
    {op_is_tuple, Instruction::is_tuple},     {op_is_boolean, Instruction::is_boolean},
    {op_is_function, Instruction::is_function}, {op_is_map, Instruction::is_map},
};
constexpr Direct comparisons[] = {
    {op_is_lt, Instruction::is_lt}, {op_is_ge, Instruction::is_ge},
    {op_is_eq, Instruction::is_eq}, {op_is_ne, Instruction::is_ne},
    {op_is_eq_exact, Instruction::is_eq_exact}, {op_is_ne_exact, Instruction::is_ne_exact},
};

template <size_t n>
const Direct* find_direct(const Direct (&table)[n], Opcode opcode) {
  for (const Direct& row : table)
    if (row.opcode == opcode) return &row;
  return nullptr;
}

// Guard functions with an instruction of their own: erlang:Name/Arity.
struct Operator {
  const char* name;
  uint32_t arity;
  Instruction instruction;
};
constexpr Operator operators[] = {
    {"+", 2, Instruction::add},          {"-", 2, Instruction::subtract},  {"*", 2, Instruction::multiply},
    {"/", 2, Instruction::divide},       {"div", 2, Instruction::integer_div}, {"rem", 2, Instruction::integer_rem},
    {"band", 2, Instruction::band},      {"bor", 2, Instruction::bor},     {"bxor", 2, Instruction::bxor},
    {"bsl", 2, Instruction::bsl},        {"bsr", 2, Instruction::bsr},     {"bnot", 1, Instruction::bnot},
    {"-", 1, Instruction::negate},
};

bool is_immediate_constant(const Operand& operand) { return operand.is_constant() && !operand.term().is_pointer(); }

class Emitter {
 public:
  Emitter(const GenericModule& module, Realm& realm) : module_(module), realm_(realm), writer_(module.label_count) {}

  std::expected<EmittedCode, BeamError> run() {
    for (const GenericImport& import : module_.imports)
      imports_.push_back(realm_.export_for(import.module, import.function, import.arity));
    may_be_native_ = any_may_be_native(module_);
    for (const GenericFunction& function : module_.functions)
      if (!emit_function(function)) return std::unexpected(error_);
    if (!writer_.resolve()) return std::unexpected(BeamError{"Code", 0, "a jump leads to a label that does not exist"});
    for (const GenericLambda& lambda : module_.lambdas) code_.lambda_entries.push_back(writer_.position(lambda.label));
    for (const GenericExport& exported : module_.exports) code_.export_entries.push_back(writer_.position(exported.label));
    code_.words = writer_.take();
    code_.starts = writer_.take_starts();
    code_.labels = writer_.take_labels();
    return std::move(code_);
  }

 private:
  bool emit_function(const GenericFunction& function) {
    EmittedFunction emitted{function.name, function.arity, 0, 0, 0};
    emitted.begin = writer_.position();
    function_ = &function;
    size_t end = function.first + function.count;
    clears_frames_ = !module_.cleared_frames.empty() && module_.cleared_frames[static_cast<size_t>(&function - module_.functions.data())];
    for (size_t i = function.first; i < end; i++) {
      const GenericInstruction& instruction = module_.instructions[i];
      if (is_unproven(i) && !emit_check(instruction)) return refuse(instruction);
      size_t used = is_unproven(i) ? emit_safer(instruction) : 0;
      size_t proven = proven_after(i, end);
      bool fuses = used == 0 && !(clears_frames_ && instruction.opcode == op_allocate);
      if (fuses) used = emit_fused(writer_, {&instruction, proven - i}, code_.lines);
      if (used == 0) used = emit(instruction, i + 1 < proven ? &module_.instructions[i + 1] : nullptr);
      if (used == 0) return refuse(instruction);
      i += used - 1;
      if (instruction.opcode == op_on_load) code_.on_load_entry = writer_.position(function.entry_label);
      if (instruction.opcode == op_label && instruction.operands[0].value() == function.entry_label) {
        emitted.entry = writer_.position();
        Export* target = realm_.find_export(module_.name, function.name, function.arity);
        if (target != nullptr && target->bif != nullptr) {  // the body only raises nif_error
          if (!writer_.put(Instruction::jump_export, {W::wide(target)})) return refuse(instruction);
          bind_labels(i + 1, end);
          break;
        }
        if (may_be_native_ && !emit_nif_start()) return refuse(instruction);
        for (uint32_t x : function.cleared_x) {
          Operand empty{.kind = OperandKind::nil, .term_word = Term::nil_word};
          if (!writer_.put(Instruction::move, {W::operand(empty), W::operand({.kind = OperandKind::x, .index = x, .number = 0})})) return refuse(instruction);
        }
      }
    }
    emitted.end = writer_.position();
    code_.functions.push_back(emitted);
    return true;
  }

  bool is_unproven(size_t at) const { return !module_.unproven.empty() && module_.unproven[at]; }
  // End of the instructions that may become one with the first of them.
  size_t proven_after(size_t at, size_t end) const {
    if (module_.unproven.empty()) return end;
    static constexpr size_t longest = 32;
    size_t i = at + 1, last = std::min(end, at + longest);
    while (i < last && !module_.unproven[i]) i++;
    return i;
  }

  // What the verifier could not show is looked at: before the instruction (false: not supported), or by another one.
  bool emit_check(const GenericInstruction& instruction) {
    auto o = instruction.operands;
    switch (instruction.opcode) {
      case op_test_arity:
      case op_fmove: return true;
      case op_has_map_fields:
      case op_get_map_elements: return writer_.put(Instruction::is_map, {W::label(o[0]), W::operand(o[1])});
      case op_get_tuple_element: return writer_.put(Instruction::check_tuple, {W::operand(o[0]), W::number(o[1].value() + 1)});
      case op_set_tuple_element: return writer_.put(Instruction::check_tuple, {W::operand(o[1]), W::number(o[2].value() + 1)});
      default: return writer_.put(Instruction::check_cons, {W::operand(o[0])});
    }
  }
  size_t emit_safer(const GenericInstruction& instruction) {
    auto o = instruction.operands;
    if (instruction.opcode == op_test_arity)
      return writer_.put(Instruction::is_tuple_of_arity, {W::label(o[0]), W::operand(o[1]), W::number(o[2].value())});
    if (instruction.opcode == op_fmove) return emit_float(writer_, op_fconv, o);
    return 0;
  }

  // Labels of a body that is left out still have to lead somewhere.
  void bind_labels(size_t from, size_t end) {
    for (size_t i = from; i < end; i++)
      if (module_.instructions[i].opcode == op_label)
        writer_.bind(static_cast<uint32_t>(module_.instructions[i].operands[0].value()));
  }

  bool refuse(const GenericInstruction& instruction) {
    error_ = {"Code", instruction.offset,
              std::string("instruction ") + opcode_name(instruction.opcode) + " with these operands is not supported"};
    return false;
  }

  // Number of generic instructions used, 0: not supported.
  size_t emit(const GenericInstruction& instruction, const GenericInstruction* next) {
    Opcode opcode = instruction.opcode;
    auto o = instruction.operands;
    if (auto* test = find_direct(type_tests, opcode)) {
      if (opcode == op_is_tuple && next != nullptr && next->opcode == op_test_arity &&
          same_register(o[1], next->operands[1]) && o[0].index == next->operands[0].index)
        return 2 * size_t{writer_.put(Instruction::is_tuple_of_arity,
                                      {W::label(o[0]), W::operand(o[1]), W::number(next->operands[2].value())})};
      return writer_.put(test->instruction, {W::label(o[0]), W::operand(o[1])});
    }
    if (auto* comparison = find_direct(comparisons, opcode)) return emit_comparison(comparison->instruction, o);
    if (int handled = emit_bits(writer_, module_, instruction); handled >= 0) return static_cast<size_t>(handled);
    switch (opcode) {
      case op_bif0: case op_bif1: case op_bif2: case op_gc_bif1: case op_gc_bif2: case op_gc_bif3:
        return emit_builtin(opcode, o);
      case op_put_tuple2: case op_make_fun3: case op_make_fun2: case op_put_map_assoc: case op_put_map_exact:
      case op_has_map_fields: case op_get_map_elements: case op_init_yregs:
        return emit_with_list(opcode, o);
      case op_select_val: return emit_select_val(writer_, o);
      case op_select_tuple_arity: return emit_select_arity(writer_, o);
      case op_fmove: case op_fconv: case op_fadd: case op_fsub: case op_fmul: case op_fdiv: case op_fnegate:
        return emit_float(writer_, opcode, o);
      default: break;
    }
    if ((opcode == op_call_fun || opcode == op_call_fun2) && next != nullptr && next->opcode == op_deallocate && is_return(next + 1))
      return 3 * size_t{emit_last_fun_call(opcode, o, next->operands[0].value())};
    if (int handled = emit_call(opcode, o); handled >= 0) return static_cast<size_t>(handled);
    return emit_plain(instruction, o, next);
  }

  static bool same_register(const Operand& a, const Operand& b) {
    return a.is_register() && a.kind == b.kind && a.index == b.index;
  }

  size_t emit_comparison(Instruction instruction, std::span<const Operand> o) {
    bool exact_equal = instruction == Instruction::is_eq_exact, exact_unequal = instruction == Instruction::is_ne_exact;
    if (exact_equal || exact_unequal) {
      const Operand *left = &o[1], *right = &o[2];
      if (is_immediate_constant(*left)) std::swap(left, right);
      if (left->is_register() && is_immediate_constant(*right))
        return writer_.put(exact_equal ? Instruction::is_eq_immediate : Instruction::is_ne_immediate,
                           {W::label(o[0]), W::operand(*left), W::wide(right->term().word())});
    }
    return writer_.put(for_types(module_, instruction, o[1], o[2]),
                       {W::label(o[0]), W::operand(o[1]), W::operand(o[2])});
  }

  // Moves, frames, exceptions, receive: what is left.
  size_t emit_plain(const GenericInstruction& instruction, std::span<const Operand> o, const GenericInstruction* next) {
    switch (instruction.opcode) {
      case op_label:
        if (heads_handler(module_, instruction) && !writer_.put(Instruction::if_end)) return 0;
        writer_.bind(static_cast<uint32_t>(o[0].value()));
        return 1;
      case op_line: return emit_line(o[0]);
      case op_nif_start: return emit_nif_start();
      case op_on_load: case op_int_code_end: return 1;
      case op_fclearerror: case op_fcheckerror: return 1;  // each operation checks its own result
      case op_func_info:
        return writer_.put(Instruction::func_info, {W::number(o[2].value()), W::wide(module_.name.word()), W::wide(o[1].term().word())});
      case op_move: return writer_.put(Instruction::move, {W::operand(o[0]), W::operand(o[1])});
      case op_swap: return writer_.put(Instruction::swap, {W::operand(o[0]), W::operand(o[1])});
      case op_get_list: return writer_.put(Instruction::get_list, {W::operand(o[0]), W::operand(o[1]), W::operand(o[2])});
      case op_get_hd: return writer_.put(Instruction::get_hd, {W::operand(o[0]), W::operand(o[1])});
      case op_get_tl: return writer_.put(Instruction::get_tl, {W::operand(o[0]), W::operand(o[1])});
      case op_get_tuple_element:
        return writer_.put(Instruction::get_tuple_element, {W::operand(o[0]), W::number(o[1].value()), W::operand(o[2])});
      case op_set_tuple_element:
        return writer_.put(Instruction::set_tuple_element, {W::operand(o[0]), W::operand(o[1]), W::number(o[2].value())});
      case op_put_list: return writer_.put(Instruction::put_list, {W::operand(o[0]), W::operand(o[1]), W::operand(o[2])});
      case op_test_arity:
        return writer_.put(Instruction::test_arity, {W::label(o[0]), W::operand(o[1]), W::number(o[2].value())});
      case op_is_tagged_tuple:
        return writer_.put(Instruction::is_tagged_tuple, {W::label(o[0]), W::operand(o[1]), W::number(o[2].value()), W::wide(o[3].term().word())});
      case op_is_function2: return writer_.put(Instruction::is_function2, {W::label(o[0]), W::operand(o[1]), W::operand(o[2])});
      case op_jump: return writer_.put(Instruction::jump, {W::label(o[0])});
      case op_allocate: case op_allocate_zero:
        return put_frame(Instruction::allocate, o[0].value(), 0, o[1].value(), instruction.opcode == op_allocate_zero);
      case op_allocate_heap: case op_allocate_heap_zero:
        return put_frame(Instruction::allocate_heap, o[0].value(), heap_words(o[1]), o[2].value(),
                         instruction.opcode == op_allocate_heap_zero);
      case op_test_heap: return writer_.put(Instruction::test_heap, {W::number(heap_words(o[0])), W::number(o[1].value())});
      case op_deallocate:
        if (next != nullptr && next->opcode == op_return)
          return 2 * size_t{writer_.put(Instruction::deallocate_return, {W::number(o[0].value())})};
        return writer_.put(Instruction::deallocate, {W::number(o[0].value())});
      case op_return: return writer_.put(Instruction::return_);
      case op_trim: return writer_.put(Instruction::trim, {W::number(o[0].value())});
      case op_init: return put_clear({o[0].index});
      case op_send: return writer_.put(Instruction::send);
      case op_remove_message: return writer_.put(Instruction::remove_message);
      case op_timeout: return writer_.put(Instruction::timeout);
      case op_loop_rec: return writer_.put(Instruction::loop_rec, {W::label(o[0])});
      case op_loop_rec_end: return writer_.put(Instruction::loop_rec_end, {W::label(o[0])});
      case op_wait: return writer_.put(Instruction::wait, {W::label(o[0])});
      case op_wait_timeout: return writer_.put(Instruction::wait_timeout, {W::label(o[0]), W::operand(o[1])});
      case op_recv_marker_reserve: return writer_.put(Instruction::recv_marker_reserve, {W::operand(o[0])});
      case op_recv_marker_bind: return writer_.put(Instruction::recv_marker_bind, {W::operand(o[0]), W::operand(o[1])});
      case op_recv_marker_use: return writer_.put(Instruction::recv_marker_use, {W::operand(o[0])});
      case op_recv_marker_clear: return writer_.put(Instruction::recv_marker_clear, {W::operand(o[0])});
      case op_catch: case op_try: return writer_.put(Instruction::catch_, {W::number(o[0].index), W::label(o[1])});
      case op_catch_end: return writer_.put(Instruction::catch_end, {W::number(o[0].index)});
      case op_try_end: return writer_.put(Instruction::try_end, {W::number(o[0].index)});
      case op_try_case: return writer_.put(Instruction::try_case, {W::number(o[0].index)});
      case op_try_case_end: return writer_.put(Instruction::try_case_end, {W::operand(o[0])});
      case op_raise: return writer_.put(Instruction::raise, {W::operand(o[0]), W::operand(o[1])});
      case op_badmatch: return writer_.put(Instruction::badmatch, {W::operand(o[0])});
      case op_case_end: return writer_.put(Instruction::case_end, {W::operand(o[0])});
      case op_if_end: return writer_.put(Instruction::if_end);
      case op_badrecord: return writer_.put(Instruction::badrecord, {W::operand(o[0])});
      case op_build_stacktrace: return writer_.put(Instruction::build_stacktrace);
      case op_raw_raise:
        // Compilers let nothing sensible follow; with a wrong class the engine goes on.
        return writer_.put(Instruction::raw_raise) && (module_.trust == Trust::trusted || writer_.put(Instruction::if_end));
      default: return 0;
    }
  }

  size_t emit_line(const Operand& line) {
    code_.lines.push_back({writer_.position(), static_cast<uint32_t>(line.value())});
    return 1;
  }

  size_t put_clear(std::vector<uint32_t> slots) {
    if (!writer_.begin(Instruction::init_yregs, {W::number(slots.size())})) return 0;
    for (uint32_t slot : slots) writer_.tail_word(slot);
    writer_.end_tail();
    return 1;
  }

  size_t put_frame(Instruction instruction, uint64_t slots, uint64_t words, uint64_t live, bool cleared) {
    bool done = instruction == Instruction::allocate
                    ? writer_.put(instruction, {W::number(slots), W::number(live)})
                    : writer_.put(instruction, {W::number(slots), W::number(words), W::number(live)});
    if (!done || (!cleared && !clears_frames_)) return done;
    std::vector<uint32_t> all(slots);
    for (uint32_t i = 0; i < slots; i++) all[i] = i;
    return put_clear(all);
  }

  bool is_return(const GenericInstruction* instruction) const {
    const auto* end = module_.instructions.data() + module_.instructions.size();
    return instruction < end && instruction->opcode == op_return;
  }

  // A call of a fun whose result is returned leaves no frame behind: loops through funs run in constant space.
  bool emit_last_fun_call(Opcode opcode, std::span<const Operand> o, uint64_t slots) {
    if (opcode == op_call_fun) return writer_.put(Instruction::call_fun_last, {W::number(o[0].value()), W::number(slots)});
    return writer_.put(Instruction::call_fun2_last, {W::number(o[1].value()), W::operand(o[2]), W::number(slots)});
  }

  // -1: not a call.
  int emit_call(Opcode opcode, std::span<const Operand> o) {
    switch (opcode) {
      case op_call: return writer_.put(Instruction::call, {W::label(o[1])});
      case op_call_last: return writer_.put(Instruction::call_last, {W::label(o[1]), W::number(o[2].value())});
      case op_call_only: return writer_.put(Instruction::call_only, {W::label(o[1])});
      case op_call_ext: case op_call_ext_last: case op_call_ext_only: return emit_call_ext(opcode, o);
      case op_call_fun: return writer_.put(Instruction::call_fun, {W::number(o[0].value())});
      case op_call_fun2: return writer_.put(Instruction::call_fun2, {W::number(o[1].value()), W::operand(o[2])});
      case op_apply: return writer_.put(Instruction::apply, {W::number(o[0].value())});
      case op_apply_last: return writer_.put(Instruction::apply_last, {W::number(o[0].value()), W::number(o[1].value())});
      default: return -1;
    }
  }

  int emit_call_ext(Opcode opcode, std::span<const Operand> o) {
    Export* target = imports_[o[1].value()];
    if (module_.trust == Trust::verified && always_raises(module_.imports[o[1].value()]) && target->bif == nullptr) return 0;
    if (target->bif != nullptr && target->bif->kind != BifKind::engine && !is_dirty(target->bif->kind)) {
      if (!writer_.put(Instruction::call_bif, {W::wide(target)})) return 0;
      if (opcode == op_call_ext_last) return writer_.put(Instruction::deallocate_return, {W::number(o[2].value())});
      if (opcode == op_call_ext_only) return writer_.put(Instruction::return_);
      return 1;
    }
    // What goes wrong in apply/2,3 is told of the caller: its frame stays until the callee is known.
    if (opcode != op_call_ext && target->bif != nullptr && target->module == am::erlang && target->function == am::apply) {
      Instruction apply = target->arity == 3 ? Instruction::apply_list_last : Instruction::apply_fun_list_last;
      return writer_.put(apply, {W::number(opcode == op_call_ext_last ? o[2].value() : 0)});
    }
    if (opcode == op_call_ext_last) return writer_.put(Instruction::call_ext_last, {W::wide(target), W::number(o[2].value())});
    return writer_.put(opcode == op_call_ext ? Instruction::call_ext : Instruction::call_ext_only, {W::wide(target)});
  }

  // The instructions run any row; what is no guard may wait, or need authority.
  bool may_be_instruction(const Export* target) const {
    if (target->bif == nullptr) return false;
    return module_.trust == Trust::trusted || target->bif->kind == BifKind::guard || is_erlang(target, "get", 1);
  }

  size_t emit_builtin(Opcode opcode, std::span<const Operand> o) {
    if (opcode == op_bif0) {
      Export* target = imports_[o[0].value()];
      if (is_erlang(target, "self", 0)) return writer_.put(Instruction::self_, {W::operand(o[1])});
      if (!may_be_instruction(target)) return 0;
      return writer_.put(Instruction::bif0, {W::wide(target->bif), W::operand(o[1])});
    }
    bool collects = opcode == op_gc_bif1 || opcode == op_gc_bif2 || opcode == op_gc_bif3;
    uint64_t live = collects ? o[1].value() : no_live_count;
    Export* target = imports_[o[collects ? 2 : 1].value()];
    auto arguments = o.subspan(collects ? 3 : 2);
    if (target->arity == 2 && is_erlang(target, "element", 2))
      return writer_.put(Instruction::element, {W::label(o[0]), W::operand(arguments[0]), W::operand(arguments[1]), W::operand(arguments[2])});
    if (is_erlang(target, "tuple_size", 1))
      return writer_.put(Instruction::tuple_size, {W::label(o[0]), W::operand(arguments[0]), W::operand(arguments[1])});
    if (collects)
      for (const Operator& row : operators)
        if (is_erlang(target, row.name, row.arity)) return emit_operator(row, o[0], live, arguments);
    if (collects && is_erlang(target, "+", 1)) {  // adds zero, as stock's instruction does (its function does not): seen at -0.0
      Operand zero{.kind = OperandKind::integer, .term_word = Term::small(0).word()};
      return writer_.put(Instruction::add, {W::label(o[0]), W::number(live), W::operand(arguments[0]), W::operand(zero), W::operand(arguments[1])});
    }
    if (!may_be_instruction(target)) return 0;
    W::Argument label = W::label(o[0]), live_count = W::number(live), row = W::wide(target->bif);
    if (target->arity == 1)
      return writer_.put(Instruction::bif1, {label, live_count, row, W::operand(arguments[0]), W::operand(arguments[1])});
    if (target->arity == 2)
      return writer_.put(Instruction::bif2, {label, live_count, row, W::operand(arguments[0]), W::operand(arguments[1]), W::operand(arguments[2])});
    if (!writer_.begin(Instruction::bif3, {label, live_count, row, W::operand(arguments[3])})) return 0;
    for (size_t i = 0; i < 3; i++) writer_.tail_any(arguments[i]);
    writer_.end_tail();
    return 1;
  }

  size_t emit_operator(const Operator& row, const Operand& fail, uint64_t live, std::span<const Operand> a) {
    if (row.arity == 1) return writer_.put(row.instruction, {W::label(fail), W::number(live), W::operand(a[0]), W::operand(a[1])});
    bool by_constant = a[0].is_register() && a[1].is_constant() && a[1].term().is_small();
    if (by_constant && (row.instruction == Instruction::add || row.instruction == Instruction::subtract))
      return writer_.put(row.instruction == Instruction::add ? Instruction::increment : Instruction::decrement,
                         {W::label(fail), W::number(live), W::operand(a[0]), W::wide(a[1].term().word()), W::operand(a[2])});
    return writer_.put(for_types(module_, row.instruction, a[0], a[1]),
                       {W::label(fail), W::number(live), W::operand(a[0]), W::operand(a[1]), W::operand(a[2])});
  }

  static bool is_erlang(const Export* target, std::string_view name, uint32_t arity) {
    return target->arity == arity && target->module == am::erlang && atom_name(target->function) == name;
  }

  // Pairs of constant keys, sorted: which of several absent keys error:{badkey, Key} names is the smallest, as in stock.
  static std::span<const Operand> in_key_order(std::span<const Operand> list, std::vector<Operand>& room) {
    std::vector<std::pair<Operand, Operand>> pairs;
    for (size_t i = 0; i + 1 < list.size(); i += 2) {
      if (!list[i].is_constant()) return list;
      pairs.emplace_back(list[i], list[i + 1]);
    }
    std::ranges::sort(pairs, [](const auto& a, const auto& b) { return compare_exact(a.first.term(), b.first.term()) < 0; });
    for (const auto& [key, value] : pairs) room.insert(room.end(), {key, value});
    return room;
  }

  size_t emit_with_list(Opcode opcode, std::span<const Operand> o) {
    std::span<const Operand> list;
    std::vector<Operand> ordered;
    bool begun = false;
    switch (opcode) {
      case op_put_tuple2:
        list = o[1].list();
        begun = writer_.begin(Instruction::put_tuple2, {W::operand(o[0]), W::number(list.size())});
        break;
      case op_make_fun3:
        list = o[2].list();
        begun = writer_.begin(Instruction::make_fun, {W::wide(fun_entry(o[0].value())), W::operand(o[1]), W::number(list.size())});
        break;
      case op_make_fun2: return emit_old_fun(o[0].value());
      case op_put_map_assoc: case op_put_map_exact:
        list = o[4].list();
        if (opcode == op_put_map_exact) list = in_key_order(list, ordered);
        begun = writer_.begin(opcode == op_put_map_assoc ? Instruction::put_map_assoc : Instruction::put_map_exact,
                              {W::label(o[0]), W::number(o[3].value()), W::operand(o[1]), W::operand(o[2]), W::number(list.size())});
        break;
      case op_has_map_fields: case op_get_map_elements:
        list = o[2].list();
        begun = writer_.begin(opcode == op_has_map_fields ? Instruction::has_map_fields : Instruction::get_map_elements,
                              {W::label(o[0]), W::operand(o[1]), W::number(list.size())});
        break;
      default: {
        std::vector<uint32_t> slots;
        for (const Operand& slot : o[0].list()) slots.push_back(slot.index);
        return put_clear(std::move(slots));
      }
    }
    if (!begun) return 0;
    for (const Operand& element : list) writer_.tail_any(element);
    writer_.end_tail();
    return 1;
  }

  FunEntry* fun_entry(uint64_t index) {
    const GenericLambda& lambda = module_.lambdas[index];
    return realm_.fun_entry(module_.name, lambda.index, lambda.old_unique, module_.md5, lambda.arity - lambda.free_count,
                            lambda.free_count);
  }

  // Free variables are x0.., the fun goes to x0.
  size_t emit_old_fun(uint64_t index) {
    uint32_t free_count = module_.lambdas[index].free_count;
    Operand destination{.kind = OperandKind::x, .index = 0, .number = 0};
    if (!writer_.put(Instruction::test_heap, {W::number(free_count + 4), W::number(free_count)}) ||
        !writer_.begin(Instruction::make_fun, {W::wide(fun_entry(index)), W::operand(destination), W::number(free_count)}))
      return 0;
    for (uint32_t i = 0; i < free_count; i++) writer_.tail_word(any_word(AnyKind::x, i));
    writer_.end_tail();
    return 1;
  }

  const GenericModule& module_;
  Realm& realm_;
  CodeWriter writer_;
  EmittedCode code_;
  BeamError error_;
  std::vector<Export*> imports_;
  // A library may replace the function at hand. Guests load none.
  size_t emit_nif_start() {
    if (module_.trust == Trust::verified) return 1;
    return writer_.put(Instruction::nif_start, {W::wide(&code_.natives.emplace_back(function_->name, function_->arity))});
  }

  bool may_be_native_ = false;                 // every function
  const GenericFunction* function_ = nullptr;  // the one at hand
  bool clears_frames_ = false;                 // of it
};

}  // namespace

std::expected<EmittedCode, BeamError> emit(const GenericModule& module, Realm& realm) { return Emitter(module, realm).run(); }

}  // namespace hanse
