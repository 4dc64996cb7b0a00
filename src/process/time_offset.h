// Who is told when the time offset changes: erlang:monitor(time_offset, clock_service).
#pragma once

#include "process/node_clock.h"
#include "term/word.h"

namespace hanse {

// A process has such a monitor.
void watch_time_offset(Term pid);
// The clock of the operating system may have been set. Any thread.
void look_at_system_clock();
// erlang:system_flag(time_offset, finalize); the state before.
OffsetState finalize_time_offset();

}  // namespace hanse
