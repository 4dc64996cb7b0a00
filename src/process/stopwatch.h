// The time that a thread has spent in a state which it enters and leaves. Started and stopped by that thread, read by any.
#pragma once

#include <atomic>
#include <cstdint>

namespace hanse {

// One word, so that readers need no lock: the nanoseconds so far, or, marked, those minus the time of the start.
class Stopwatch {
 public:
  void start(uint64_t now_ns) { word_.store(((word_.load(std::memory_order_relaxed) - now_ns) & time_mask) | runs, std::memory_order_relaxed); }
  void stop(uint64_t now_ns) { word_.store((word_.load(std::memory_order_relaxed) + now_ns) & time_mask, std::memory_order_relaxed); }
  uint64_t total_ns(uint64_t now_ns) const {
    uint64_t word = word_.load(std::memory_order_relaxed);
    if ((word & runs) == 0) return word;
    uint64_t total = (word + now_ns) & time_mask;
    return total < runs / 2 ? total : 0;  // it was started after the reader had looked at the clock
  }

 private:
  static constexpr uint64_t runs = uint64_t{1} << 63, time_mask = runs - 1;
  std::atomic<uint64_t> word_{0};
};

}  // namespace hanse
