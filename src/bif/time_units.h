// Units of time as guests name them. Any thread.
#pragma once

#include "process/erlang_clock.h"
#include "term/build.h"

namespace hanse {

// Rounded down to a unit: an atom (erlang:time_unit()) or a positive number of parts per second. none(): no such unit.
Term convert_ns(Arena& arena, int64_t ns, Term unit);

}  // namespace hanse
