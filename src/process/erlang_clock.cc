#include "process/erlang_clock.h"

#include <atomic>

#include "process/node_clock.h"
#include "process/timer_service.h"

namespace hanse {

// erlang:monotonic_time/0 starts at the smallest small integer, as stock's does.
static constexpr int64_t monotonic_start = Term::small_min;

int64_t erlang_monotonic_ns() { return monotonic_start + static_cast<int64_t>(monotonic_now_ns()); }

int64_t time_offset_ns() { return node_clock().system_start_ns() - monotonic_start; }

int64_t erlang_system_ns() { return erlang_monotonic_ns() + time_offset_ns(); }

Term make_timestamp(Arena& arena, int64_t microseconds) {
  return make_tuple(arena, Term::small(microseconds / 1000000000000), Term::small(microseconds / 1000000 % 1000000),
                    Term::small(microseconds % 1000000));
}

Term make_now(Arena& arena) {
  static std::atomic<int64_t> last{0};  // any thread
  int64_t now = erlang_system_ns() / 1000, before = last.load(std::memory_order_relaxed);
  do {
    if (now <= before) now = before + 1;
  } while (!last.compare_exchange_weak(before, now, std::memory_order_relaxed));
  return make_timestamp(arena, now);
}

static std::atomic<uint64_t> next_monotonic{0};  // any thread
uint64_t next_monotonic_unique() { return next_monotonic.fetch_add(1, std::memory_order_relaxed); }
uint64_t last_monotonic_unique() { return next_monotonic.load(std::memory_order_relaxed) - 1; }
void set_last_monotonic_unique(uint64_t number) { next_monotonic.store(number + 1, std::memory_order_relaxed); }

Term make_monotonic_unique(Arena& arena) {
  uint64_t number = next_monotonic_unique();
  constexpr uint64_t negatives = uint64_t{1} << 59;  // numbers that are below zero as integers
  static_assert(Term::small_min == -static_cast<int64_t>(negatives));
  if (number >= negatives) return make_unsigned(arena, number - negatives);
  return Term::small(Term::small_min + static_cast<int64_t>(number));
}

}  // namespace hanse
