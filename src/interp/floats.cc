// Float registers: moves from and to terms, arithmetic.
#include "interp/handler.h"
#include "term/arithmetic.h"

namespace hanse {

// What a handler does rarely, in a function that finds all float registers in memory.
#define RARELY(function) TAIL_CALL((function<typename operand::General<Kinds>::type...>))

HANDLER(fmove_to) {
  SET_FLOAT(1, float_value(GET(0)));
  NEXT();
}
HANDLERS_OF(fmove_to)

// The compiler has asked for room for a boxed float.
template <class... Kinds>
HANSE_NOINLINE HANSE_PRESERVE_NONE void fmove_from_boxed(ENGINE_PARAMETERS) {
  using L = Layout<Kinds...>;
  auto* object = reinterpret_cast<BoxedFloat*>(h);
  object->header = make_header(Boxed::floating, 1);
  object->value = GET_FLOAT(0);
  h += 2;
  SET(1, Term::boxed(object));
  NEXT();
}

HANDLER(fmove_from) {
  double value = GET_FLOAT(0);
  if (!float_fits_immediate(value)) [[unlikely]] RARELY(fmove_from_boxed);
  SET(1, immediate_float(value));
  NEXT();
}
HANDLERS_OF(fmove_from)

template <class... Kinds>
HANSE_NOINLINE HANSE_PRESERVE_NONE void fconv_any(ENGINE_PARAMETERS) {
  using L = Layout<Kinds...>;
  double value;
  if (!arithmetic_to_double(GET(0), value)) TAIL_CALL(raise_badarith);
  SET_FLOAT(1, value);
  NEXT();
}

HANDLER(fconv) {
  Term value = GET(0);
  if (value.is_immediate_float()) [[likely]] {
    SET_FLOAT(1, immediate_float_value(value));
    NEXT();
  }
  if (!value.is_small()) [[unlikely]] RARELY(fconv_any);
  SET_FLOAT(1, static_cast<double>(value.as_small()));
  NEXT();
}
HANDLERS_OF(fconv)

// The difference of a finite number and itself is 0, of anything else no number.
#define FLOAT_OPERATION(name, operation)                           \
  HANDLER(name) {                                                  \
    double result = GET_FLOAT(1) operation GET_FLOAT(2);           \
    double zero = result - result;                                 \
    if (__builtin_isunordered(zero, zero)) [[unlikely]] {          \
      if (HAS_LABEL(0)) DISPATCH(LABEL(0));                        \
      TAIL_CALL(raise_badarith);                                   \
    }                                                              \
    SET_FLOAT(3, result);                                          \
    NEXT();                                                        \
  }                                                                \
  HANDLERS_OF(name)

FLOAT_OPERATION(fadd, +)
FLOAT_OPERATION(fsub, -)
FLOAT_OPERATION(fmul, *)
FLOAT_OPERATION(fdiv, /)
#undef FLOAT_OPERATION

// A difference, not a change of the sign: 0.0 stays 0.0, as in stock.
HANDLER(fnegate) {
  SET_FLOAT(2, 0.0 - GET_FLOAT(1));
  NEXT();
}
HANDLERS_OF(fnegate)

}  // namespace hanse
