// Timers of guests: erlang:send_after and its like.
#pragma once

#include "process/spawn.h"

namespace hanse {

// The timers of a process end with it: to be added once, before processes run.
ProcessExitHook& timers_exit_hook();

}  // namespace hanse
