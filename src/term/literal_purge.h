// Literal areas that are about to be freed. Terms that are copied meanwhile take its literals along, so that nothing new
// refers to them once every process has copied what it uses (code/literal_collector.h).
//
// A thread looks at the range at the start of each slice only: in between, sizes and copies agree with each other. Who announces
// one waits until every thread has begun a slice (process/thread_progress.h).
#pragma once

#include <atomic>
#include <cstdint>

#include "term/literal.h"

namespace hanse {

namespace detail {
// Position in the region << 32 | size, both in words; 0: there is none.
extern std::atomic<uint64_t> announced_purge;  // written by whoever changes the area in turn, read by all threads
extern thread_local uint64_t seen_purge;
}  // namespace detail

// All literals from begin to end; nullptr if there are none.
void announce_literal_purge(const Word* begin, const Word* end);
// At the start of a slice.
inline void look_at_literal_purge() { detail::seen_purge = detail::announced_purge.load(std::memory_order_seq_cst); }
// term: is_literal(). Whether this thread is to copy it.
inline bool is_in_literal_purge(Term term) {
  uint64_t seen = detail::seen_purge;
  if (seen == 0) [[likely]] return false;
  auto position = static_cast<uint64_t>(reinterpret_cast<const Word*>(term.word() & ~Word{7}) - detail::literal_region_begin);
  return position - (seen >> 32) < (seen & 0xffffffff);
}

// Words of a copy that shares all literals, these too: as flat_size() (copy.h) while nothing is purged.
size_t flat_size_with_shared_literals(Term term);

}  // namespace hanse
