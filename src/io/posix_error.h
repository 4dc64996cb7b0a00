// Operating system errors as guests see them: {error, enoent}. Any thread.
#pragma once

#include "term/arena.h"

namespace hanse {

// The lower-case name of an errno value; `unknown` if the system has no name for it.
Term posix_error_atom(int error);
// {error, Name}
Term posix_error(Arena& arena, int error);
// {ok, Value}
Term ok_tuple(Arena& arena, Term value);

}  // namespace hanse
