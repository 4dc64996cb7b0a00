// A pair of fences for a frequent side and a rare one: light_fence() costs the processor nothing, heavy_fence() interrupts
// every running thread of the program instead (Linux membarrier(2), private expedited). Together they order as two
// sequentially consistent fences would: of "A: store x; light_fence; load y" and "B: store y; heavy_fence; load x" at
// least one sees the other's store. Where the system call is missing, both are ordinary fences.
#pragma once

#include <atomic>

namespace hanse {

namespace detail {
// Set before main() and never changed.
extern const bool has_membarrier;
}  // namespace detail

inline void light_fence() {
  if (detail::has_membarrier) [[likely]]
    std::atomic_signal_fence(std::memory_order_seq_cst);
  else
    std::atomic_thread_fence(std::memory_order_seq_cst);
}

// Some microseconds.
void heavy_fence();

}  // namespace hanse
