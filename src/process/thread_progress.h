// Waiting until every scheduler has finished what it was doing. Any scheduler thread.
#pragma once

#include <cstdint>
#include <vector>

namespace hanse {

// How many slices each scheduler has begun.
std::vector<uint64_t> slices_begun();
// Whether every scheduler but the caller's has begun a slice since then, or sleeps. Threads of the dirty pools do not count.
bool all_have_moved_on(const std::vector<uint64_t>& before);

}  // namespace hanse
