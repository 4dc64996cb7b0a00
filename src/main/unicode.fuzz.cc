// The module unicode. Input: an external term {unicode, Function, Arguments}; or a byte that chooses function and encodings, and text,
// which a byte 255 cuts into a nested list.
#include "base/fuzz_target.h"
#include "main/fuzz_node.h"

using namespace hanse;

static const char* const encodings[] = {"latin1", "utf8", "utf16", "utf32", "unicode"};
static const char* const functions[] = {"characters_to_list", "characters_to_binary", "characters_to_nfc_binary", "characters_to_nfkd_list"};

static Term encoding(Arena& arena, unsigned choice) {
  Term name = make_atom(encodings[choice % std::size(encodings)]);
  if (choice < 2 * std::size(encodings)) return name;
  return make_tuple(arena, name, make_atom(choice % 2 ? "little" : "big"));
}

static Term text(Arena& arena, Bytes bytes) {
  Term list = Term::nil();
  bool number = false;
  for (const uint8_t* at = bytes.data(), *end = at + bytes.size(); at < end;) {
    auto* stop = static_cast<const uint8_t*>(std::memchr(at, 255, static_cast<size_t>(end - at)));
    if (stop == nullptr) stop = end;
    Bytes piece(at, static_cast<size_t>(stop - at));
    Term part = number && piece.size() >= 3 ? Term::small(piece[0] << 16 | piece[1] << 8 | piece[2]) : make_binary(arena, piece);
    list = piece.size() % 3 == 2 ? make_list(arena, std::initializer_list<Term>{list, part}) : make_cons(arena, part, list);
    number = !number;
    at = stop + 1;
  }
  return list;
}

FUZZ_TARGET(unicode) {
  FuzzNode& node = FuzzNode::with({"stdlib/unicode", "stdlib/unicode_util", "stdlib/lists", "stdlib/binary"});
  if (size < 3) return -1;
  static const Term unicode = make_atom("unicode");
  if (data[0] == 131)
    return fuzz_call(node, {data, size}, [](Term module, Term, size_t) { return module == unicode; });
  FragmentArena arena(64);
  unsigned which = data[0] % std::size(functions), from = data[1] >> 4, to = data[1] & 15;
  Bytes bytes(data + 2, size - 2);
  Term given = std::memchr(bytes.data(), 255, bytes.size()) ? text(arena, bytes) : make_binary(arena, bytes);
  Term arguments = which >= 2   ? make_list(arena, std::initializer_list<Term>{given})
                   : which == 1 ? make_list(arena, std::initializer_list<Term>{given, encoding(arena, from), encoding(arena, to)})
                                : make_list(arena, std::initializer_list<Term>{given, encoding(arena, from)});
  node.call(unicode, make_atom(functions[which]), arguments);
  return 0;
}
