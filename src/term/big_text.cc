// Integers as digits in any base from 2 to 36. GMP converts long ones in less than quadratic time.
#include <algorithm>
#include <bit>
#include <charconv>
#include <vector>

#include "term/big_limbs.h"

namespace hanse {

static constexpr char digit_letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

static std::string small_to_string(int64_t value, int base) {
  char text[72];
  auto end = std::to_chars(text, text + sizeof text, value, base).ptr;
  for (char* p = text; p != end; p++)
    if (*p >= 'a') *p = static_cast<char>(*p - 'a' + 'A');
  return std::string(text, end);
}

std::string integer_to_string(Term a, int base) {
  if (a.is_small()) return small_to_string(a.as_small(), base);
  Limbs x(a);
  // mpn_get_str destroys its argument unless the base is a power of two, and wants one spare limb.
  std::vector<mp_limb_t> copy(x.size + 1);
  std::copy_n(x.data, x.size, copy.data());
  size_t bound = mpn_sizeinbase(x.data, x.size, base) + 1;
  std::string text(bound + 1, '\0');
  auto* digits = reinterpret_cast<unsigned char*>(text.data()) + 1;
  size_t count = mpn_get_str(digits, base, copy.data(), static_cast<mp_size_t>(x.size));
  size_t zeros = 0;
  while (zeros + 1 < count && digits[zeros] == 0) zeros++;
  for (size_t i = zeros; i < count; i++) digits[i] = static_cast<unsigned char>(digit_letters[digits[i]]);
  text.resize(count + 1);
  text.erase(0, zeros + 1);
  if (x.negative) text.insert(text.begin(), '-');
  return text;
}

static unsigned char digit_value(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned char>(c - '0');
  return static_cast<unsigned char>((c | 0x20) - 'a' + 10);
}

Term integer_from_digits(Arena& arena, bool negative, std::string_view digits, int base) {
  while (digits.size() > 1 && digits[0] == '0') digits.remove_prefix(1);
  if (digits.size() <= 11) {  // 36^11 is below 2^59
    int64_t value = 0;
    for (char c : digits) value = value * base + digit_value(c);
    return Term::small(negative ? -value : value);
  }
  // Every digit is worth at most bit_width(base - 1) bits, and at least one less unless the base is a power of two.
  auto bits_per_digit = static_cast<size_t>(std::bit_width(static_cast<unsigned>(base - 1)));
  if (digits.size() > big_limit_bits + 2) return Term::none();
  size_t limbs = (digits.size() * bits_per_digit) / 64 + 2;
  std::string values(digits.size(), '\0');
  std::transform(digits.begin(), digits.end(), values.begin(),
                 [](char c) { return static_cast<char>(digit_value(c)); });
  NewBig result = allocate_big(arena, limbs);
  auto size = mpn_set_str(result.limbs(), reinterpret_cast<const unsigned char*>(values.data()), values.size(), base);
  return finish_big(arena, result, static_cast<size_t>(size), negative);
}

}  // namespace hanse
