#include "code/emitter_select.h"

#include <algorithm>

#include "term/compare.h"

namespace hanse {

namespace {

using W = CodeWriter;

struct Choice {
  Term value;
  uint32_t label;
};

size_t put_select(CodeWriter& writer, Instruction instruction, std::span<const Operand> o, const std::vector<Choice>& choices) {
  if (!writer.begin(instruction, {W::operand(o[0]), W::label(o[1]), W::number(choices.size())})) return 0;
  for (const Choice& choice : choices) writer.tail_wide(choice.value.word());
  for (const Choice& choice : choices) writer.tail_label(choice.label);
  writer.end_tail();
  return 1;
}

// A table of labels where at least half of the range of values is used.
bool emit_dense(CodeWriter& writer, std::span<const Operand> o, const std::vector<Choice>& choices) {
  if (choices.size() < 4) return false;
  int64_t low = Term::small_max, high = Term::small_min;
  for (const Choice& choice : choices) {
    if (!choice.value.is_small()) return false;
    low = std::min(low, choice.value.as_small());
    high = std::max(high, choice.value.as_small());
  }
  auto range = static_cast<uint64_t>(high - low) + 1;
  if (range > 2 * choices.size()) return false;
  std::vector<uint32_t> table(range, o[1].index);
  for (const Choice& choice : choices) table[static_cast<size_t>(choice.value.as_small() - low)] = choice.label;
  if (!writer.begin(Instruction::select_dense, {W::operand(o[0]), W::label(o[1]), W::number(range), W::wide(static_cast<uint64_t>(low))}))
    return false;
  for (uint32_t label : table) writer.tail_label(label);
  writer.end_tail();
  return true;
}

}  // namespace

size_t emit_select_val(CodeWriter& writer, std::span<const Operand> o) {
  std::vector<Choice> choices;
  auto list = o[2].list();
  for (size_t i = 0; i + 1 < list.size(); i += 2) choices.push_back({list[i].term(), list[i + 1].index});
  if (o[0].is_constant()) {
    for (const Choice& choice : choices)
      if (exactly_equal(choice.value, o[0].term())) return writer.put(Instruction::jump, {W::label(choice.label)});
    return writer.put(Instruction::jump, {W::label(o[1])});
  }
  bool immediate = std::ranges::all_of(choices, [](const Choice& c) { return !c.value.is_pointer(); });
  if (!immediate) return put_select(writer, Instruction::select_any, o, choices);
  if (emit_dense(writer, o, choices)) return 1;
  if (choices.size() <= 6) return put_select(writer, Instruction::select_linear, o, choices);
  std::ranges::sort(choices, {}, [](const Choice& c) { return c.value.word(); });
  return put_select(writer, Instruction::select_binary, o, choices);
}

size_t emit_select_arity(CodeWriter& writer, std::span<const Operand> o) {
  auto list = o[2].list();
  if (!writer.begin(Instruction::select_tuple_arity, {W::operand(o[0]), W::label(o[1]), W::number(list.size() / 2)})) return 0;
  for (size_t i = 0; i + 1 < list.size(); i += 2) writer.tail_word(static_cast<uint32_t>(list[i].value()));
  for (size_t i = 0; i + 1 < list.size(); i += 2) writer.tail_label(list[i + 1].index);
  writer.end_tail();
  return 1;
}

}  // namespace hanse
