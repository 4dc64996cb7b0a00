#include "term/number_text.h"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iterator>

namespace hanse {

// Above this magnitude neighbouring floats are more than one apart.
static constexpr double exact_integers = 9007199254740992.0;

std::string float_to_shortest(double value) {
  // d.ddde[+-]xx, the shortest digits that read back.
  char text[32];
  char* end = std::to_chars(text, std::end(text), std::fabs(value), std::chars_format::scientific).ptr;
  std::string_view scientific(text, static_cast<size_t>(end - text));
  size_t e = scientific.find('e');
  std::string digits(1, scientific[0]);
  if (e > 1) digits += scientific.substr(2, e - 2);
  int exponent = std::atoi(std::string(scientific.substr(e + 1)).c_str());

  auto count = static_cast<int>(digits.size());
  std::string exponent_text = std::to_string(exponent);
  size_t scientific_size = (count == 1 ? 3 : digits.size() + 1) + 1 + exponent_text.size();
  size_t decimal_size;
  if (exponent < 0) {
    decimal_size = static_cast<size_t>(1 - exponent) + digits.size();
  } else {
    decimal_size = count <= exponent + 1 ? static_cast<size_t>(exponent) + 3 : digits.size() + 1;
  }

  std::string out(std::signbit(value) ? "-" : "");
  if (std::fabs(value) >= exact_integers || scientific_size < decimal_size) {
    out += digits[0];
    out += '.';
    out += count == 1 ? "0" : digits.substr(1);
    return out + "e" + exponent_text;
  }
  if (exponent < 0) return out + "0." + std::string(static_cast<size_t>(-exponent - 1), '0') + digits;
  auto whole = static_cast<size_t>(exponent) + 1;
  if (digits.size() <= whole) return out + digits + std::string(whole - digits.size(), '0') + ".0";
  return out + digits.substr(0, whole) + "." + digits.substr(whole);
}

std::string float_to_scientific(double value, int digits) {
  char text[300];
  int size = std::snprintf(text, sizeof text, "%.*e", digits, value);
  return std::string(text, static_cast<size_t>(size));
}

namespace {

// Stock's buffer, with the terminating zero.
constexpr size_t buffer_bytes = 256;

// Keeps one digit behind the point. Of text without a point the zeros go as well: so does stock.
void remove_trailing_zeros(std::string& text) {
  size_t last = text.find_last_not_of('0');
  text.resize(text[last] == '.' ? last + 2 : last + 1);
}

constexpr double powers_of_ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
                                    1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};

}  // namespace

std::optional<std::string> float_to_decimals(double value, int digits, bool compact) {
  std::string text;
  double magnitude = std::fabs(value);
  if (static_cast<size_t>(digits) >= std::size(powers_of_ten) || magnitude > exact_integers - 1) {
    char buffer[buffer_bytes];
    int size = std::snprintf(buffer, sizeof buffer, "%.*f", digits, value);
    if (size < 0 || static_cast<size_t>(size) >= sizeof buffer) return std::nullopt;
    text.assign(buffer, static_cast<size_t>(size));
    if (compact) remove_trailing_zeros(text);
  } else {
    // Integer and fraction are rounded apart in floating point, as stock does: not always what printf would give.
    double whole = std::floor(magnitude);
    double scale = powers_of_ten[digits];
    double fraction = std::round((magnitude - whole) * scale);
    auto integer = static_cast<uint64_t>(whole);
    auto rest = static_cast<uint64_t>(fraction);
    if (fraction >= scale) {
      integer++;
      rest = 0;
    }
    text = std::string(std::signbit(value) ? "-" : "") + std::to_string(integer);
    if (digits > 0) {
      std::string decimals = std::to_string(rest);
      text += "." + std::string(static_cast<size_t>(digits) - decimals.size(), '0') + decimals;
      if (compact) remove_trailing_zeros(text);
    }
  }
  return text;
}

std::optional<double> float_from_text(std::string_view text) {
  size_t i = 0;
  auto skip_sign = [&] { i += i < text.size() && (text[i] == '+' || text[i] == '-'); };
  auto skip_digits = [&] {
    size_t first = i;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9') i++;
    return i > first;
  };
  skip_sign();
  if (!skip_digits()) return std::nullopt;
  if (i == text.size() || text[i++] != '.' || !skip_digits()) return std::nullopt;
  if (i < text.size()) {
    if (text[i] != 'e' && text[i] != 'E') return std::nullopt;
    i++;
    skip_sign();
    if (!skip_digits() || i != text.size()) return std::nullopt;
  }
  double value = std::strtod(std::string(text).c_str(), nullptr);
  if (!std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace hanse
