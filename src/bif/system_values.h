// Values that both erlang:system_info/1 and erlang:system_flag/2 return.
#pragma once

#include "process/node_clock.h"
#include "term/arena.h"

namespace hanse {

// enabled, disabled, blocked or blocked_normal
Term multi_scheduling_state();
// #{error_logger, kill, size}
Term system_max_heap_size(Arena& arena);
Term time_offset_atom(OffsetState state);  // system_info(time_offset)
Term time_warp_atom(TimeWarp warp);        // system_info(time_warp_mode)
// How many schedulers may run processes now.
unsigned active_schedulers();

// [{Index, Group}]: every scheduler has a group of readers, and of counters, of its own.
Term scheduler_groups(Arena& arena);
// Properties of the clock that system_info(os_monotonic_time_source) and (os_system_time_source) tell of.
Term os_time_source(Arena& arena, bool monotonic);

}  // namespace hanse
