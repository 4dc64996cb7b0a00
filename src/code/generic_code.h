// The decoded form of a .beam file: generic instructions and tables, as the reader makes them, the checker checks them and
// the emitter consumes them. A GenericModule owns everything its spans and terms point at. One thread at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "code/trust.h"
#include "term/literal.h"

namespace hanse {

enum class Opcode : uint16_t {
#define OPCODE(number, name, arity, meaning) op_##name = number,
#include "code/opcodes.def"
#undef OPCODE
};
inline constexpr uint16_t opcode_limit = 181;  // numbers run from 1 to opcode_limit - 1

const char* opcode_name(Opcode opcode);
uint32_t opcode_arity(Opcode opcode);

enum class OperandKind : uint8_t {
  unsigned_number,  // value(): counts, units, flags, import and lambda indexes, ...
  integer,          // term(): a constant; big integers live in the module's literal area
  atom,             // term()
  nil,              // term()
  x,                // index
  y,                // index
  label,            // index; 0 stands for "no label": raise instead
  character,        // index (no compiler has ever written one)
  literal,          // term(); index is its number in the literal table
  float_register,   // index
  list,             // list()
  alloc_list,       // index: words, floats(), funs()
};

struct Operand {
  static constexpr uint16_t no_type = 0xffff;

  OperandKind kind;
  uint16_t type = no_type;  // of typed registers (x, y): index into GenericModule::types
  uint32_t index = 0;       // see OperandKind; of a list: its length
  union {
    uint64_t number;
    Word term_word;
    const Operand* items;
    uint32_t needs[2];
  };

  uint64_t value() const {
    DCHECK(kind == OperandKind::unsigned_number);
    return number;
  }
  Term term() const {
    DCHECK(is_constant());
    return Term::from_word(term_word);
  }
  std::span<const Operand> list() const {
    DCHECK(kind == OperandKind::list);
    return {items, index};
  }
  // Room asked for on the heap, of an alloc_list or of a plain number.
  uint64_t alloc_words() const { return kind == OperandKind::alloc_list ? index : value(); }
  uint32_t alloc_floats() const { return kind == OperandKind::alloc_list ? needs[0] : 0; }
  uint32_t alloc_funs() const { return kind == OperandKind::alloc_list ? needs[1] : 0; }

  bool is_x() const { return kind == OperandKind::x; }
  bool is_y() const { return kind == OperandKind::y; }
  bool is_register() const { return is_x() || is_y(); }
  bool is_label() const { return kind == OperandKind::label; }
  bool is_constant() const {
    return kind == OperandKind::integer || kind == OperandKind::atom || kind == OperandKind::nil ||
           kind == OperandKind::literal;
  }
  // A term to read: register or constant.
  bool is_source() const { return is_register() || is_constant(); }
};
static_assert(sizeof(Operand) == 16);

struct GenericInstruction {
  Opcode opcode;
  uint32_t offset;  // in the code bytes of the Code chunk, for messages
  std::span<const Operand> operands;
};

struct GenericFunction {
  Term name;
  uint32_t arity;
  uint32_t entry_label;  // the label that calls name
  size_t first;          // index in `instructions` of the label before func_info
  size_t func_info;      // index of func_info
  size_t count;          // instructions from `first` to the next function or int_code_end
  std::vector<uint32_t> cleared_x{};  // X registers that are [] when the code begins; see flow_checker.cc
};

struct GenericImport {
  Term module;
  Term function;
  uint32_t arity;
};

struct GenericExport {  // exported, or local (LocT)
  Term function;
  uint32_t arity;
  uint32_t label;
};

struct GenericLambda {
  Term function;  // '-f/1-fun-0-'
  uint32_t arity; // of the function: arguments and free variables together
  uint32_t label;
  uint32_t index;
  uint32_t free_count;
  uint32_t old_unique;
};

struct GenericLine {
  uint32_t file;  // index in line_files
  uint32_t line;
};

// One record of the Type chunk (version 1, OTP 25): what the compiler knows about a typed register.
struct GenericType {
  static constexpr uint16_t atom = 1 << 0, bitstring = 1 << 1, match_context = 1 << 2, cons = 1 << 3, floating = 1 << 4,
                            fun = 1 << 5, integer = 1 << 6, map = 1 << 7, nil = 1 << 8, pid = 1 << 9, port = 1 << 10,
                            reference = 1 << 11, tuple = 1 << 12;
  uint16_t types = 0;  // what it may be: bits of the above
  int64_t minimum = 0;  // bounds if it is an integer; minimum > maximum: unknown
  int64_t maximum = -1;
  bool has_bounds() const { return minimum <= maximum; }
};

struct GenericModule {
  Term name;
  Trust trust = Trust::trusted;
  std::vector<Term> atoms;                        // atoms[0] is unused, as in the file
  std::vector<GenericInstruction> instructions;   // the last one is int_code_end
  std::vector<GenericFunction> functions;
  uint32_t label_count = 0;                       // labels are 1 .. label_count - 1
  std::vector<GenericImport> imports;
  std::vector<GenericExport> exports;
  std::vector<GenericExport> locals;
  std::vector<GenericLambda> lambdas;
  std::vector<Term> literals;                     // in literal_area, or immediate
  std::vector<GenericLine> lines;                 // lines[0] is "no place"; operand of `line` is an index
  std::vector<std::string> line_files;            // line_files[0] is the module's own file: NAME.erl
  std::vector<uint8_t> strings;                   // StrT: what bs_put_string and bs_match_string refer to
  std::vector<GenericType> types;
  Term attributes = Term::nil();                  // in literal_area
  Term compile_info = Term::nil();                // in literal_area
  uint8_t md5[16] = {};
  bool has_on_load = false;
  std::vector<bool> unproven;                     // made by the verifier; of each instruction: operands are looked at when it runs
  std::vector<bool> cleared_frames;               // made by the verifier; of each function: its frames are cleared
  std::unique_ptr<LiteralArea> literal_area;      // nullptr if there is nothing in it
  std::deque<std::vector<Operand>> operand_blocks;  // what the instructions' spans point into
};

}  // namespace hanse
