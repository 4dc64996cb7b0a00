// The clocks that guests see. Any thread.
#pragma once

#include "term/build.h"

namespace hanse {

int64_t erlang_monotonic_ns();  // erlang:monotonic_time/0
int64_t time_offset_ns();       // erlang:time_offset/0
int64_t erlang_system_ns();     // erlang:system_time/0
// Rounded down to a unit: an atom (erlang:time_unit()) or a positive number of parts per second. none(): no such unit.
Term convert_ns(Arena& arena, int64_t ns, Term unit);

}  // namespace hanse
