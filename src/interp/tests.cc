// Type tests, comparisons and jumps by value. The label is taken when the test fails.
#include "interp/handler.h"
#include "term/atom.h"
#include "term/compare.h"

namespace hanse {

#define TYPE_TEST(name, condition)    \
  HANDLER(name) {                     \
    Term value = GET(1);              \
    if (condition) [[likely]] NEXT(); \
    DISPATCH(LABEL(0));               \
  }                                   \
  HANDLERS_OF(name)

TYPE_TEST(is_integer, value.is_integer())
TYPE_TEST(is_float, value.is_float())
TYPE_TEST(is_number, value.is_number())
TYPE_TEST(is_atom, value.is_atom())
TYPE_TEST(is_pid, value.is_pid())
TYPE_TEST(is_reference, value.is_reference())
TYPE_TEST(is_port, value.is_port())
TYPE_TEST(is_nil, value.is_nil())
TYPE_TEST(is_binary, value.is_binary())
TYPE_TEST(is_bitstr, value.is_bitstring())
TYPE_TEST(is_list, value.is_list())
TYPE_TEST(is_nonempty_list, value.is_cons())
TYPE_TEST(is_tuple, value.is_tuple())
TYPE_TEST(is_boolean, value == am::true_ || value == am::false_)
TYPE_TEST(is_function, value.is_fun())
TYPE_TEST(is_map, value.is_map())
#undef TYPE_TEST

HANDLER(is_function2) {
  Term fun = GET(1), arity = GET(2);
  if (fun.is_fun() && arity.is_small() && arity.as_small() == fun_arity(fun)) NEXT();
  DISPATCH(LABEL(0));
}
HANDLERS_OF(is_function2)

// What the verifier could not show of code that is not trusted.
HANDLER(check_cons) {
  if (GET(0).is_cons()) [[likely]] NEXT();
  TAIL_CALL(raise_badarg_here);
}
HANDLERS_OF(check_cons)

HANDLER(check_tuple) {
  Term tuple = GET(0);
  if (tuple.is_tuple() && as_tuple(tuple)->arity() >= NUMBER(1)) [[likely]] NEXT();
  TAIL_CALL(raise_badarg_here);
}
HANDLERS_OF(check_tuple)

HANDLER(test_arity) {
  if (*GET(1).as_boxed() == make_header(Boxed::tuple, NUMBER(2))) [[likely]] NEXT();
  DISPATCH(LABEL(0));
}
HANDLERS_OF(test_arity)

HANDLER(is_tuple_of_arity) {
  if (is_tuple_of_arity(GET(1), NUMBER(2))) [[likely]] NEXT();
  DISPATCH(LABEL(0));
}
HANDLERS_OF(is_tuple_of_arity)

HANDLER(is_tagged_tuple) {
  Term tuple = GET(1);
  if (is_tuple_of_arity(tuple, NUMBER(2)) && as_tuple(tuple)->elements[0].word() == WIDE(3)) [[likely]] NEXT();
  DISPATCH(LABEL(0));
}
HANDLERS_OF(is_tagged_tuple)

// Comparisons of anything but two small integers.
template <auto holds, class... Kinds>
HANSE_NOINLINE HANSE_PRESERVE_NONE void compare_slowly(ENGINE_PARAMETERS) {
  using L = Layout<Kinds...>;
  if (holds(GET(1), GET(2))) NEXT();
  DISPATCH(LABEL(0));
}

// Tagged small integers compare as their values do.
#define COMPARISON(name, small_condition, condition)                                      \
  inline bool name##_holds(Term a, Term b) { return condition; }                          \
  HANDLER(name) {                                                                         \
    Term a = GET(1), b = GET(2);                                                          \
    if (Term::both_small(a, b)) [[likely]] {                                              \
      auto left = static_cast<int64_t>(a.word()), right = static_cast<int64_t>(b.word()); \
      if (small_condition) [[likely]] NEXT();                                             \
      DISPATCH(LABEL(0));                                                                 \
    }                                                                                     \
    TAIL_CALL((compare_slowly<name##_holds, Kinds...>));                                  \
  }                                                                                       \
  HANDLERS_OF(name)

COMPARISON(is_lt, left < right, a != b && compare_slow(a, b) < 0)
COMPARISON(is_ge, left >= right, a == b || compare_slow(a, b) >= 0)
COMPARISON(is_eq, left == right, equal(a, b))
COMPARISON(is_ne, left != right, !equal(a, b))
COMPARISON(is_eq_exact, left == right, exactly_equal(a, b))
COMPARISON(is_ne_exact, left != right, !exactly_equal(a, b))
#undef COMPARISON

// What the compiler takes for two floats.
#define COMPARISON_OF_FLOATS(name, operation, general)                                                           \
  HANDLER(name) {                                                                                                \
    Term a = GET(1), b = GET(2);                                                                                 \
    if (both_immediate_floats(a, b)) [[likely]] {                                                                \
      if (immediate_float_value(a) operation immediate_float_value(b)) NEXT();                                   \
      DISPATCH(LABEL(0));                                                                                        \
    }                                                                                                            \
    TAIL_CALL((compare_slowly<general, Kinds...>));                                                              \
  }                                                                                                              \
  HANDLERS_OF(name)

COMPARISON_OF_FLOATS(is_lt_floats, <, is_lt_holds)
COMPARISON_OF_FLOATS(is_ge_floats, >=, is_ge_holds)
#undef COMPARISON_OF_FLOATS

HANDLER(is_eq_immediate) {
  if (GET(1).word() == WIDE(2)) NEXT();
  DISPATCH(LABEL(0));
}
HANDLERS_OF(is_eq_immediate)

HANDLER(is_ne_immediate) {
  if (GET(1).word() != WIDE(2)) NEXT();
  DISPATCH(LABEL(0));
}
HANDLERS_OF(is_ne_immediate)

HANDLER(jump) { DISPATCH(LABEL(0)); }
HANDLERS_OF(jump)

// Tails of select_*: `count` values of two words each, then `count` labels relative to the instruction.
HANDLER(select_linear) {
  Word value = GET(0).word();
  size_t count = NUMBER(2);
  Ip values = TAIL(), labels = values + 2 * count;
  for (size_t i = 0; i < count; i++)
    if (load_unaligned<Word>(values + 2 * i) == value) DISPATCH(ip + static_cast<int32_t>(labels[i]));
  DISPATCH(LABEL(1));
}
HANDLERS_OF(select_linear)

HANDLER(select_binary) {
  Word value = GET(0).word();
  size_t count = NUMBER(2);
  Ip values = TAIL(), labels = values + 2 * count;
  size_t low = 0, high = count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    Word candidate = load_unaligned<Word>(values + 2 * middle);
    if (candidate == value) DISPATCH(ip + static_cast<int32_t>(labels[middle]));
    if (candidate < value) low = middle + 1;
    else high = middle;
  }
  DISPATCH(LABEL(1));
}
HANDLERS_OF(select_binary)

HANDLER(select_dense) {
  Term value = GET(0);
  if (value.is_small()) {
    auto index = static_cast<uint64_t>(value.as_small()) - WIDE(3);
    if (index < NUMBER(2)) DISPATCH(ip + static_cast<int32_t>(TAIL()[index]));
  }
  DISPATCH(LABEL(1));
}
HANDLERS_OF(select_dense)

HANDLER(select_any) {
  Term value = GET(0);
  size_t count = NUMBER(2);
  Ip values = TAIL(), labels = values + 2 * count;
  for (size_t i = 0; i < count; i++)
    if (exactly_equal(Term::from_word(load_unaligned<Word>(values + 2 * i)), value))
      DISPATCH(ip + static_cast<int32_t>(labels[i]));
  DISPATCH(LABEL(1));
}
HANDLERS_OF(select_any)

HANDLER(select_tuple_arity) {
  Term value = GET(0);
  if (value.is_tuple()) {
    size_t arity = as_tuple(value)->arity(), count = NUMBER(2);
    Ip arities = TAIL(), labels = arities + count;
    for (size_t i = 0; i < count; i++)
      if (arities[i] == arity) DISPATCH(ip + static_cast<int32_t>(labels[i]));
  }
  DISPATCH(LABEL(1));
}
HANDLERS_OF(select_tuple_arity)

}  // namespace hanse
