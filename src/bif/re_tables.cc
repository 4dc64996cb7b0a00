// PCRE2's own tables know the letters of ASCII only, and pcre2_maketables() asks the C locale, which need not be installed.
// The layout of the tables is that of pcre2_maketables(); the test compares the two for ASCII.
#include "bif/re_tables.h"

#include <array>

namespace hanse {

namespace {

constexpr bool is_digit(unsigned c) { return c >= '0' && c <= '9'; }
constexpr bool is_upper(unsigned c) { return (c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7); }
constexpr bool is_lower(unsigned c) {
  return (c >= 'a' && c <= 'z') || (c >= 0xdf && c != 0xf7) || c == 0xaa || c == 0xb5 || c == 0xba;
}
constexpr bool is_letter(unsigned c) { return is_upper(c) || is_lower(c); }
constexpr bool is_word(unsigned c) { return is_letter(c) || is_digit(c) || c == '_'; }
constexpr bool is_space(unsigned c) { return c == ' ' || (c >= 9 && c <= 13); }
constexpr bool is_graph(unsigned c) { return (c > ' ' && c < 0x7f) || c >= 0xa0; }
constexpr bool is_print(unsigned c) { return is_graph(c) || c == ' '; }
constexpr bool is_punct(unsigned c) { return is_graph(c) && !is_letter(c) && !is_digit(c); }
constexpr bool is_cntrl(unsigned c) { return c < ' ' || (c >= 0x7f && c < 0xa0); }
constexpr bool is_xdigit(unsigned c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
// The sharp s, y with diaeresis and the three signs above have no upper case in ISO 8859-1.
constexpr bool has_upper(unsigned c) { return is_lower(c) && is_upper(c - 32); }

constexpr unsigned characters = 256, class_bytes = characters / 8;
constexpr bool (*classes[])(unsigned) = {is_space, is_xdigit, is_digit, is_upper, is_lower,
                                         is_word,  is_graph,  is_print, is_punct, is_cntrl};
constexpr unsigned fold_at = 0, flip_at = characters, classes_at = 2 * characters,
                   types_at = classes_at + std::size(classes) * class_bytes;

constexpr auto make_tables() {
  std::array<uint8_t, types_at + characters> tables{};
  for (unsigned c = 0; c < characters; c++) {
    tables[fold_at + c] = static_cast<uint8_t>(is_upper(c) ? c + 32 : c);
    tables[flip_at + c] = static_cast<uint8_t>(is_upper(c) ? c + 32 : has_upper(c) ? c - 32 : c);
    for (unsigned i = 0; i < std::size(classes); i++)
      if (classes[i](c)) tables[classes_at + i * class_bytes + c / 8] |= static_cast<uint8_t>(1u << (c % 8));
    tables[types_at + c] = static_cast<uint8_t>((is_space(c) ? 1 : 0) | (is_letter(c) ? 2 : 0) | (is_lower(c) ? 4 : 0) |
                                                (is_digit(c) ? 8 : 0) | (is_word(c) ? 16 : 0));
  }
  return tables;
}
constexpr auto tables = make_tables();

}  // namespace

const uint8_t* regex_character_tables() { return tables.data(); }

}  // namespace hanse
