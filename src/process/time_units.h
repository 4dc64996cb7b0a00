// Units of time as guests name them: the atoms of erlang:time_unit() or a number of parts per second.
#pragma once

#include "term/build.h"

namespace hanse {

// Nanoseconds in the unit, rounded towards minus infinity; none() if the unit is not one. The native unit of Hanse and
// that of the performance counter are the nanosecond.
Term convert_time(Arena& arena, int64_t nanoseconds, Term unit);

}  // namespace hanse
