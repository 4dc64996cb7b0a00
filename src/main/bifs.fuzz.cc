// All built-in functions whose answer depends on their arguments alone. Input: an external term {Module, Function, Arguments}.
#include "base/fuzz_target.h"
#include "main/fuzz_node.h"

using namespace hanse;

static bool is_pure(Term module, Term function, size_t arity) {
  FuzzNode& node = FuzzNode::with({});
  epoch::Guard guard;
  Export* target = node.realm.find_export(module, function, static_cast<uint32_t>(arity));
  return target != nullptr && target->bif != nullptr && target->bif->authority == Authority::pure && target->bif->function != nullptr;
}

// What asks for gigabytes gets them, on stock as well: not of interest here.
static bool is_modest(Bytes input) {
  for (size_t i = 0; i + 5 <= input.size(); i++)
    if (input[i] == 98 && load_be32(&input[i + 1]) >> 20 != 0 && load_be32(&input[i + 1]) >> 31 == 0) return false;
  return true;
}

FUZZ_TARGET(bifs) {
  FuzzNode& node = FuzzNode::with({"stdlib/lists", "stdlib/maps", "stdlib/binary"});
  if (!is_modest({data, size})) return -1;
  return fuzz_call(node, {data, size}, is_pure);
}
