// What references to C++ objects refer to once they have been written in the external term format: whoever reads one while the
// object is still there gets a reference to it again, else one to nothing. Any thread.
#pragma once

#include "term/reference.h"

namespace hanse {

struct OffHeapBinary;

// A reference that owns `value` (the caller's hold is taken over), with a number that it has had before. Compare build.h.
Term make_magic_reference(Arena& arena, OffHeapBinary* value, ReferenceNumber number);

// reference: a magic one. The object notes it in known_utf8, which has no other use where there are no bytes.
void list_magic_reference(Term reference);
// The caller's hold of the object; nullptr: none is known by that number.
OffHeapBinary* find_magic_reference(ReferenceNumber number);
// The object is about to go. Nobody holds it any more.
void forget_magic_references(OffHeapBinary* object);

}  // namespace hanse
