// Construction and matching of bits by compiled code (tests/fuzz/bit_syntax_guest.erl): what was written must read back.
#include "base/fuzz_target.h"
#include "main/fuzz_node.h"

using namespace hanse;

FUZZ_TARGET(bit_syntax) {
  FuzzNode& node = FuzzNode::with({});
  static const Term guest = [&] {
    node.load(HANSE_FUZZ_GUESTS "/bit_syntax_guest.beam", "bit_syntax_guest");
    return make_atom("bit_syntax_guest");
  }();
  static const Term main = make_atom("main");
  if (size == 0) return -1;
  FragmentArena arena(16);
  FuzzNode::End end = node.call(guest, main, make_cons(arena, make_binary(arena, Bytes(data, size)), Term::nil()));
  if (end == FuzzNode::End::abnormal) {
    std::fprintf(stderr, "%s\n", node.reason().c_str());
    std::abort();
  }
  return 0;
}
