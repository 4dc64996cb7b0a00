// erlang:statistics(scheduler_wall_time): for how long each thread of the scheduler has run processes. Any thread.
#pragma once

#include <cstdint>
#include <vector>

namespace hanse {

struct SchedulerTime {
  unsigned id = 0;          // erlang:system_info(scheduler_id)
  uint64_t active_ns = 0, total_ns = 0;  // since the measuring began
};

enum class MeasuredThreads : uint8_t { processors, all };  // all: the dirty threads for input and output, too

bool wall_time_is_measured();
// Begins anew, or ends. Returns whether it was measured before.
bool measure_wall_time(bool on);
// By id; empty if nothing is measured.
std::vector<SchedulerTime> scheduler_times(MeasuredThreads which);

}  // namespace hanse
