#include "code/verifier_state.h"

#include <algorithm>

#include "term/fun.h"
#include "term/term.h"

namespace hanse {

uint16_t type_of_constant(Term term) {
  if (term.is_cons()) return type_cons;
  if (term.is_nil()) return type_nil;
  if (term.is_tuple()) return type_tuple;
  if (term.is_map()) return type_map;
  if (term.is_float()) return type_float;
  if (term.is_integer()) return type_integer;
  return term.is_bitstring() ? type_bits : type_other;
}

Value Value::constant(Term constant) {
  Value value = Value::term(type_of_constant(constant));
  if (constant.is_tuple()) value.detail = static_cast<uint32_t>(as_tuple(constant)->arity());
  if (constant.is_small() && constant.as_small() > 0 && constant.as_small() < (1 << 24))
    value.detail = static_cast<uint32_t>(constant.as_small());
  return value;
}

// Without a common type the place is never reached with this register; what the instruction found is as good as anything.
void Value::refine(uint16_t to_types, uint32_t to_detail) {
  if (!is_term()) return;
  bool same = content == Content::term && (types & to_types) == types;
  uint16_t both = content == Content::term ? types & to_types : to_types;
  uint32_t known = same ? detail : 0;
  content = Content::term;
  types = both == 0 ? to_types : both;
  detail = types == type_tuple ? std::max(known, to_detail) : types == type_integer ? known : 0;
}

Value join(const Value& a, const Value& b) {
  if (a == b) return a;
  if (a.content == Content::unset || b.content == Content::unset) return {};
  Value result{.content = Content::opaque, .fragile = a.fragile || b.fragile, .fresh = a.fresh || b.fresh};
  auto as_term = [](Value value) {
    if (value.content == Content::position) value = {.content = Content::term, .fragile = value.fragile, .types = type_integer};
    return value;
  };
  auto is_exception = [](const Value& value) { return value.content == Content::exception || value.content == Content::exception_or_term; };
  if (a.is_term() && b.is_term()) {
    if (a.content == Content::position && b.content == Content::position && a.detail == b.detail) {
      result.content = Content::position;
      result.detail = a.detail;
      return result;
    }
    Value left = as_term(a), right = as_term(b);
    result.content = Content::term;
    result.types = left.types | right.types;
    if (result.types == type_tuple) result.detail = std::min(left.detail, right.detail);
    if (result.types == type_integer && left.detail == right.detail) result.detail = left.detail;
  } else if (a.content == Content::context && b.content == Content::context) {
    result.content = Content::context;
    result.detail = a.detail == b.detail ? a.detail : 0;
  } else if ((a.is_term() || a.may_be_context()) && (b.is_term() || b.may_be_context())) {
    result.content = Content::term_or_context;
  } else if ((a.is_term() || is_exception(a)) && (b.is_term() || is_exception(b))) {
    result.content = Content::exception_or_term;
  } else if (a.content == b.content && a.content != Content::handler) {
    result.content = a.content;
  }
  return result;
}

void State::set_x(size_t index, const Value& value) {
  if (index >= x.size()) x.resize(index + 1);
  x[index] = value;
}

void State::set(const Operand& operand, const Value& value) {
  if (operand.is_x()) set_x(operand.index, value);
  else if (operand.index < y.size()) y[operand.index] = value;
}

void State::refine(const Operand& operand, uint16_t types, uint32_t detail) {
  if (!operand.is_register()) return;
  Value value = at(operand);
  value.refine(types, detail);
  set(operand, value);
}

void State::keep_only(std::initializer_list<Value> values) {
  x.assign(values);
  floats.reset();
}

bool State::all_written() const {
  if (!exact) return complete;
  return std::ranges::none_of(y, [](const Value& value) { return value.content == Content::unset; });
}

int State::handler() const {
  if (!exact) return -1;
  auto found = std::ranges::find(y, Content::handler, &Value::content);
  return found == y.end() ? -1 : static_cast<int>(found - y.begin());
}

void State::forget(uint32_t context) {
  for (auto* registers : {&x, &y})
    for (Value& value : *registers) {
      if (value.detail != context) continue;
      if (value.content == Content::context) value.detail = 0;
      if (value.content == Content::position) value = {.content = Content::term, .fragile = value.fragile, .types = type_integer};
    }
}

bool State::agrees_on_handlers(const State& other) const {
  if (!exact || !other.exact || has_frame != other.has_frame || y.size() != other.y.size()) return false;
  for (size_t i = 0; i < y.size(); i++) {
    bool is_handler = y[i].content == Content::handler;
    if (is_handler != (other.y[i].content == Content::handler)) return false;
    if (is_handler && y[i].detail != other.y[i].detail) return false;
  }
  return true;
}

// Paths meet with different contexts in the same registers, each with positions of its own. What belongs together on all paths gets
// a common name, made of the place and of the first register with such a context.
class CommonNames {
 public:
  CommonNames(const State& a, const State& b, uint32_t label) {
    auto add = [&](const Value& left, const Value& right, size_t place) {
      if (left.content != Content::context || right.content != Content::context || left.detail == right.detail) return;
      if (left.detail == 0 || right.detail == 0 || find(left.detail, right.detail) != 0 || label >= labels || place >= places) return;
      names_.push_back({left.detail, right.detail, first | label * places | static_cast<uint32_t>(place)});
    };
    for (size_t i = 0; i < std::min(a.x.size(), b.x.size()); i++) add(a.x[i], b.x[i], 2 * i);
    for (size_t i = 0; i < std::min(a.y.size(), b.y.size()); i++) add(a.y[i], b.y[i], 2 * i + 1);
  }

  Value joined(const Value& a, const Value& b) const {
    if (names_.empty() || !has_name(a) || a.content != b.content) return join(a, b);
    Value left = a, right = b;
    if (a.detail != b.detail) {
      if (uint32_t name = find(a.detail, b.detail); name != 0) left.detail = right.detail = name;
    } else if (std::ranges::find(names_, a.detail, &Name::common) != names_.end()) {
      right.detail = 0;  // left from the last time at this place
    }
    return join(left, right);
  }

 private:
  // Above those that instructions give.
  static constexpr uint32_t first = uint32_t{1} << 31, places = 2 * register_limit, labels = first / places;
  struct Name {
    uint32_t left, right, common;
  };
  static bool has_name(const Value& value) { return value.content == Content::context || value.content == Content::position; }
  uint32_t find(uint32_t left, uint32_t right) const {
    auto found = std::ranges::find_if(names_, [&](const Name& name) { return name.left == left && name.right == right; });
    return found == names_.end() ? 0 : found->common;
  }
  std::vector<Name> names_;
};

bool State::merge(const State& other, uint32_t label) {
  if (!reached) {
    *this = other;
    fresh = false;
    reached = true;
    return true;
  }
  State before = *this;
  bool both_written = all_written() && other.all_written();
  exact = agrees_on_handlers(other);
  complete = both_written;
  has_frame = has_frame && other.has_frame;
  present = present && other.present;
  room = std::min(room, other.room);
  floats &= other.floats;
  x.resize(std::min(x.size(), other.x.size()));
  y.resize(std::min(y.size(), other.y.size()));
  const CommonNames names(*this, other, label);
  for (size_t i = 0; i < x.size(); i++) x[i] = names.joined(x[i], other.x[i]);
  for (size_t i = 0; i < y.size(); i++) {
    y[i] = names.joined(y[i], other.y[i]);
    if (!exact && y[i].content == Content::handler) y[i] = {.content = Content::opaque};
  }
  while (!x.empty() && x.back().content == Content::unset) x.pop_back();
  return x != before.x || y != before.y || exact != before.exact || has_frame != before.has_frame || present != before.present ||
         room != before.room || floats != before.floats || (!exact && complete != before.complete);
}

}  // namespace hanse
