// Sizes that heaps take: the sequence of BEAM (Fibonacci-like up to about a million words, then growing by a fifth), so
// that guests which tune min_heap_size see the figures they know.
#pragma once

#include <cstddef>

namespace hanse {

// The smallest size in the sequence that is at least `words`.
size_t next_heap_size(size_t words);

}  // namespace hanse
