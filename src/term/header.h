// Header words of boxed objects, and the type tests that need them. Use them through term.h.
#pragma once

#include "term/word.h"

namespace hanse {

// size_words: number of words after the header.
constexpr Word make_header(Boxed kind, size_t size_words) {
  return (static_cast<Word>(size_words) << 8) | (static_cast<Word>(kind) << 3);
}
constexpr Boxed header_kind(Word header) { return static_cast<Boxed>((header >> 3) & 31); }
constexpr size_t header_size(Word header) { return (header >> 8) & ((Word{1} << 40) - 1); }

// How an object is laid out for every walk over a heap: `raw_words` words of data come first, all others are terms.
constexpr size_t all_raw = ~size_t{0};
constexpr size_t raw_words(Boxed kind) {
  switch (kind) {
    case Boxed::tuple: case Boxed::flat_map: case Boxed::hash_map: case Boxed::hash_map_node: return 0;
    case Boxed::fun: return 1;            // entry | creator, environment...
    case Boxed::sub_binary: return 3;     // bit size, bit offset, flags | original
    case Boxed::match_context: return 2;  // bit position, bit end | original
    default: return all_raw;
  }
}
// Objects that hold a reference to something off the heap; they are linked through their second word.
constexpr bool is_off_heap_kind(Boxed kind) {
  constexpr uint32_t kinds = 1u << static_cast<int>(Boxed::refc_binary) | 1u << static_cast<int>(Boxed::magic_reference) |
                             1u << static_cast<int>(Boxed::external_pid) | 1u << static_cast<int>(Boxed::external_port) |
                             1u << static_cast<int>(Boxed::external_reference);
  return (kinds >> static_cast<int>(kind) & 1) != 0;
}

inline bool Term::is_boxed_kind(Boxed kind) const {
  return is_boxed() && ((*as_boxed() >> 3) & 31) == static_cast<Word>(kind);
}
inline bool Term::is_tuple() const { return is_boxed_kind(Boxed::tuple); }
inline bool Term::is_big() const {
  return is_boxed() && (header_kind(*as_boxed()) == Boxed::positive_big || header_kind(*as_boxed()) == Boxed::negative_big);
}
inline bool Term::is_boxed_float() const { return is_boxed_kind(Boxed::floating); }
inline bool Term::is_local_fun() const { return is_boxed_kind(Boxed::fun); }
inline bool Term::is_export_fun() const { return is_boxed_kind(Boxed::export_fun); }
inline bool Term::is_internal_reference() const {
  return is_boxed_kind(Boxed::reference) || is_boxed_kind(Boxed::magic_reference);
}
inline bool Term::is_reference() const { return is_internal_reference() || is_boxed_kind(Boxed::external_reference); }
inline bool Term::is_pid() const { return is_local_pid() || is_boxed_kind(Boxed::external_pid); }
inline bool Term::is_port() const { return is_local_port() || is_boxed_kind(Boxed::external_port); }
inline bool Term::is_flat_map() const { return is_boxed_kind(Boxed::flat_map); }
inline bool Term::is_hash_map() const { return is_boxed_kind(Boxed::hash_map); }

}  // namespace hanse

