// Arithmetic. Small integers and immediate floats are handled here, everything else by term/arithmetic.h.
#include "interp/handler.h"
#include "term/arithmetic.h"

namespace hanse {

static constexpr int64_t tag = static_cast<int64_t>(Term::small_tag);

// Everything but small integers and immediate floats. A failed operation in a guard jumps, in a body it raises. All
// operands are within the live registers.
template <auto function, class... Kinds>
HANSE_NOINLINE HANSE_PRESERVE_NONE void slow(ENGINE_PARAMETERS) {
  using L = Layout<Kinds...>;
  SYNC();
  if (p->heap.wants_collection()) [[unlikely]] {
    if (!collect_garbage(p, x, 0, NUMBER(1))) TAIL_CALL(unwind);
    RELOAD_ALL();
  }
  Term result;
  if constexpr (L::operand_count == 5) result = function(p->heap, GET(2), GET(3));
  else result = function(p->heap, GET(2));
  RELOAD();
  if (arithmetic_failed(result)) [[unlikely]] {
    if (HAS_LABEL(0)) DISPATCH(LABEL(0));
    if (result == arithmetic_system_limit) TAIL_CALL(raise_system_limit_here);
    TAIL_CALL(raise_badarith);
  }
  SET(L::operand_count - 1, result);
  NEXT();
}
#define ARITHMETIC_SLOW(function) TAIL_CALL((slow<function, Kinds...>))

#define IMMEDIATE_FLOATS(operation)                                                      \
  if (both_immediate_floats(a, b)) {                                                     \
    double result = immediate_float_value(a) operation immediate_float_value(b);         \
    if (float_fits_immediate(result)) [[likely]] {                                       \
      SET(4, immediate_float(result));                                                   \
      NEXT();                                                                            \
    }                                                                                    \
  }

HANDLER(add) {
  Term a = GET(2), b = GET(3);
  if (Term::both_small(a, b)) [[likely]] {
    int64_t sum;
    if (!__builtin_add_overflow(static_cast<int64_t>(a.word()), static_cast<int64_t>(b.word()) - tag, &sum)) [[likely]] {
      SET(4, Term::from_word(static_cast<Word>(sum)));
      NEXT();
    }
  }
  IMMEDIATE_FLOATS(+)
  ARITHMETIC_SLOW(arithmetic_add);
}
HANDLERS_OF(add)

// The constant's tagged word is WIDE(3).
template <auto function, class... Kinds>
HANSE_NOINLINE HANSE_PRESERVE_NONE void slow_constant(ENGINE_PARAMETERS) {
  using L = Layout<Kinds...>;
  SYNC();
  if (p->heap.wants_collection()) [[unlikely]] {
    if (!collect_garbage(p, x, 0, NUMBER(1))) TAIL_CALL(unwind);
    RELOAD_ALL();
  }
  Term result = function(p->heap, GET(2), Term::from_word(WIDE(3)));
  RELOAD();
  if (arithmetic_failed(result)) [[unlikely]] {
    if (HAS_LABEL(0)) DISPATCH(LABEL(0));
    if (result == arithmetic_system_limit) TAIL_CALL(raise_system_limit_here);
    TAIL_CALL(raise_badarith);
  }
  SET(4, result);
  NEXT();
}

HANDLER(increment) {
  Term a = GET(2);
  int64_t sum;
  if (a.is_small() && !__builtin_add_overflow(static_cast<int64_t>(a.word()), static_cast<int64_t>(WIDE(3)) - tag, &sum))
      [[likely]] {
    SET(4, Term::from_word(static_cast<Word>(sum)));
    NEXT();
  }
  TAIL_CALL((slow_constant<arithmetic_add, Kinds...>));
}
HANDLERS_OF(increment)

HANDLER(decrement) {
  Term a = GET(2);
  int64_t difference;
  if (a.is_small() && !__builtin_sub_overflow(static_cast<int64_t>(a.word()), static_cast<int64_t>(WIDE(3)) - tag, &difference))
      [[likely]] {
    SET(4, Term::from_word(static_cast<Word>(difference)));
    NEXT();
  }
  TAIL_CALL((slow_constant<arithmetic_subtract, Kinds...>));
}
HANDLERS_OF(decrement)

HANDLER(subtract) {
  Term a = GET(2), b = GET(3);
  if (Term::both_small(a, b)) [[likely]] {
    int64_t difference;
    if (!__builtin_sub_overflow(static_cast<int64_t>(a.word()), static_cast<int64_t>(b.word()) - tag, &difference))
        [[likely]] {
      SET(4, Term::from_word(static_cast<Word>(difference)));
      NEXT();
    }
  }
  IMMEDIATE_FLOATS(-)
  ARITHMETIC_SLOW(arithmetic_subtract);
}
HANDLERS_OF(subtract)

HANDLER(multiply) {
  Term a = GET(2), b = GET(3);
  if (Term::both_small(a, b)) [[likely]] {
    int64_t product;
    if (!__builtin_mul_overflow(a.as_small(), static_cast<int64_t>(b.word()) - tag, &product)) [[likely]] {
      SET(4, Term::from_word(static_cast<Word>(product) + Term::small_tag));
      NEXT();
    }
  }
  IMMEDIATE_FLOATS(*)
  ARITHMETIC_SLOW(arithmetic_multiply);
}
HANDLERS_OF(multiply)

HANDLER(divide) {
  Term a = GET(2), b = GET(3);
  IMMEDIATE_FLOATS(/)
  ARITHMETIC_SLOW(arithmetic_divide);
}
HANDLERS_OF(divide)

// What the compiler takes for two floats.
#define FLOATS_FIRST(name, operation, function) \
  HANDLER(name) {                               \
    Term a = GET(2), b = GET(3);                \
    IMMEDIATE_FLOATS(operation)                 \
    ARITHMETIC_SLOW(function);                  \
  }                                             \
  HANDLERS_OF(name)

FLOATS_FIRST(add_floats, +, arithmetic_add)
FLOATS_FIRST(subtract_floats, -, arithmetic_subtract)
FLOATS_FIRST(multiply_floats, *, arithmetic_multiply)
#undef FLOATS_FIRST

HANDLER(integer_div) {
  Term a = GET(2), b = GET(3);
  if (Term::both_small(a, b) && b.as_small() != 0) [[likely]] {
    int64_t quotient = a.as_small() / b.as_small();
    if (Term::fits_small(quotient)) [[likely]] {
      SET(4, Term::small(quotient));
      NEXT();
    }
  }
  ARITHMETIC_SLOW(arithmetic_integer_div);
}
HANDLERS_OF(integer_div)

HANDLER(integer_rem) {
  Term a = GET(2), b = GET(3);
  if (Term::both_small(a, b) && b.as_small() != 0) [[likely]] {
    SET(4, Term::small(a.as_small() % b.as_small()));
    NEXT();
  }
  ARITHMETIC_SLOW(arithmetic_integer_rem);
}
HANDLERS_OF(integer_rem)

HANDLER(band) {
  Term a = GET(2), b = GET(3);
  if (Term::both_small(a, b)) [[likely]] {
    SET(4, Term::from_word(a.word() & b.word()));
    NEXT();
  }
  ARITHMETIC_SLOW(arithmetic_band);
}
HANDLERS_OF(band)

HANDLER(bor) {
  Term a = GET(2), b = GET(3);
  if (Term::both_small(a, b)) [[likely]] {
    SET(4, Term::from_word(a.word() | b.word()));
    NEXT();
  }
  ARITHMETIC_SLOW(arithmetic_bor);
}
HANDLERS_OF(bor)

HANDLER(bxor) {
  Term a = GET(2), b = GET(3);
  if (Term::both_small(a, b)) [[likely]] {
    SET(4, Term::from_word((a.word() ^ b.word()) | Term::small_tag));
    NEXT();
  }
  ARITHMETIC_SLOW(arithmetic_bxor);
}
HANDLERS_OF(bxor)

HANDLER(bsl) {
  Term a = GET(2), b = GET(3);
  if (Term::both_small(a, b)) [[likely]] {
    int64_t value = a.as_small(), shift = b.as_small();
    if (shift >= 0 && shift < 59) {
      auto shifted = static_cast<int64_t>(static_cast<uint64_t>(value) << shift);
      if ((shifted >> shift) == value && Term::fits_small(shifted)) [[likely]] {
        SET(4, Term::small(shifted));
        NEXT();
      }
    }
  }
  ARITHMETIC_SLOW(arithmetic_bsl);
}
HANDLERS_OF(bsl)

HANDLER(bsr) {
  Term a = GET(2), b = GET(3);
  if (Term::both_small(a, b) && b.as_small() >= 0) [[likely]] {
    int64_t shift = b.as_small();
    SET(4, Term::small(a.as_small() >> (shift > 63 ? 63 : shift)));
    NEXT();
  }
  ARITHMETIC_SLOW(arithmetic_bsr);
}
HANDLERS_OF(bsr)

HANDLER(bnot) {
  Term a = GET(2);
  if (a.is_small()) [[likely]] {
    SET(3, Term::from_word(~a.word() | Term::small_tag));
    NEXT();
  }
  ARITHMETIC_SLOW(arithmetic_bnot);
}
HANDLERS_OF(bnot)

HANDLER(negate) { ARITHMETIC_SLOW(arithmetic_negate); }
HANDLERS_OF(negate)

}  // namespace hanse
