// Regular expressions. Input: an external term {re, Function, Arguments}; or four bytes that choose options, one with the length of
// the pattern, the pattern, the subject.
#include "base/fuzz_target.h"
#include "main/fuzz_node.h"

using namespace hanse;

static const char* const switches[] = {
    "unicode", "anchored", "caseless", "dollar_endonly", "dotall", "extended", "firstline", "multiline", "no_auto_capture", "dupnames",
    "ungreedy", "bsr_anycrlf", "bsr_unicode", "no_start_optimize", "ucp", "never_utf", "global", "notbol", "notempty", "notempty_atstart",
    "noteol", "report_errors",
};
static const char* const newlines[] = {"cr", "crlf", "lf", "nul", "anycrlf", "any"};
static const char* const captures[] = {"all", "all_but_first", "first", "none", "all_names"};
static const char* const types[] = {"index", "list", "binary"};

static Term options_from(Arena& arena, uint32_t choice) {
  Term list = Term::nil();
  constexpr size_t switch_count = std::size(switches);
  for (size_t i = 0; i < switch_count; i++)
    if (choice >> i & 1) list = make_cons(arena, make_atom(switches[i]), list);
  uint32_t rest = choice >> switch_count;
  if (uint32_t newline = rest & 7; newline < std::size(newlines))
    list = make_cons(arena, make_tuple(arena, make_atom("newline"), make_atom(newlines[newline])), list);
  if (uint32_t capture = rest >> 3 & 7; capture < std::size(captures))
    list = make_cons(arena, make_tuple(arena, make_atom("capture"), make_atom(captures[capture]), make_atom(types[rest >> 6 & 1 ? 2 : 0])), list);
  if (rest >> 7 & 1) list = make_cons(arena, make_tuple(arena, make_atom("capture"), make_list(arena, std::initializer_list<Term>{Term::small(1), Term::small(300)}), make_atom(types[1])), list);
  if (rest >> 8 & 1) list = make_cons(arena, make_tuple(arena, make_atom("match_limit"), Term::small(1000)), list);
  if (rest >> 9 & 1) list = make_cons(arena, make_tuple(arena, make_atom("offset"), Term::small(2)), list);
  return list;
}

FUZZ_TARGET(re) {
  FuzzNode& node = FuzzNode::with({"stdlib/re", "stdlib/lists", "stdlib/unicode", "stdlib/binary", "stdlib/proplists"});
  if (size < 6) return -1;
  static const Term re = make_atom("re"), run = make_atom("run"), compile = make_atom("compile");
  if (data[0] == 131)
    return fuzz_call(node, {data, size}, [](Term module, Term, size_t) { return module == re; });
  FragmentArena arena(64);
  Term options = options_from(arena, load_be32(data));
  size_t length = std::min<size_t>(data[4], size - 5);
  Term pattern = make_binary(arena, Bytes(data + 5, length)), subject = make_binary(arena, Bytes(data + 5 + length, size - 5 - length));
  node.call(re, compile, make_list(arena, std::initializer_list<Term>{pattern, options}));
  node.call(re, run, make_list(arena, std::initializer_list<Term>{subject, pattern, options}));
  return 0;
}
