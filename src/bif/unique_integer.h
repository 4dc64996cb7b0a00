// erlang:unique_integer/1 for other layers.
#pragma once

#include "term/arena.h"

namespace hanse {

Term unique_integer(Arena& arena, bool positive, bool monotonic);

}  // namespace hanse
