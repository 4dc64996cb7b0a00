#include "jit/translator.h"

#include <algorithm>
#include <cstring>
#include <unordered_map>
#include <vector>

#include "base/check.h"
#include "interp/hot_code.h"
#include "interp/state.h"
#include "jit/code_memory.h"
#include "jit/stencils.h"

namespace hanse::jit {

namespace {

// How many slices have to end in a module before it is worth it.
constexpr uint32_t hot_slices = 2;

// One kind of instruction: its stencils and where its operands are.
struct Shape {
  const Stencil* short_stencil = nullptr;
  const Stencil* long_stencil = nullptr;
  struct Place {
    uint8_t word;  // from the start of the instruction
    bool is_wide;
    bool is_float, is_written;  // is_written: a float register that gets its value here
  };
  Place operands[8] = {};
  bool has_wide = false;
  std::vector<const Stencil*> float_stencils = {};  // by Stencil::copies; empty: no float operands
};

void fill_operands(Shape& shape, Instruction instruction, size_t variant) {
  std::span<const OperandClass> classes = instruction_info(instruction).operands;
  size_t count = 1;
  for (OperandClass operand_class : classes) count *= variants_of(operand_class);
  uint8_t word = 1;
  size_t i = 0;
  for (OperandClass operand_class : classes) {
    if (operand_class == OperandClass::tail || i == std::size(shape.operands)) break;
    count /= variants_of(operand_class);
    size_t kind = variants_of(operand_class) == 1 ? 0 : variant / count % variants_of(operand_class);
    bool is_wide = operand_class == OperandClass::wide || kind == 2;
    bool is_float = operand_class == OperandClass::float_register;
    shape.operands[i] = {word, is_wide, is_float, is_float && i + 1 == classes.size()};
    i++;
    shape.has_wide |= is_wide;
    word = static_cast<uint8_t>(word + (is_wide ? 2 : 1));
  }
}

using Shapes = std::unordered_map<uint32_t, Shape>;  // by the word that names the handler

Shapes make_shapes() {
  struct Found {
    const Stencil *short_one = nullptr, *long_one = nullptr;
    std::vector<const Stencil*> with_copies;
  };
  std::unordered_map<uint32_t, Found> by_handler;
  for (const Stencil& stencil : stencils()) {
    Found& found = by_handler[static_cast<uint32_t>(reinterpret_cast<uintptr_t>(stencil.handler) - handler_base())];
    if (stencil.copies == 0) (stencil.is_short ? found.short_one : found.long_one) = &stencil;
    else if (!stencil.is_short) found.with_copies.push_back(&stencil);
  }
  Shapes shapes;
  for (size_t i = 0; i < static_cast<size_t>(Instruction::count); i++) {
    auto instruction = static_cast<Instruction>(i);
    size_t variants = 1;
    for (OperandClass operand_class : instruction_info(instruction).operands) variants *= variants_of(operand_class);
    for (size_t variant = 0; variant < variants; variant++) {
      auto word = static_cast<uint32_t>(handler_offset(instruction, variant));
      auto found = by_handler.find(word);
      if (found == by_handler.end()) continue;
      // The linker may have made one function of two handlers that do the same: their operands lie at the same places.
      Shape& shape = shapes[word];
      shape = {.short_stencil = found->second.short_one, .long_stencil = found->second.long_one};
      fill_operands(shape, instruction, variant);
      for (const Stencil* stencil : found->second.with_copies) {
        if (stencil->copies >= shape.float_stencils.size()) shape.float_stencils.resize(stencil->copies + 1);
        shape.float_stencils[stencil->copies] = stencil;
      }
    }
  }
  return shapes;
}

const Shapes& all_shapes() {
  static const Shapes& instance = *new Shapes(make_shapes());
  return instance;
}

class ModuleCode final : public NativeCode {
 public:
  struct Replaced {
    uint32_t offset, word;
  };
  ModuleCode(CodeRange range, std::vector<Replaced> replaced) : range_(range), replaced_(std::move(replaced)) {}
  ~ModuleCode() override { free_code(range_); }
  uint32_t original_word(uint32_t offset, uint32_t word) const override {
    auto found = std::lower_bound(replaced_.begin(), replaced_.end(), offset,
                                  [](const Replaced& row, uint32_t at) { return row.offset < at; });
    return found != replaced_.end() && found->offset == offset ? found->word : word;
  }

 private:
  CodeRange range_;
  std::vector<Replaced> replaced_;  // ascending
};

// Inside a run of instructions that hand copies of float registers on, machine code is only reached from the instruction before: no label is
// there, and the words still lead to the handlers, which read all float registers from memory, where they are as well. So a
// run may be left and entered anywhere by way of the words.
class Translation {
 public:
  explicit Translation(Module& module) : module_(module), end_(static_cast<uint32_t>(module.end() - module.begin())) {}

  bool run() {
    plan();
    CodeRange range = allocate_code(size_);
    if (range.write == nullptr) return false;
    run_ = range.run;
    for (const Item& item : items_) {
      if (item.stencil != nullptr) copy(item, range.write);
      else write_step_out(item, range.write + item.position);
    }
    std::memcpy(range.write + end_position_, "\x0f\x0b", trap_bytes);
    std::vector<ModuleCode::Replaced> replaced;
    for (const Item& item : items_)
      if (item.is_entry) replaced.push_back({item.offset, item.word});
    module_.set_native_code(std::make_unique<ModuleCode>(range, std::move(replaced)));
    for (const Item& item : items_)
      if (item.is_entry) module_.replace_word(item.offset, item.word, address_word(item.position));
    return true;
  }

 private:
  struct Item {
    uint32_t offset;    // of the instruction, in words
    uint32_t word;      // its handler
    uint32_t position;  // of its machine code
    uint32_t size;
    uint32_t far_position;  // of the part of it that runs rarely
    const Stencil* stencil;  // nullptr: the handler is jumped to
    const Shape* shape;
    bool is_entry;  // the word leads to the machine code: that needs no copies of float registers
  };

  void plan() {
    const Shapes& shapes = all_shapes();
    positions_.assign(end_ / 2 + 1, 0);
    for (uint32_t at = module_.starts().next(0, end_); at < end_; at = module_.starts().next(at + 2, end_)) {
      uint32_t word = __atomic_load_n(module_.begin() + at, __ATOMIC_RELAXED);
      auto found = shapes.find(word);
      const Shape* shape = found == shapes.end() ? nullptr : &found->second;
      if (module_.labels().contains(at)) copied_ = 0;
      bool is_entry = shape != nullptr && copied_ == 0;
      const Stencil* stencil = shape == nullptr ? nullptr : choose(*shape, at);
      if (stencil == nullptr || !stencil->keeps_floats) copied_ = 0;
      uint32_t size = step_out_bytes;
      if (stencil != nullptr) size = static_cast<uint32_t>(stencil->near_size);
      positions_[at / 2] = static_cast<uint32_t>(size_);
      items_.push_back({at, word, static_cast<uint32_t>(size_), size, 0, stencil, shape, is_entry && stencil != nullptr});
      size_ += size;
    }
    positions_[end_ / 2] = static_cast<uint32_t>(size_);
    end_position_ = static_cast<uint32_t>(size_);
    size_ += trap_bytes;
    for (Item& item : items_) {
      item.far_position = static_cast<uint32_t>(size_);
      if (item.stencil != nullptr) size_ += item.stencil->far_size;
    }
  }

  // Reads copies that are there, and makes one of what is written.
  const Stencil* choose_for_floats(const Shape& shape, uint32_t at) {
    uint32_t copies = 0, written = 0;
    for (const Shape::Place& place : shape.operands) {
      if (!place.is_float) continue;
      uint32_t number = module_.begin()[at + place.word] / static_cast<uint32_t>(sizeof(double));
      bool is_copy = number < copy_count && (place.is_written || (copied_ >> number & 1) != 0);
      copies = copies * copy_digits + (is_copy ? number + 1 : 0);
      if (is_copy && place.is_written) written = 1u << number;
    }
    if (copies == 0) return shape.long_stencil;
    if (copies >= shape.float_stencils.size() || shape.float_stencils[copies] == nullptr) {
      copied_ = 0;
      return shape.long_stencil;
    }
    copied_ |= written;
    return shape.float_stencils[copies];
  }

  const Stencil* choose(const Shape& shape, uint32_t at) {
    if (!shape.float_stencils.empty()) return choose_for_floats(shape, at);
    if (!shape.has_wide) return shape.long_stencil;
    for (const Shape::Place& place : shape.operands)
      if (place.is_wide && load_unaligned<Word>(module_.begin() + at + place.word) > 0x7fffffff) return shape.long_stencil;
    return shape.short_stencil != nullptr ? shape.short_stencil : shape.long_stencil;
  }

  uint32_t address_word(uint32_t position) const {
    return static_cast<uint32_t>(reinterpret_cast<uintptr_t>(run_ + position) - handler_base());
  }

  uint64_t value_of(const Item& item, const Patch& patch) const {
    Ip ip = module_.begin() + item.offset;
    switch (patch.hole) {
      case Hole::ip: return reinterpret_cast<uint64_t>(ip);
      case Hole::next: return reinterpret_cast<uint64_t>(run_ + item.position + item.size);
      case Hole::symbol: return symbol_address(patch.which);
      case Hole::near_part: return reinterpret_cast<uint64_t>(run_ + item.position);
      case Hole::far_part: return reinterpret_cast<uint64_t>(run_ + item.far_position);
      default: break;
    }
    Ip at = ip + item.shape->operands[patch.which].word;
    switch (patch.hole) {
      case Hole::x:
      case Hole::y: return uint64_t{*at} * sizeof(Term);
      case Hole::wide: return load_unaligned<Word>(at);
      case Hole::number:
      case Hole::flag: return *at;
      case Hole::label: return reinterpret_cast<uint64_t>(ip + static_cast<int32_t>(*at));
      default: return reinterpret_cast<uint64_t>(run_ + positions_[(item.offset + *at) / 2]);  // jump
    }
  }

  // to: where the module's machine code begins.
  void copy(const Item& item, uint8_t* to) const {
    const Stencil& stencil = *item.stencil;
    std::memcpy(to + item.position, stencil.bytes, stencil.near_size);
    std::memcpy(to + item.far_position, stencil.bytes + stencil.near_size, stencil.far_size);
    for (const Patch& patch : std::span(stencil.patches, stencil.patch_count)) {
      size_t at = patch.offset < stencil.near_size ? item.position + patch.offset : item.far_position + (patch.offset - stencil.near_size);
      uint64_t value = value_of(item, patch) + static_cast<uint64_t>(patch.addend);
      if (patch.width == Width::relative32) value -= reinterpret_cast<uint64_t>(run_ + at);
      std::memcpy(to + at, &value, patch.width == Width::abs64 ? 8 : 4);
    }
  }

  // mov $instruction, %r13d; movslq instruction, %rax; jmp *%rax
  static constexpr uint32_t step_out_bytes = 16;
  void write_step_out(const Item& item, uint8_t* to) const {
    auto ip = static_cast<uint32_t>(reinterpret_cast<uintptr_t>(module_.begin() + item.offset));
    uint8_t code[step_out_bytes] = {0x41, 0xbd, 0, 0, 0, 0, 0x48, 0x63, 0x04, 0x25, 0, 0, 0, 0, 0xff, 0xe0};
    std::memcpy(code + 2, &ip, 4);
    std::memcpy(code + 10, &ip, 4);
    std::memcpy(to, code, sizeof code);
  }
  static constexpr uint32_t trap_bytes = 2;

  Module& module_;
  uint32_t end_;
  size_t size_ = 0;
  uint32_t end_position_ = 0;  // behind the last instruction
  std::vector<Item> items_;
  std::vector<uint32_t> positions_;  // by half of the offset
  uint32_t copied_ = 0;              // the float registers of which there is a copy before the instruction at hand, a bit for each
  const uint8_t* run_ = nullptr;
};

}  // namespace

bool translate(Module& module) {
  if (!module.is_low() || stencils().empty()) return false;
  return Translation(module).run();
}

void start(Policy policy) {
  if (stencils().empty() || policy == Policy::off) return;
  if (policy == Policy::eager) code_registered = +[](Module& module) { translate(module); };
  else hot_code = +[](Module& module) {
    if (module.count_slice() == hot_slices) translate(module);
  };
}

}  // namespace hanse::jit
