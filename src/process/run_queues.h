// How many processes wait or run, for erlang:statistics/1. Figures of a moment: nobody is stopped for them.
#pragma once

#include <cstddef>

namespace hanse {

// Those that wait for the scheduler (0-based), and the one that it runs.
size_t active_tasks(unsigned scheduler);

// Threads of the dirty pool for computations that work; 1 to all of them.
unsigned online_dirty_cpu();
void set_online_dirty_cpu(unsigned count);

}  // namespace hanse
