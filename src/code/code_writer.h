// Writes internal instructions: picks the variant for the operands at hand, lays them out and resolves labels.
#pragma once

#include <initializer_list>
#include <vector>

#include "code/generic_code.h"
#include "code/instruction.h"
#include "code/instruction_starts.h"

namespace hanse {

class CodeWriter {
 public:
  explicit CodeWriter(uint32_t label_count) : label_words_(label_count, unbound) {}

  // One operand of an instruction.
  struct Argument {
    enum class Kind : uint8_t { operand, label, number, wide } kind;
    Operand operand{};
    uint64_t value = 0;
  };
  static Argument operand(const Operand& generic) { return {Argument::Kind::operand, generic, 0}; }
  static Argument label(const Operand& generic) { return {Argument::Kind::label, {}, generic.index}; }
  static Argument label(uint32_t number) { return {Argument::Kind::label, {}, number}; }
  static Argument number(uint64_t value) { return {Argument::Kind::number, {}, value}; }
  static Argument wide(uint64_t value) { return {Argument::Kind::wide, {}, value}; }
  static Argument wide(const void* pointer) { return wide(reinterpret_cast<uint64_t>(pointer)); }

  // A whole instruction. False: an operand is of a kind that the instruction does not take.
  [[nodiscard]] bool put(Instruction instruction, std::initializer_list<Argument> arguments = {});
  // The fixed part of an instruction with a tail; then tail_* and end_tail().
  [[nodiscard]] bool begin(Instruction instruction, std::initializer_list<Argument> arguments);
  void tail_word(uint32_t word) { words_.push_back(word); }
  void tail_wide(uint64_t value);
  void tail_any(const Operand& generic);  // AnyOperand
  void tail_label(uint32_t label);
  void end_tail() { pad(); }

  void bind(uint32_t label) {
    label_words_[label] = position();
    labels_.add(position());
  }
  bool is_bound(uint32_t label) const { return label_words_[label] != unbound; }
  uint32_t position(uint32_t label) const { return label_words_[label]; }
  uint32_t position() const { return static_cast<uint32_t>(words_.size()); }
  // Fills in all label distances. False if a label is missing.
  [[nodiscard]] bool resolve();
  std::vector<uint32_t> take() { return std::move(words_); }
  InstructionStarts take_starts() { return std::move(starts_); }
  InstructionStarts take_labels() { return std::move(labels_); }

 private:
  static constexpr uint32_t unbound = ~uint32_t{0};
  struct Use {
    uint32_t at;     // word to fill
    uint32_t start;  // of its instruction
    uint32_t label;
  };
  void pad() {
    if (words_.size() % 2 != 0) words_.push_back(0);
  }
  std::vector<uint32_t> words_;
  InstructionStarts starts_, labels_;
  std::vector<uint32_t> label_words_;
  std::vector<Use> uses_;
  uint32_t start_ = 0;
};

}  // namespace hanse
