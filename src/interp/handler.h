// How handlers are written: one template per instruction, instantiated for every combination of operand kinds.
//
//   HANDLER(move) { SET(1, GET(0)); NEXT(); }
//   HANDLERS_OF(move)
//
// GET(i), SET(i, term) read and write operand i, LABEL(i) is where a label leads, NUMBER(i), WIDE(i) and TAIL() are what
// instruction.h says. See instructions.def for each instruction's operands.
#pragma once

#include <array>
#include <tuple>
#include <utility>

#ifdef HANSE_STENCILS
#include "interp/stencil.h"
#else
#include "interp/state.h"
#endif

namespace hanse {

namespace operand {

#ifdef HANSE_STENCILS
inline Term& at_offset(Term* base, intptr_t offset) {
  return *reinterpret_cast<Term*>(reinterpret_cast<char*>(base) + offset);
}
struct X {
  static constexpr size_t words = 1;
  template <size_t i> static Term get(Term* x, Term*) { return at_offset(x, stencil::Hole<i>::x()); }
  template <size_t i> static void set(Term* x, Term*, Term value) { at_offset(x, stencil::Hole<i>::x()) = value; }
};
struct Y {
  static constexpr size_t words = 1;
  template <size_t i> static Term get(Term*, Term* e) { return at_offset(e, stencil::Hole<i>::y()); }
  template <size_t i> static void set(Term*, Term* e, Term value) { at_offset(e, stencil::Hole<i>::y()) = value; }
};
struct Constant {
  static constexpr size_t words = 2;
  template <size_t i> static Term get(Term*, Term*) { return Term::from_word(stencil::Hole<i>::wide()); }
};
#else
struct X {
  static constexpr size_t words = 1;
  static Term load(Ip at, Term* x, Term*) { return x[*at]; }
  static void store(Ip at, Term* x, Term*, Term value) { x[*at] = value; }
};
struct Y {
  static constexpr size_t words = 1;
  static Term load(Ip at, Term*, Term* e) { return e[*at]; }
  static void store(Ip at, Term*, Term* e, Term value) { e[*at] = value; }
};
struct Constant {
  static constexpr size_t words = 2;
  static Term load(Ip at, Term*, Term*) { return Term::from_word(load_unaligned<Word>(at)); }
};
#endif
// A float register: its offset in bytes.
struct FloatWord {
  static constexpr size_t words = 1;
#ifdef HANSE_STENCIL_FLOATS
  template <size_t i> static double load(Term* x, double, double, double, double) { return float_register(x, stencil::Hole<i>::offset()); }
  template <size_t i> static void store(Term* x, double&, double&, double&, double&, double value) {
    float_register(x, stencil::Hole<i>::offset()) = value;
  }
#endif
};
#ifdef HANSE_STENCIL_FLOATS
template <int number>
struct FloatIn {
  static constexpr size_t words = 1;
  static double& pick(double& f0, double& f1, double& f2, double& f3) {
    if constexpr (number == 0) return f0;
    else if constexpr (number == 1) return f1;
    else if constexpr (number == 2) return f2;
    else return f3;
  }
  template <size_t i> static double load(Term*, double f0, double f1, double f2, double f3) { return pick(f0, f1, f2, f3); }
  template <size_t i> static void store(Term* x, double& f0, double& f1, double& f2, double& f3, double value) {
    pick(f0, f1, f2, f3) = value;
    FloatWord::store<i>(x, f0, f1, f2, f3, value);
  }
};
#endif
// The kind of an operand outside stencils.
template <class Kind> struct General { using type = Kind; };
#ifdef HANSE_STENCIL_FLOATS
template <int number> struct General<FloatIn<number>> { using type = FloatWord; };
#endif
struct LabelWord { static constexpr size_t words = 1; };
struct NumberWord { static constexpr size_t words = 1; };
struct WideWords { static constexpr size_t words = 2; };
struct TailWords { static constexpr size_t words = 0; };

// Classes of instructions.def and the kinds that each stands for.
template <class... Kinds> struct Choice { static constexpr size_t count = sizeof...(Kinds); };
using Source = Choice<X, Y, Constant>;
using Register = Choice<X, Y>;
using Label = Choice<LabelWord>;
using Number = Choice<NumberWord>;
#ifdef HANSE_STENCIL_FLOATS
using Float = Choice<FloatWord, FloatIn<0>, FloatIn<1>, FloatIn<2>, FloatIn<3>>;
#else
using Float = Choice<FloatWord>;
#endif
using Wide = Choice<WideWords>;
using Tail = Choice<TailWords>;

template <size_t index, class C> struct Pick;
template <size_t index, class... Kinds> struct Pick<index, Choice<Kinds...>> {
  using type = std::tuple_element_t<index, std::tuple<Kinds...>>;
};

}  // namespace operand

// Where each operand of a variant lies.
template <class... Kinds>
struct Layout {
  static constexpr size_t operand_count = sizeof...(Kinds);
  static constexpr std::array<size_t, operand_count + 1> make_offsets() {
    std::array<size_t, operand_count + 1> result{};
    size_t at = 1, i = 0;
    ((result[i++] = at, at += Kinds::words), ...);
    result[operand_count] = at;
    return result;
  }
  static constexpr auto offsets = make_offsets();
  static constexpr size_t end = offsets[operand_count];
  // Length of an instruction without a Tail.
  static constexpr size_t words = (end + 1) & ~size_t{1};
  template <size_t i> using Kind = std::tuple_element_t<i, std::tuple<Kinds...>>;
};

template <class... Classes> struct Signature {};

// All variants of a handler template, in the order of the mixed radix numbers of instruction.h.
template <template <class...> class H, class S> struct Variants;
template <template <class...> class H, class... Classes>
struct Variants<H, Signature<Classes...>> {
  static constexpr size_t count = (size_t{1} * ... * Classes::count);
  static constexpr std::array<size_t, sizeof...(Classes)> strides() {
    std::array<size_t, sizeof...(Classes)> radices{Classes::count...}, result{};
    size_t stride = 1;
    for (size_t i = sizeof...(Classes); i-- > 0;) {
      result[i] = stride;
      stride *= radices[i];
    }
    return result;
  }
  template <size_t variant, size_t... positions>
  static constexpr Handler one(std::index_sequence<positions...>) {
    return &H<typename operand::Pick<(variant / strides()[positions]) % Classes::count, Classes>::type...>::run;
  }
  template <size_t... variants>
  static constexpr std::array<Handler, count> all(std::index_sequence<variants...>) {
    return {one<variants>(std::make_index_sequence<sizeof...(Classes)>())...};
  }
  static constexpr std::array<Handler, count> table = all(std::make_index_sequence<count>());
};
template <template <class...> class H>
struct Variants<H, Signature<>> {
  static constexpr size_t count = 1;
  static constexpr std::array<Handler, 1> table = {&H<>::run};
};

struct HandlerTable {
  const Handler* handlers;
  size_t count;
};

// One table per instruction; interpreter.cc collects them, so that a missing one does not link.
#define INSTRUCTION(name, meaning, ...) extern const HandlerTable handlers_##name;
#include "code/instructions.def"
#undef INSTRUCTION

// Signatures, from instructions.def.
namespace signature {
using namespace operand;
#define INSTRUCTION(name, meaning, ...) using name = Signature<__VA_ARGS__>;
#include "code/instructions.def"
#undef INSTRUCTION
}  // namespace signature

#ifdef HANSE_STENCILS
#define HANDLER_BASE : stencil::Stencil
#else
#define HANDLER_BASE
#define HANDLER_PARAMETERS ENGINE_PARAMETERS
#define GET(i) (L::template Kind<i>::load(ip + L::offsets[i], x, e))
#define SET(i, value) (L::template Kind<i>::store(ip + L::offsets[i], x, e, (value)))
#define NUMBER(i) (ip[L::offsets[i]])
#define OFFSET(i) (static_cast<intptr_t>(ip[L::offsets[i]]))
#define HAS_LABEL(i) (ip[L::offsets[i]] != 0)
#define LABEL(i) (ip + static_cast<int32_t>(ip[L::offsets[i]]))
#define WIDE(i) (load_unaligned<Word>(ip + L::offsets[i]))
#define NEXT() DISPATCH(ip + L::words)
#endif
// Float registers, which are doubles.
#ifdef HANSE_STENCIL_FLOATS
#define GET_FLOAT(i) (L::template Kind<i>::template load<i>(x, f0, f1, f2, f3))
#define SET_FLOAT(i, value) (L::template Kind<i>::template store<i>(x, f0, f1, f2, f3, (value)))
#else
#define GET_FLOAT(i) (float_register(x, OFFSET(i)))
#define SET_FLOAT(i, value) (static_cast<void>(float_register(x, OFFSET(i)) = (value)))
#endif
#define POINTER(type, i) (reinterpret_cast<type*>(WIDE(i)))
#define TAIL() (ip + L::end)

#define HANDLER(name)                                        \
  template <class... Kinds>                                  \
  struct handler_##name HANDLER_BASE {                       \
    using L = Layout<Kinds...>;                              \
    HANSE_PRESERVE_NONE static void run(HANDLER_PARAMETERS); \
  };                                                         \
  template <class... Kinds>                                  \
  HANSE_PRESERVE_NONE void handler_##name<Kinds...>::run(HANDLER_PARAMETERS)

#define HANDLERS_OF(name)                                                                        \
  const HandlerTable handlers_##name = {Variants<handler_##name, signature::name>::table.data(), \
                                        Variants<handler_##name, signature::name>::count};

// Reads the operands of a Tail one after another.
struct AnyReader {
  Ip at;
  Term next(const Term* x, const Term* e) {
    uint32_t word = *at++;
    switch (static_cast<AnyKind>(word & 3)) {
      case AnyKind::x: return x[word >> 2];
      case AnyKind::y: return e[word >> 2];
      case AnyKind::constant: break;
    }
    Term term = Term::from_word(load_unaligned<Word>(at));
    at += 2;
    return term;
  }
  // A destination.
  Term& place(Term* x, Term* e) {
    uint32_t word = *at++;
    return static_cast<AnyKind>(word & 3) == AnyKind::x ? x[word >> 2] : e[word >> 2];
  }
};
// Start of the next instruction after a tail that ends at `end`; instructions start on even words of their block, and
// blocks are 8-byte aligned.
inline Ip after_tail(Ip end) {
  return reinterpret_cast<Ip>((reinterpret_cast<uintptr_t>(end) + 7) & ~uintptr_t{7});
}

}  // namespace hanse
