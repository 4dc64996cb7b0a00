// Open files of prim_file, for those who need the descriptor behind one.
#pragma once

#include "term/term.h"

namespace hanse {

// The descriptor of a file that `owner` has open; -1: the term is no file; -2: closed, or somebody else's. It stays open
// while the owner is in a built-in function.
int descriptor_of_file(Term file, Term owner);

}  // namespace hanse
