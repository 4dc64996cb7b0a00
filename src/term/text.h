// UTF-8 and the conversions between guests' character data and bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "term/term.h"

namespace hanse {

inline constexpr bool is_unicode_scalar(int64_t value) {
  return value >= 0 && value <= 0x10ffff && !(value >= 0xd800 && value <= 0xdfff);
}
// Appends one character. code point must be a Unicode scalar value.
void append_utf8(std::string& out, uint32_t code_point);
// Decodes one character at `from`, advancing it. Negative: -1 invalid, -2 truncated.
int32_t next_utf8(const uint8_t*& from, const uint8_t* end);
bool is_valid_utf8(std::string_view text);
size_t utf8_length(std::string_view text);

// A flat list of characters (0..0x10ffff) as UTF-8; nullopt if it is anything else.
std::optional<std::string> characters_of_list(Term list);
// Bytes of an iolist / iodata (lists nested any depth, improper tails that are binaries); nullopt if it is anything else.
std::optional<std::string> bytes_of_iodata(Term data);
// Size in bytes of an iolist without building it; nullopt if it is none.
std::optional<size_t> iodata_size(Term data);
// A file name as guests give it: binary (raw), atom, or deep list of characters, as UTF-8 bytes. No NUL inside.
std::optional<std::string> native_name(Term name);

}  // namespace hanse
