// erlang: conversions of atoms.
#include <string>

#include "bif/binary_bytes.h"
#include "bif/tables.h"
#include "bif/text_list.h"
#include "process/call.h"
#include "term/text.h"

namespace hanse {

static Result erlang_atom_to_list_1(Call& call) {
  if (!call.args[0].is_atom()) return raise_badarg(call);
  return list_of_utf8(call.arena(), atom_name(call.args[0]));
}

// What a name turned out to be.
enum class NameCheck : uint8_t { valid, malformed, too_long };

static NameCheck name_of_list(Term list, std::string& name) {
  size_t length = 0;
  for (; list.is_cons(); list = list.as_cons()->tail) {
    Term character = list.as_cons()->head;
    if (++length > atom_max_characters) return NameCheck::too_long;  // whatever follows
    if (!character.is_small() || !is_unicode_scalar(character.as_small())) return NameCheck::malformed;
    append_utf8(name, static_cast<uint32_t>(character.as_small()));
  }
  if (!list.is_nil()) return NameCheck::malformed;
  return NameCheck::valid;
}

static NameCheck name_of_binary(Term binary, Term encoding, std::string& name) {
  if (!binary.is_binary()) return NameCheck::malformed;
  BinaryBytes bytes(binary);
  Bytes span = bytes.span();
  if (encoding == am::latin1) {
    if (span.size() > atom_max_characters) return NameCheck::too_long;
    for (uint8_t byte : span) append_utf8(name, byte);
    return NameCheck::valid;
  }
  if (encoding != am::utf8 && encoding != am::unicode) return NameCheck::malformed;
  std::string_view text(reinterpret_cast<const char*>(span.data()), span.size());
  if (text.size() > 4 * atom_max_characters) return NameCheck::too_long;
  // What stands behind the longest name does not matter.
  const uint8_t *at = span.data(), *end = at + span.size();
  for (size_t length = 0; at < end; length++) {
    if (length == atom_max_characters) return NameCheck::too_long;
    if (next_utf8(at, end) < 0) return NameCheck::malformed;
  }
  name = text;
  return NameCheck::valid;
}

static Result new_atom(Call& call, NameCheck check, std::string_view name) {
  if (check == NameCheck::malformed) return raise_badarg(call);
  if (check == NameCheck::too_long) return raise_system_limit(call);
  Term atom = make_atom(name);
  if (atom.is_none()) return raise_system_limit(call);
  return atom;
}

static Result old_atom(Call& call, NameCheck check, std::string_view name) {
  if (check != NameCheck::valid) return raise_badarg(call);
  auto atom = existing_atom(name);
  if (!atom) return raise_badarg(call);
  return *atom;
}

static Result erlang_list_to_atom_1(Call& call) {
  std::string name;
  NameCheck check = name_of_list(call.args[0], name);
  return new_atom(call, check, name);
}

static Result erlang_list_to_existing_atom_1(Call& call) {
  std::string name;
  NameCheck check = name_of_list(call.args[0], name);
  return old_atom(call, check, name);
}

static Result erlang_binary_to_atom_2(Call& call) {
  std::string name;
  NameCheck check = name_of_binary(call.args[0], call.args[1], name);
  return new_atom(call, check, name);
}

static Result erlang_binary_to_existing_atom_2(Call& call) {
  std::string name;
  NameCheck check = name_of_binary(call.args[0], call.args[1], name);
  return old_atom(call, check, name);
}

static Result erlang_atom_to_binary_2(Call& call) {
  Term atom = call.args[0], encoding = call.args[1];
  if (!atom.is_atom()) return raise_badarg(call);
  std::string_view name = atom_name(atom);
  if (encoding == am::utf8 || encoding == am::unicode) return make_binary(call.arena(), name);
  if (encoding != am::latin1 || !atom_is_latin1(atom)) return raise_badarg(call);
  auto* from = reinterpret_cast<const uint8_t*>(name.data());
  auto* end = from + name.size();
  std::string text;
  while (from < end) text.push_back(static_cast<char>(next_utf8(from, end)));
  return make_binary(call.arena(), text);
}

static constexpr BifRow rows[] = {
    {"erlang", "atom_to_binary", 2, erlang_atom_to_binary_2, BifKind::plain, Authority::pure},
    {"erlang", "atom_to_list", 1, erlang_atom_to_list_1, BifKind::plain, Authority::pure},
    {"erlang", "binary_to_atom", 2, erlang_binary_to_atom_2, BifKind::plain, Authority::pure},
    {"erlang", "binary_to_existing_atom", 2, erlang_binary_to_existing_atom_2, BifKind::plain, Authority::pure},
    {"erlang", "list_to_atom", 1, erlang_list_to_atom_1, BifKind::plain, Authority::pure},
    {"erlang", "list_to_existing_atom", 1, erlang_list_to_existing_atom_1, BifKind::plain, Authority::pure},
};
const BifTable erlang_atoms_bifs = rows;

}  // namespace hanse
