// Where a number ends in a text.
#pragma once

#include <cstddef>
#include <string_view>

namespace hanse {

inline bool is_digit_of_base(char c, int base) {
  int value = 36;
  if (c >= '0' && c <= '9') value = c - '0';
  if (c >= 'A' && c <= 'Z') value = c - 'A' + 10;
  if (c >= 'a' && c <= 'z') value = c - 'a' + 10;
  return value < base;
}

// How many digits `text` begins with.
inline size_t count_digits(std::string_view text, int base) {
  size_t count = 0;
  while (count < text.size() && is_digit_of_base(text[count], base)) count++;
  return count;
}

}  // namespace hanse
