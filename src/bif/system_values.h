// Values that both erlang:system_info/1 and erlang:system_flag/2 return.
#pragma once

#include "term/arena.h"

namespace hanse {

// enabled, disabled, blocked or blocked_normal
Term multi_scheduling_state();
// #{error_logger, kill, size}
Term system_max_heap_size(Arena& arena);
// [{processor, [{core, {logical, 0}}, ...]}]
Term system_cpu_topology(Arena& arena);
unsigned logical_processors_online();
unsigned logical_processors_available();

}  // namespace hanse
