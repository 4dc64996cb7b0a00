// How handlers read their operands when they are compiled as stencils: each value is the address of a symbol that does not
// exist. The object file is never linked; tools/stencil_table.cc turns its functions into templates of machine code, and
// jit/ copies them and fills in the places where those addresses would be. What an instruction does is said in its handler
// alone.
//
//   hanse_hole_x_0, y_0    operand 0 is a register: its byte offset
//   hanse_hole_wide_0      a term or a pointer
//   hanse_hole_number_0    a number or an offset in bytes
//   hanse_hole_flag_0      0: there is no label
//   hanse_hole_label_0     where the label leads; hanse_hole_jump_0: the machine code there
//   hanse_hole_ip          this instruction; hanse_hole_next: the machine code of the next one
//
// The compiler takes addresses for positive numbers below 2^31, not 0 and all different: values that it could draw wrong
// conclusions about come from assembly. With HANSE_STENCILS=1 wide values are short ones too; with 2 they have 64 bits.
//
// Stencils made with HANSE_STENCIL_FLOATS hand four of the processor's registers on, which may hold the first four float registers. Memory holds
// all float registers at any time, so that a stencil may be left for anything else: the processor's are copies. A float operand is then of
// one of several kinds, in memory (FloatWord) or a copy (FloatIn); jit/translator.cc knows which copies are right where.
#pragma once

#include "interp/state.h"

namespace hanse {
namespace stencil {

template <size_t operand> struct Hole;

#define HOLES(i)                                                                              \
  extern "C" char hanse_hole_x_##i, hanse_hole_y_##i, hanse_hole_wide_##i, hanse_hole_number_##i, hanse_hole_label_##i; \
  extern "C" HANSE_PRESERVE_NONE void hanse_hole_jump_##i(ENGINE_PARAMETERS);                 \
  template <>                                                                                 \
  struct Hole<i> {                                                                            \
    static intptr_t x() { return reinterpret_cast<intptr_t>(&hanse_hole_x_##i); }             \
    static intptr_t y() { return reinterpret_cast<intptr_t>(&hanse_hole_y_##i); }             \
    static intptr_t offset() { return reinterpret_cast<intptr_t>(&hanse_hole_number_##i); }     \
    static uint32_t number() {                                                                \
      auto value = reinterpret_cast<uintptr_t>(&hanse_hole_number_##i);                       \
      __builtin_assume(value < (uintptr_t{1} << 31)); /* no zero extension */                 \
      return static_cast<uint32_t>(value);                                                    \
    }                                                                                         \
    static Ip label() { return reinterpret_cast<Ip>(&hanse_hole_label_##i); }                 \
    static Handler jump() { return &hanse_hole_jump_##i; }                                    \
    static Word short_wide() { return reinterpret_cast<Word>(&hanse_hole_wide_##i); }         \
    static Word long_wide() {                                                                 \
      Word value;                                                                             \
      asm("movabsq $hanse_hole_wide_" #i ", %0" : "=r"(value));                               \
      return value;                                                                           \
    }                                                                                         \
    static uint32_t flag() {                                                                  \
      uint32_t value;                                                                         \
      asm("movl $hanse_hole_flag_" #i ", %0" : "=r"(value));                                  \
      return value;                                                                           \
    }                                                                                         \
    static Word wide() { return HANSE_STENCILS == 1 ? short_wide() : long_wide(); }           \
  };
HOLES(0) HOLES(1) HOLES(2) HOLES(3) HOLES(4) HOLES(5) HOLES(6) HOLES(7)
#undef HOLES
extern "C" char hanse_hole_ip;
extern "C" HANSE_PRESERVE_NONE void hanse_hole_next(ENGINE_PARAMETERS);

template <size_t operand>
struct Label {
  operator Ip() const { return Hole<operand>::label(); }
};

// Costs nothing: whatever the register holds.
inline Ip any_ip() {
  Ip value;
  asm("" : "=r"(value));
  return value;
}

// Where a jump goes, and what ip is on arrival: machine code of this module needs none.
template <size_t operand> Handler destination(Label<operand>) { return Hole<operand>::jump(); }
template <size_t operand> Ip arrival(Label<operand>) { return any_ip(); }
inline Handler destination(Ip target) { return handler_at(target); }
inline Ip arrival(Ip target) { return target; }

struct ThisInstruction {
  operator Ip() const { return reinterpret_cast<Ip>(&hanse_hole_ip); }
};
// In handlers the name `ip` finds this; their parameter has none.
struct Stencil {
  static constexpr ThisInstruction ip{};
};

}  // namespace stencil

#undef DISPATCH
#define DISPATCH(target) \
  HANSE_MUSTTAIL return ::hanse::stencil::destination(target)(p, ::hanse::stencil::arrival(target), e, x, h, reds FLOAT_ARGUMENTS)
#define NEXT() \
  HANSE_MUSTTAIL return ::hanse::stencil::hanse_hole_next(p, ::hanse::stencil::any_ip(), e, x, h, reds FLOAT_ARGUMENTS)

#define GET(i) (L::template Kind<i>::template get<i>(x, e))
#define SET(i, value) (L::template Kind<i>::template set<i>(x, e, (value)))
#define NUMBER(i) (::hanse::stencil::Hole<i>::number())
#define OFFSET(i) (::hanse::stencil::Hole<i>::offset())
#define HAS_LABEL(i) (::hanse::stencil::Hole<i>::flag() != 0)
#define LABEL(i) (::hanse::stencil::Label<i>{})
#define WIDE(i) (::hanse::stencil::Hole<i>::wide())

#define HANDLER_PARAMETERS                                                                                      \
  [[maybe_unused]] Process *p, Ip, [[maybe_unused]] Term *e, [[maybe_unused]] Term *x, [[maybe_unused]] Word *h, \
      [[maybe_unused]] int64_t reds FLOAT_PARAMETERS

}  // namespace hanse
