// Atoms: names interned for the life of the node. Any thread; reading an atom's name takes no lock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "term/term.h"

namespace hanse {

// The atoms that C++ code names. am::ok is the term ok.
namespace am {
enum class Index : uint32_t {
#define ATOM(identifier, text) identifier,
#include "term/atoms.def"
#undef ATOM
  count
};
#define ATOM(identifier, text) inline constexpr Term identifier = Term::atom(static_cast<uint32_t>(Index::identifier));
#include "term/atoms.def"
#undef ATOM
}  // namespace am

inline constexpr size_t atom_max_characters = 255;

// Names are UTF-8 here. make_atom returns none() if the node's atom limit is reached; the name must be valid UTF-8 of at
// most 255 characters (the caller has checked).
Term make_atom(std::string_view utf8);
std::optional<Term> existing_atom(std::string_view utf8);
// Stays valid for ever.
std::string_view atom_name(Term atom);
// Number of characters (not bytes).
size_t atom_length(Term atom);
// Whether every character is below 256.
bool atom_is_latin1(Term atom);
// First bytes as a big-endian number: orders most atoms without looking at the names.
uint32_t atom_order_key(Term atom);
// The hash that phash/phash2 are defined over (the classic ELF hash of the name in Latin-1 or UTF-8).
uint32_t atom_hash(Term atom);

size_t atom_count();
size_t atom_limit();
void set_atom_limit(size_t limit);
size_t atom_table_bytes();

inline Term boolean(bool value) { return value ? am::true_ : am::false_; }

}  // namespace hanse
