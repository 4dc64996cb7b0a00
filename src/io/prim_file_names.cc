// Translation of file names: prim_file:internal_name2native/1 and its relatives.
#include "io/prim_file_names.h"

#include <vector>

#include "base/work_stack.h"
#include "bif/tables.h"
#include "io/contiguous_bytes.h"
#include "process/call.h"
#include "term/text.h"

namespace hanse {

FileNameSettings& file_name_settings() {
  static FileNameSettings settings;
  return settings;
}

std::optional<std::string> path_of_native_name(Term native_name) {
  if (!native_name.is_binary()) return std::nullopt;
  std::string path(ContiguousBytes(native_name).text());
  if (path.empty() || path.find('\0') != path.size() - 1) return std::nullopt;
  path.pop_back();
  return path;
}

// Appends the characters of a proper list, nested any depth, in the encoding of file names. False: not such a list.
static bool append_characters(Term list, std::string& out) {
  bool latin1 = file_name_settings().encoding == FileNameEncoding::latin1;
  WorkStack<Term> rest;
  rest.push(list);
  while (!rest.empty()) {
    Term item = rest.pop();
    if (item.is_nil()) continue;
    if (!item.is_cons()) return false;
    Term head = item.as_cons()->head;
    rest.push(item.as_cons()->tail);
    if (head.is_small()) {
      int64_t character = head.as_small();
      if (character == 0 || !is_unicode_scalar(character) || (latin1 && character > 255)) return false;
      if (latin1) out.push_back(static_cast<char>(character));
      else append_utf8(out, static_cast<uint32_t>(character));
    } else if (head.is_list()) {
      rest.push(head);
    } else {
      return false;
    }
  }
  return true;
}

// Binaries are raw names: taken as they are, but no NUL is allowed in them.
static Result prim_file_internal_name2native_1(Call& call) {
  Term name = call.args[0];
  std::string out;
  if (name.is_binary()) {
    out = ContiguousBytes(name).text();
    call.charge(out.size() / 64);
    if (out.find('\0') != std::string::npos) return raise_badarg(call);
  } else if (name.is_bitstring()) {
    // Stock drops the bits behind the last whole byte.
    BitView view = bit_view(name);
    if (view.byte_size() != 0) return raise_badarg(call);
  } else {
    if (!name.is_list() || !append_characters(name, out)) return raise_badarg(call);
    call.charge(out.size() / 16);
  }
  out.push_back('\0');
  return make_binary(call.arena(), out);
}

static Result prim_file_internal_native2name_1(Call& call) {
  if (!call.args[0].is_binary()) return raise_badarg(call);
  std::string copy(ContiguousBytes(call.args[0]).text());
  call.charge(copy.size() / 16);
  const FileNameSettings& settings = file_name_settings();
  if (settings.encoding == FileNameEncoding::latin1) return make_string(call.arena(), copy);
  std::vector<Term> characters;
  characters.reserve(copy.size());
  const auto* at = reinterpret_cast<const uint8_t*>(copy.data());
  const uint8_t* end = at + copy.size();
  while (at != end) {
    int32_t character = next_utf8(at, end);
    if (character < 0) {
      Term reaction = settings.on_bad_name == BadFileName::warning  ? am::warning
                      : settings.on_bad_name == BadFileName::ignore ? am::ignore
                                                                    : am::error;
      return make_tuple(call.arena(), am::error, reaction);
    }
    characters.push_back(Term::small(character));
  }
  return make_list(call.arena(), characters);
}

// Whether a raw name has a translation to characters.
static Result prim_file_is_translatable_1(Call& call) {
  if (!call.args[0].is_binary()) return raise_badarg(call);
  if (file_name_settings().encoding == FileNameEncoding::latin1) return am::true_;
  ContiguousBytes bytes(call.args[0]);
  call.charge(bytes.bytes().size() / 64);
  return boolean(is_valid_utf8(bytes.text()));
}

static Result file_native_name_encoding_0(Call&) {
  return file_name_settings().encoding == FileNameEncoding::latin1 ? am::latin1 : am::utf8;
}

static constexpr BifRow rows[] = {
    {"file", "native_name_encoding", 0, file_native_name_encoding_0, BifKind::plain, Authority::pure},
    {"prim_file", "internal_name2native", 1, prim_file_internal_name2native_1, BifKind::plain, Authority::pure},
    {"prim_file", "internal_native2name", 1, prim_file_internal_native2name_1, BifKind::plain, Authority::pure},
    {"prim_file", "is_translatable", 1, prim_file_is_translatable_1, BifKind::plain, Authority::pure},
};
const BifTable prim_file_name_bifs = rows;

}  // namespace hanse
