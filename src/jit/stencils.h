// Handlers as templates of machine code (interp/stencil.h), made when the virtual machine is built.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace hanse::jit {

// What is filled in.
enum class Hole : uint8_t {
  x, y,    // operand `which` is a register: its byte offset
  wide,    // a term or a pointer
  number,
  flag,    // whether there is a label
  label,   // the instruction that the label leads to
  jump,    // its machine code
  ip,      // this instruction
  next,    // the machine code of the next instruction
  symbol,  // a function or variable of the virtual machine
  near_part, far_part,  // of this stencil
};

// How: four bytes that are zero extended or sign extended, eight bytes, four bytes relative to their own place.
enum class Width : uint8_t { abs32, abs32_signed, abs64, relative32 };

struct Patch {
  uint32_t offset;  // in the bytes
  Width width;
  Hole hole;
  uint16_t which;  // operand, or symbol
  int64_t addend;
};

// The first float registers may be copied to registers of the processor (interp/stencil.h).
inline constexpr unsigned copy_count = 4, copy_digits = copy_count + 1;

struct Stencil {
  const void* handler;
  bool is_short;     // wide operands have 31 bits
  bool keeps_floats;  // copies of float registers are handed on to the next instruction
  uint8_t copies;    // for each float operand a digit of a number to the base copy_digits: 0 in memory, else 1 + the number of a copy
  // First what runs as a rule, which goes on to the next instruction by its end; then what is reached by jumps and may lie elsewhere.
  const uint8_t* bytes;
  size_t near_size, far_size;
  const Patch* patches;
  size_t patch_count;
};

// Empty where there is no machine code for this kind of processor.
std::span<const Stencil> stencils();
uintptr_t symbol_address(uint32_t which);

}  // namespace hanse::jit
