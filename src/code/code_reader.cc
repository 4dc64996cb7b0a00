#include "code/code_reader.h"

#include <fmt/format.h>

#include "term/big.h"

namespace hanse {

namespace {
enum Tag : uint8_t { tag_unsigned, tag_integer, tag_atom, tag_x, tag_y, tag_label, tag_character, tag_extended };
enum Extended : uint64_t { extended_list = 1, extended_float, extended_alloc, extended_literal, extended_typed };
constexpr size_t operand_block = 4096;
}  // namespace

Operand* CodeReader::allocate(size_t count) {
  auto& blocks = module_.operand_blocks;
  if (blocks.empty() || blocks.back().capacity() - blocks.back().size() < count)
    blocks.emplace_back().reserve(std::max(count, operand_block));
  auto& block = blocks.back();
  block.resize(block.size() + count);
  return block.data() + block.size() - count;
}

CodeReader::CompactValue CodeReader::read_value() {
  CompactValue result;
  uint8_t first = in_.u8();
  result.tag = first & 7;
  if ((first & 8) == 0) {
    result.value = first >> 4;
  } else if ((first & 0x10) == 0) {
    result.value = static_cast<uint64_t>(first & 0xe0) << 3 | in_.u8();
  } else {
    size_t length = static_cast<size_t>(first >> 5) + 2;
    if (length == 9) {
      // The length itself is a value; once is enough for any number that fits in a file.
      uint8_t second = in_.u8();
      if ((second & 7) != tag_unsigned || (second & 0x18) == 0x18) {
        in_.fail("a number is too long");
        return {};
      }
      size_t extra = (second & 8) == 0 ? second >> 4 : (static_cast<size_t>(second & 0xe0) << 3 | in_.u8());
      length = extra + 9;
    }
    Bytes digits = in_.bytes(length);
    if (in_.failed()) return {};
    result.negative = (digits[0] & 0x80) != 0;
    if (length > 8) {
      result.big = digits;
    } else {
      result.value = result.negative ? ~uint64_t{0} : 0;
      for (uint8_t byte : digits) result.value = result.value << 8 | byte;
    }
  }
  return result;
}

uint64_t CodeReader::read_unsigned() {
  size_t at = in_.offset();
  CompactValue value = read_value();
  if (value.tag != tag_unsigned || value.negative || !value.big.empty()) {
    in_.fail_at(at, "an unsigned number expected");
    return 0;
  }
  return value.value;
}

void CodeReader::read_plain(Operand& operand, const CompactValue& value) {
  auto index_below = [&](const char* what, uint64_t limit) {
    if (value.negative || !value.big.empty() || value.value >= limit) {
      in_.fail(value.big.empty() ? fmt::format("{}({}) is out of range, at most {}", what, static_cast<int64_t>(value.value),
                                               limit == 0 ? 0 : limit - 1)
                                 : fmt::format("the number of {} has {} bytes", what, value.big.size()));
      return;
    }
    operand.index = static_cast<uint32_t>(value.value);
  };
  switch (value.tag) {
    case tag_unsigned:
      operand.kind = OperandKind::unsigned_number;
      // Numbers of 2^63 and above have a leading zero byte; those of more than 64 bits are as good as the largest.
      if (value.big.size() == 9 && value.big[0] == 0)
        operand.number = load_be64(value.big.data() + 1);
      else if (value.negative || (!value.big.empty() && (value.big[0] & 0x80) != 0))
        in_.fail("an unsigned number is negative");
      else if (!value.big.empty())
        operand.number = UINT64_MAX;
      else
        operand.number = value.value;
      break;
    case tag_integer: {
      operand.kind = OperandKind::integer;
      Term term = value.big.empty()
                      ? make_integer(scratch_, static_cast<int64_t>(value.value))
                      : integer_from_twos_complement(scratch_, value.big.data(), value.big.size(), true);
      if (term.is_none()) {
        in_.fail("an integer is larger than the system limit");
        term = Term::small(0);
      }
      operand.term_word = term.word();
      break;
    }
    case tag_atom:
      index_below("atom", module_.atoms.size());
      if (in_.failed()) return;
      operand.kind = operand.index == 0 ? OperandKind::nil : OperandKind::atom;
      operand.term_word = operand.index == 0 ? Term::nil_word : module_.atoms[operand.index].word();
      break;
    case tag_x:
      operand.kind = OperandKind::x;
      index_below("register x", register_limit);
      break;
    case tag_y:
      operand.kind = OperandKind::y;
      index_below("register y", register_limit);
      break;
    case tag_label:
      operand.kind = OperandKind::label;
      index_below("label", module_.label_count);
      break;
    default:
      operand.kind = OperandKind::character;
      index_below("character", 0x110000);
      break;
  }
}

void CodeReader::read_operand(Operand& operand) {
  CompactValue value = read_value();
  if (in_.failed()) return;
  if (value.tag != tag_extended)
    read_plain(operand, value);
  else if (value.negative || !value.big.empty())
    in_.fail("unknown kind of extended operand");
  else
    read_extended(operand, value.value);
}

void CodeReader::read_extended(Operand& operand, uint64_t kind) {
  auto index_below = [&](const char* what, uint64_t limit) {
    size_t at = in_.offset();
    uint64_t index = read_unsigned();
    if (!in_.failed() && index >= limit) in_.fail_at(at, fmt::format("{}({}) is out of range, there are {}", what, index, limit));
    operand.index = static_cast<uint32_t>(index);
  };
  switch (kind) {
    case extended_list: return read_list(operand);
    case extended_alloc: return read_alloc_list(operand);
    case extended_typed: return read_typed_register(operand);
    case extended_float:
      operand.kind = OperandKind::float_register;
      return index_below("float register", register_limit);
    case extended_literal:
      operand.kind = OperandKind::literal;
      index_below("literal", module_.literals.size());
      if (in_.failed()) return;
      operand.term_word = module_.literals[operand.index].word();
      return;
    default: in_.fail(fmt::format("unknown kind {} of extended operand", kind));
  }
}

void CodeReader::read_list(Operand& operand) {
  uint64_t count = read_unsigned();
  if (in_list_ || count > in_.left()) in_.fail("a list of operands is nested, or longer than the code");
  if (in_.failed()) return;
  in_list_ = true;
  Operand* items = allocate(count);
  for (size_t i = 0; i < count && !in_.failed(); i++) read_operand(items[i]);
  in_list_ = false;
  operand.kind = OperandKind::list;
  operand.index = static_cast<uint32_t>(count);
  operand.items = items;
}

void CodeReader::read_alloc_list(Operand& operand) {
  operand.kind = OperandKind::alloc_list;
  operand.needs[0] = operand.needs[1] = 0;
  for (uint64_t count = read_unsigned(); count > 0 && !in_.failed(); count--) {
    uint64_t kind = read_unsigned();
    uint64_t amount = read_unsigned();
    uint32_t* places[] = {&operand.index, &operand.needs[0], &operand.needs[1]};
    if (kind > 2 || amount > (1u << 24)) return in_.fail(fmt::format("room on the heap of kind {} for {} is not possible", kind, amount));
    *places[kind] = static_cast<uint32_t>(amount);
  }
}

void CodeReader::read_typed_register(Operand& operand) {
  size_t at = in_.offset();
  CompactValue value = read_value();
  if (value.tag != tag_x && value.tag != tag_y) return in_.fail_at(at, "a register expected");
  read_plain(operand, value);
  uint64_t type = read_unsigned();
  if (in_.failed()) return;
  if (module_.types.empty()) return;  // tools that strip modules leave the chunk out
  if (type >= module_.types.size())
    return in_.fail_at(at, fmt::format("type({}) is out of range, there are {}", type, module_.types.size()));
  // What the compiler inferred is a hint only; indexes beyond the field's range are dropped.
  operand.type = type < Operand::no_type ? static_cast<uint16_t>(type) : Operand::no_type;
}

void CodeReader::read_instruction() {
  size_t at = in_.offset();
  uint8_t number = in_.u8();
  if (number == 0 || number >= opcode_limit) return in_.fail_at(at, fmt::format("unknown instruction {}", number));
  auto opcode = static_cast<Opcode>(number);
  size_t arity = opcode_arity(opcode);
  Operand* operands = arity == 0 ? nullptr : allocate(arity);
  for (size_t i = 0; i < arity && !in_.failed(); i++) {
    operands[i].number = 0;
    read_operand(operands[i]);
  }
  if (opcode == Opcode::op_on_load) module_.has_on_load = true;
  module_.instructions.push_back({opcode, static_cast<uint32_t>(at), {operands, arity}});
}

// A function is: label, line (or none), func_info, label of the entry, ...
void CodeReader::find_functions(uint32_t expected) {
  auto& code = module_.instructions;
  auto& functions = module_.functions;
  for (size_t i = 0; i < code.size(); i++) {
    if (code[i].opcode != Opcode::op_func_info) continue;
    size_t first = i;
    while (first > 0 && code[first - 1].opcode == Opcode::op_line) first--;
    if (first == 0 || code[first - 1].opcode != Opcode::op_label)
      return in_.fail_at(code[i].offset, "no label before func_info");
    auto operands = code[i].operands;
    if (operands[0].kind != OperandKind::atom || operands[1].kind != OperandKind::atom ||
        operands[2].kind != OperandKind::unsigned_number || operands[2].value() > 255)
      return in_.fail_at(code[i].offset, "func_info needs module, name and an arity of at most 255");
    if (operands[0].term() != module_.name) return in_.fail_at(code[i].offset, "func_info names another module");
    if (i + 1 >= code.size() || code[i + 1].opcode != Opcode::op_label ||
        code[i + 1].operands[0].kind != OperandKind::unsigned_number)
      return in_.fail_at(code[i].offset, "no label behind func_info");
    uint64_t entry = code[i + 1].operands[0].value();
    if (entry == 0 || entry >= module_.label_count) return in_.fail_at(code[i].offset, "the entry's label is out of range");
    if (!functions.empty()) functions.back().count = first - 1 - functions.back().first;
    functions.push_back({operands[1].term(), static_cast<uint32_t>(operands[2].value()), static_cast<uint32_t>(entry), first - 1, i, 0});
  }
  if (functions.size() != expected)
    return in_.fail(fmt::format("the header says {} functions, there are {}", expected, functions.size()));
  size_t begin = functions.empty() ? code.size() - 1 : functions.front().first;
  // Nothing may stand before the first function; the compiler puts `line` and labels of functions only.
  if (begin != 0 && !functions.empty()) return in_.fail_at(code[0].offset, "code outside of a function");
  if (!functions.empty()) functions.back().count = code.size() - 1 - functions.back().first;
}

bool CodeReader::read() {
  uint32_t header_bytes = in_.u32();
  if (in_.failed()) return false;
  if (header_bytes < 16 || header_bytes > in_.left()) {
    in_.fail(fmt::format("a header of {} bytes is not possible", header_bytes));
    return false;
  }
  uint32_t instruction_set = in_.u32();
  uint32_t highest = in_.u32();
  uint32_t labels = in_.u32();
  uint32_t function_count = in_.u32();
  in_.bytes(header_bytes - 16);
  if (instruction_set != 0) in_.fail(fmt::format("instruction set {} is unknown", instruction_set));
  if (highest >= opcode_limit)
    in_.fail(fmt::format("instructions up to {} are used, known are those up to {}", highest, opcode_limit - 1));
  if (labels > in_.left() + 1 || function_count > in_.left())
    in_.fail(fmt::format("{} labels and {} functions cannot fit in the code", labels, function_count));
  if (in_.failed()) return false;
  module_.label_count = labels == 0 ? 1 : labels;
  module_.instructions.reserve(in_.left() / 4);
  do {
    if (in_.at_end()) in_.fail("the code does not end with int_code_end");
    if (in_.failed()) return false;
    read_instruction();
  } while (!in_.failed() && module_.instructions.back().opcode != Opcode::op_int_code_end);
  if (in_.failed()) return false;
  find_functions(function_count);
  return !in_.failed();
}

}  // namespace hanse
