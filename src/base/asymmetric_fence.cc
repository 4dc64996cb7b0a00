#include "base/asymmetric_fence.h"

#include <sys/syscall.h>
#include <unistd.h>

#include "base/check.h"

// <linux/membarrier.h> is no part of a plain toolchain.
static constexpr int membarrier_private_expedited = 1 << 3;
static constexpr int membarrier_register_private_expedited = 1 << 4;

namespace hanse {

static long membarrier(int command) { return ::syscall(SYS_membarrier, command, 0, 0); }

const bool detail::has_membarrier = membarrier(membarrier_register_private_expedited) == 0;

void heavy_fence() {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (detail::has_membarrier) CHECK(membarrier(membarrier_private_expedited) == 0);
}

}  // namespace hanse
