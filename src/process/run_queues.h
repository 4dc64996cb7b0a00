// How many processes wait or run, for erlang:statistics/1. Figures of a moment: nobody is stopped for them.
#pragma once

#include <cstddef>

namespace hanse {

// Those that wait for the scheduler (0-based), and the one that it runs.
size_t active_tasks(unsigned scheduler);

}  // namespace hanse
