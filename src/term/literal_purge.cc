#include "term/literal_purge.h"

namespace hanse {

namespace detail {
std::atomic<uint64_t> announced_purge{0};
thread_local uint64_t seen_purge = 0;
}  // namespace detail

void announce_literal_purge(const Word* begin, const Word* end) {
  uint64_t packed = 0;
  if (begin != nullptr) packed = static_cast<uint64_t>(begin - detail::literal_region_begin) << 32 | static_cast<uint64_t>(end - begin);
  detail::announced_purge.store(packed, std::memory_order_seq_cst);
}

}  // namespace hanse
