// What the verifier knows at a place in the code. Internal to it.
#pragma once

#include <bitset>
#include <vector>

#include "code/code_reader.h"
#include "term/word.h"

namespace hanse {

// What a register holds. All but `term` and `position` are no terms, and must not get where terms go.
enum class Content : uint8_t {
  unset,              // nothing that may be read, or a stale word: must not survive a collection
  opaque,             // some word that the collector understands, of several kinds
  term,
  term_or_context,    // an argument of a local function that is called with both
  context,            // detail: which one, 0: not known
  position,           // of the context `detail`: a small integer
  raw_trace,          // of stack_trace.h: holds addresses
  exception,          // X0 at a handler: x1, x2, x3 say what happened
  exception_or_term,  // X0 at the handler of a catch
  handler,            // a Y register: detail is the label
};

// Sets of types of terms.
enum TypeBit : uint16_t {
  type_cons = 1, type_nil = 2, type_tuple = 4, type_map = 8, type_float = 16, type_bits = 32, type_integer = 64, type_other = 128,
  any_type = 255
};
uint16_t type_of_constant(Term term);

struct Value {
  Content content = Content::unset;
  bool fragile = false;  // part of a message that is still in the mailbox: lost when that goes elsewhere
  bool fresh = false;    // the tuple that setelement/3 has just made
  uint16_t types = 0;    // of a term
  uint32_t detail = 0;   // see Content; of a tuple: its least size; of an integer: its value if positive; else 0

  static Value term(uint16_t types = any_type, uint32_t detail = 0) { return {.content = Content::term, .types = types, .detail = detail}; }
  static Value constant(Term term);
  bool is_term() const { return content == Content::term || content == Content::position; }
  bool may_be_context() const { return content == Content::context || content == Content::term_or_context; }
  // What is known of the term if it has one of these types.
  void refine(uint16_t to_types, uint32_t to_detail = 0);
  bool operator==(const Value&) const = default;
};
// What is known of a register that holds either.
Value join(const Value& a, const Value& b);

struct State {
  std::vector<Value> x, y;
  std::bitset<register_limit> floats;  // written
  uint64_t room = 0;       // words on the heap
  bool exact = true;       // the frame and its handlers are known
  bool complete = true;    // if not exact: every slot of the frame has been written
  bool has_frame = false;
  bool present = false;    // the cursor is at a message
  bool fresh = false;      // setelement/3 has just returned
  bool reached = false;

  Value at(const Operand& operand) const { return operand.is_x() ? at_x(operand.index) : at_y(operand.index); }
  Value at_x(size_t index) const { return index < x.size() ? x[index] : Value{}; }
  Value at_y(size_t index) const { return index < y.size() ? y[index] : Value{}; }
  void set_x(size_t index, const Value& value);
  void set(const Operand& operand, const Value& value);
  void refine(const Operand& operand, uint16_t types, uint32_t detail = 0);
  // Only these are left of the X registers, and no float register.
  void keep_only(std::initializer_list<Value> values);
  bool all_written() const;
  // Slot of the handler that an exception goes to, the nearest one; -1: none is known.
  int handler() const;
  // The name of a context is used anew: what had it before is not known any more.
  void forget(uint32_t context);
  // Another path leads to the label. False if nothing is lost.
  bool merge(const State& other, uint32_t label);
  // Whether merging loses the handlers of both.
  bool agrees_on_handlers(const State& other) const;
};

}  // namespace hanse
