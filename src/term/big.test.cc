#include "term/big.h"

#include <gtest/gtest.h>

#include <cmath>

#include "term/arithmetic.h"
#include "term/compare.h"
#include "term/test_arena.h"

namespace hanse {

namespace {
class BigIntegers : public testing::Test {
 protected:
  // A decimal number of any size.
  Term number(std::string_view text) {
    bool negative = text.starts_with('-');
    return integer_from_digits(arena, negative, text.substr(negative), 10);
  }
  std::string text(Term term) { return integer_to_string(term, 10); }
  TestArena arena;
};
}  // namespace

TEST_F(BigIntegers, results_are_small_if_they_fit) {
  Term largest = Term::small(Term::small_max), smallest = Term::small(Term::small_min);
  EXPECT_TRUE(integer_add(arena, largest, Term::small(1)).is_big());
  EXPECT_TRUE(integer_subtract(arena, smallest, Term::small(1)).is_big());
  EXPECT_EQ(integer_subtract(arena, integer_add(arena, largest, Term::small(1)), Term::small(1)), largest);
  EXPECT_EQ(integer_negate(arena, integer_negate(arena, smallest)), smallest);
  EXPECT_EQ(text(integer_divide(arena, smallest, Term::small(-1))), "576460752303423488");
  EXPECT_EQ(integer_shift(arena, integer_shift(arena, Term::small(-3), 200), -200), Term::small(-3));
}

// Values from stock.
TEST_F(BigIntegers, arithmetic) {
  Term a = number("123456789012345678901234567890"), b = number("-98765432109876543210");
  EXPECT_EQ(text(integer_add(arena, a, b)), "123456788913580246791358024680");
  EXPECT_EQ(text(integer_subtract(arena, a, b)), "123456789111111111011111111100");
  EXPECT_EQ(text(integer_multiply(arena, a, b)), "-12193263113702179522496570642237463801111263526900");
  EXPECT_EQ(text(integer_divide(arena, a, b)), "-1249999988");
  EXPECT_EQ(text(integer_remainder(arena, a, b)), "60185185207253086410");
  EXPECT_EQ(integer_divide(arena, b, a), Term::small(0));
  EXPECT_TRUE(exactly_equal(integer_remainder(arena, b, a), b));
}

TEST_F(BigIntegers, bit_operations_see_twos_complement) {
  Term ones = integer_subtract(arena, integer_shift(arena, Term::small(1), 128), Term::small(1));
  Term minus = integer_shift(arena, Term::small(-1), 64);  // ...1 followed by 64 zeros
  EXPECT_EQ(text(integer_and(arena, ones, minus)), "340282366920938463444927863358058659840");
  EXPECT_EQ(integer_or(arena, ones, minus), Term::small(-1));
  EXPECT_TRUE(exactly_equal(integer_xor(arena, integer_xor(arena, ones, minus), minus), ones));
  EXPECT_TRUE(exactly_equal(integer_not(arena, integer_not(arena, minus)), minus));
  EXPECT_EQ(integer_shift(arena, integer_subtract(arena, minus, Term::small(1)), -65), Term::small(-1));
  EXPECT_EQ(integer_shift(arena, minus, -1000), Term::small(-1));
}

TEST_F(BigIntegers, text_of_long_numbers_is_fast) {
  std::string digits = "7" + std::string(300000, '3');
  Term term = number(digits);
  EXPECT_EQ(text(term), digits);
  EXPECT_EQ(integer_to_string(number("-255"), 16), "-FF");
  EXPECT_EQ(number("-000000000000000000000000000000000000"), Term::small(0));
}

TEST_F(BigIntegers, bytes) {
  for (const char* decimal : {"0", "-1", "128", "-128", "255", "18446744073709551615", "-18446744073709551616",
                              "340282366920938463463374607431768211456", "-170141183460469231731687303715884105728"}) {
    Term term = number(decimal);
    uint8_t bytes[24];
    integer_store_twos_complement(term, bytes, sizeof bytes);
    EXPECT_TRUE(exactly_equal(integer_from_twos_complement(arena, bytes, sizeof bytes, true), term)) << decimal;
    integer_store_magnitude(term, bytes, sizeof bytes);
    EXPECT_TRUE(exactly_equal(integer_from_magnitude(arena, integer_sign(term) < 0, bytes, sizeof bytes), term))
        << decimal;
  }
  EXPECT_EQ(integer_magnitude_bytes(number("-256")), 2u);
  EXPECT_EQ(integer_magnitude_bytes(number("18446744073709551616")), 9u);
}

TEST_F(BigIntegers, the_limit_is_that_of_stock) {
  Term largest_power = integer_shift(arena, Term::small(1), 33554367);
  ASSERT_FALSE(largest_power.is_none());
  EXPECT_TRUE(integer_shift(arena, Term::small(1), 33554368).is_none());
  EXPECT_TRUE(integer_add(arena, largest_power, largest_power).is_none());
  EXPECT_TRUE(integer_multiply(arena, largest_power, Term::small(2)).is_none());
  EXPECT_EQ(arithmetic_bsl(arena, Term::small(1), Term::small(33554368)), arithmetic_system_limit);
  EXPECT_EQ(arithmetic_bsl(arena, Term::small(0), largest_power), Term::small(0));
  EXPECT_EQ(arithmetic_bsl(arena, Term::small(1), largest_power), arithmetic_system_limit);
  EXPECT_EQ(arithmetic_bsr(arena, Term::small(-1), largest_power), Term::small(-1));
}

TEST_F(BigIntegers, mixed_arithmetic) {
  Term half = make_float(arena, 0.5), huge = integer_shift(arena, Term::small(1), 2000);
  EXPECT_EQ(float_value(arithmetic_add(arena, Term::small(1), half)), 1.5);
  EXPECT_EQ(float_value(arithmetic_divide(arena, Term::small(1), Term::small(4))), 0.25);
  EXPECT_TRUE(arithmetic_add(arena, huge, half).is_none());
  EXPECT_TRUE(arithmetic_multiply(arena, make_float(arena, 1e308), Term::small(10)).is_none());
  EXPECT_TRUE(arithmetic_divide(arena, half, make_float(arena, 0.0)).is_none());
  EXPECT_TRUE(arithmetic_integer_div(arena, Term::small(1), Term::small(0)).is_none());
  EXPECT_TRUE(arithmetic_integer_rem(arena, half, Term::small(1)).is_none());
  EXPECT_TRUE(std::signbit(float_value(arithmetic_abs(arena, make_float(arena, -0.0)))));
}

}  // namespace hanse
