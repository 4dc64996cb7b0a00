// Which sequences are worth an instruction was found by counting pairs of instructions while the benchmarks ran
// (docs/performance.md). A label ends a sequence, because something may jump there; a line number does not.
#include "code/emitter_fusion.h"

#include <initializer_list>

namespace hanse {

namespace {

using W = CodeWriter;
using enum Opcode;

class Fusion {
 public:
  Fusion(CodeWriter& writer, std::span<const GenericInstruction> rest, std::vector<EmittedLine>& lines)
      : writer_(writer), rest_(rest), lines_(lines) {}

  size_t emit() {
    switch (rest_[0].opcode) {
      case op_move: return moves();
      case op_allocate: return allocate_stores();
      case op_trim: return trim_call();
      case op_is_nonempty_list: return split_list();
      case op_get_tuple_element: return tuple_elements();
      case op_put_tuple2: return small_tuple(0);
      case op_test_heap: return test_heap();
      default: return 0;
    }
  }

 private:
  bool is(size_t i, Opcode opcode) const { return i < rest_.size() && rest_[i].opcode == opcode; }
  std::span<const Operand> operands(size_t i) const { return rest_[i].operands; }
  bool is_store(size_t i) const { return is(i, op_move) && operands(i)[0].is_x() && operands(i)[1].is_y(); }
  bool moves_registers(size_t i) const { return is(i, op_move) && operands(i)[0].is_register(); }

  static bool same_register(const Operand& a, const Operand& b) {
    return a.is_register() && a.kind == b.kind && a.index == b.index;
  }

  size_t put(Instruction instruction, std::initializer_list<W::Argument> arguments, size_t used) {
    return writer_.put(instruction, arguments) ? used : 0;
  }

  // Index of the instruction at or after i that is no line number.
  size_t past_line(size_t i) const { return is(i, op_line) ? i + 1 : i; }
  void record_line(size_t i) {
    if (is(i, op_line)) lines_.push_back({writer_.position(), static_cast<uint32_t>(operands(i)[0].value())});
  }

  // The move at 0 and the call or return behind it.
  size_t move_and_leave() {
    size_t next = past_line(1);
    if (next >= rest_.size()) return 0;
    W::Argument from = W::operand(operands(0)[0]), to = W::operand(operands(0)[1]);
    auto o = operands(next);
    switch (rest_[next].opcode) {
      case op_call:
        record_line(1);
        return put(Instruction::move_call, {from, to, W::label(o[1])}, next + 1);
      case op_call_only:
        record_line(1);
        return put(Instruction::move_call_only, {from, to, W::label(o[1])}, next + 1);
      case op_call_last:
        record_line(1);
        return put(Instruction::move_call_last, {from, to, W::label(o[1]), W::number(o[2].value())}, next + 1);
      case op_return: return put(Instruction::move_return, {from, to}, next + 1);
      case op_deallocate:
        if (!is(next + 1, op_return)) return 0;
        return put(Instruction::move_deallocate_return, {from, to, W::number(o[0].value())}, next + 2);
      default: return 0;
    }
  }

  bool leaves(size_t i) const {
    i = past_line(i);
    return is(i, op_call) || is(i, op_call_only) || is(i, op_call_last) || is(i, op_return) ||
           (is(i, op_deallocate) && is(i + 1, op_return));
  }

  size_t moves() {
    size_t count = 1;
    while (is(count, op_move)) count++;
    if (leaves(count)) {
      if (count == 1) return move_and_leave();
      count--;  // the last one goes with the call
    }
    if (count >= 3 && moves_registers(0) && moves_registers(1) && moves_registers(2))
      return put(Instruction::move3,
                 {W::operand(operands(0)[0]), W::operand(operands(0)[1]), W::operand(operands(1)[0]), W::operand(operands(1)[1]),
                  W::operand(operands(2)[0]), W::operand(operands(2)[1])},
                 3);
    if (count >= 2)
      return put(Instruction::move2,
                 {W::operand(operands(0)[0]), W::operand(operands(0)[1]), W::operand(operands(1)[0]), W::operand(operands(1)[1])}, 2);
    return 0;
  }

  // A function's frame, and its arguments saved there.
  size_t allocate_stores() {
    if (!is_store(1)) return 0;
    W::Argument slots = W::number(operands(0)[0].value()), live = W::number(operands(0)[1].value());
    auto from = [&](size_t i) { return W::number(operands(i)[0].index); };
    auto to = [&](size_t i) { return W::number(operands(i)[1].index); };
    if (!is_store(2)) return put(Instruction::allocate_store, {slots, live, from(1), to(1)}, 2);
    if (!is_store(3)) return put(Instruction::allocate_store2, {slots, live, from(1), to(1), from(2), to(2)}, 3);
    return put(Instruction::allocate_store3, {slots, live, from(1), to(1), from(2), to(2), from(3), to(3)}, 4);
  }

  size_t trim_call() {
    size_t next = past_line(1);
    if (!is(next, op_call)) return 0;
    record_line(1);
    return put(Instruction::trim_call, {W::number(operands(0)[0].value()), W::label(operands(next)[1])}, next + 1);
  }

  size_t split_list() {
    if (!is(1, op_get_list) || !same_register(operands(0)[1], operands(1)[0])) return 0;
    return put(Instruction::split_list,
               {W::label(operands(0)[0]), W::operand(operands(1)[0]), W::operand(operands(1)[1]), W::operand(operands(1)[2])}, 2);
  }

  size_t tuple_elements() {
    if (!is(1, op_get_tuple_element)) return 0;
    auto first = operands(0), second = operands(1);
    if (!same_register(first[0], second[0]) || same_register(first[0], first[2])) return 0;
    return put(Instruction::get_tuple_element2,
               {W::operand(first[0]), W::number(first[1].value()), W::operand(first[2]), W::number(second[1].value()), W::operand(second[2])},
               2);
  }

  // put_tuple2 at i with two or three elements; before it may be the test_heap for it.
  size_t small_tuple(size_t i) {
    W::Argument to = W::operand(operands(i)[0]);
    auto elements = operands(i)[1].list();
    if (i == 0) {
      if (elements.size() == 2) return put(Instruction::put_pair, {to, W::operand(elements[0]), W::operand(elements[1])}, 1);
      if (elements.size() == 3)
        return put(Instruction::put_triple, {to, W::operand(elements[0]), W::operand(elements[1]), W::operand(elements[2])}, 1);
      return 0;
    }
    W::Argument need = W::number(heap_words(operands(0)[0])), live = W::number(operands(0)[1].value());
    if (elements.size() == 2) return put(Instruction::new_pair, {need, live, to, W::operand(elements[0]), W::operand(elements[1])}, 2);
    if (elements.size() == 3)
      return put(Instruction::new_triple,
                 {need, live, to, W::operand(elements[0]), W::operand(elements[1]), W::operand(elements[2])}, 2);
    return 0;
  }

  size_t test_heap() {
    if (is(1, op_put_tuple2)) return small_tuple(1);
    if (!is(1, op_put_list)) return 0;
    auto cell = operands(1);
    return put(Instruction::new_list,
               {W::number(heap_words(operands(0)[0])), W::number(operands(0)[1].value()), W::operand(cell[0]), W::operand(cell[1]),
                W::operand(cell[2])},
               2);
  }

  CodeWriter& writer_;
  std::span<const GenericInstruction> rest_;
  std::vector<EmittedLine>& lines_;
};

}  // namespace

size_t emit_fused(CodeWriter& writer, std::span<const GenericInstruction> rest, std::vector<EmittedLine>& lines) {
  return Fusion(writer, rest, lines).emit();
}

}  // namespace hanse
