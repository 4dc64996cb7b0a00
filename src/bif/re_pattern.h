// Regular expressions, compiled with PCRE2. What guests hold as a compiled pattern is a binary with the source and its
// options, so that it may be a literal, be stored in a file or be sent to another node; the machine code belongs to the
// thread that uses it, in a cache of limited size.
#pragma once

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace hanse {

// How a pattern is to be compiled.
struct PatternOptions {
  uint32_t bits = 0;     // PCRE2_CASELESS and the like
  uint8_t newline = 0;   // PCRE2_NEWLINE_*, 0: linefeed
  uint8_t bsr = 0;       // PCRE2_BSR_*, 0: all of Unicode's
  bool is_unicode() const { return (bits & PCRE2_UTF) != 0; }
};

struct PatternError {
  std::string text;
  size_t position = 0;  // in bytes of the source
};

struct CompiledPattern {
  pcre2_code* code = nullptr;
  PatternOptions options;
  // Whether a search may be cut in pieces: looking from some place on finds what looking from the start would.
  bool can_resume = false;
  // Subjects must be UTF-8; the pattern itself may say so, (*UTF8), where the options do not.
  bool is_utf = false;
  // Whether a line may end in two characters.
  bool may_use_crlf = false;
  uint32_t group_count = 0;
  uint32_t name_count = 0, name_entry_size = 0;
  const uint8_t* name_table = nullptr;  // entries: group (big-endian, 2 bytes), name, NUL; sorted by name

  CompiledPattern() = default;
  ~CompiledPattern() { pcre2_code_free(code); }
  CompiledPattern(const CompiledPattern&) = delete;
  CompiledPattern& operator=(const CompiledPattern&) = delete;

  uint32_t named_group(uint32_t entry) const { return load_be16(name_table + entry * name_entry_size); }
  std::string_view name(uint32_t entry) const {
    return reinterpret_cast<const char*>(name_table + entry * name_entry_size + 2);
  }
};

// Source and options as one string of bytes, and back; nullopt if the bytes are no such thing.
std::string pack_pattern(Bytes source, const PatternOptions& options);
struct PackedPattern {
  Bytes source;
  PatternOptions options;
};
std::optional<PackedPattern> unpack_pattern(Bytes packed);

// From this thread's cache, or compiled now. nullptr: malformed, `error` says why. Valid until the next call on the thread.
const CompiledPattern* compiled_pattern(Bytes source, const PatternOptions& options, PatternError& error);

// An error of pcre2_compile as PCRE 8, which guests know, words and places it.
PatternError describe_pattern_error(int code, size_t position, Bytes source);

}  // namespace hanse
