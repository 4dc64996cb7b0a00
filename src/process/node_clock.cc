#include "process/node_clock.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>

namespace hanse {

static int64_t read_steady_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}
static int64_t read_system_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

NodeClock& node_clock() {
  static auto* clock = new NodeClock({read_steady_ns, read_system_ns});
  return *clock;
}

NodeClock::NodeClock(Source source) : source_(source), start_ns_(source.steady_ns()), system_start_ns_(source.system_ns()) {}

void NodeClock::configure(TimeWarp warp, bool corrects) {
  static constexpr OffsetState states[] = {OffsetState::final, OffsetState::preliminary, OffsetState::is_volatile};
  warp_ = warp;
  corrects_ = corrects;
  state_ = states[static_cast<size_t>(warp)];
}

uint64_t NodeClock::monotonic_ns() const {
  for (;;) {
    uint32_t version = version_.load(std::memory_order_acquire);
    int64_t steady = source_.steady_ns();
    int64_t result = version == 0 ? steady - start_ns_ : corrected(steady);
    std::atomic_thread_fence(std::memory_order_acquire);
    if (version % 2 == 0 && version_.load(std::memory_order_relaxed) == version) [[likely]] return static_cast<uint64_t>(result);
  }
}

int64_t NodeClock::corrected(int64_t steady_ns) const {
  int64_t amount = amount_ns_.load(std::memory_order_relaxed);
  int64_t part = (steady_ns - begin_ns_.load(std::memory_order_relaxed)) / divisor_.load(std::memory_order_relaxed);
  part = std::min(part, std::abs(amount));
  return steady_ns - start_ns_ + base_ns_.load(std::memory_order_relaxed) + (amount < 0 ? -part : part);
}

int64_t NodeClock::behind_ns() const {
  return source_.system_ns() - (static_cast<int64_t>(monotonic_ns()) + system_start_ns_.load(std::memory_order_relaxed));
}

bool NodeClock::compare() {
  Lock lock(mutex_);
  int64_t behind = behind_ns();
  if (std::abs(behind) < tolerated_ns) return false;
  switch (offset_state()) {
    case OffsetState::preliminary: return false;
    case OffsetState::final: steer(behind); return false;
    case OffsetState::is_volatile: break;
  }
  system_start_ns_.fetch_add(behind, std::memory_order_release);
  return true;
}

OffsetState NodeClock::finalize() {
  Lock lock(mutex_);
  OffsetState before = offset_state();
  if (before != OffsetState::preliminary) return before;
  system_start_ns_.fetch_add(behind_ns(), std::memory_order_release);
  state_.store(OffsetState::final, std::memory_order_release);
  return before;
}

void NodeClock::steer(int64_t by_ns) {
  bool leaps = !corrects_ && by_ns > 0;
  uint32_t version = version_.load(std::memory_order_relaxed);
  version_.store(version + 1, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  int64_t now = source_.steady_ns();  // whoever has read the clock later reads it again
  base_ns_.store(corrected(now) - (now - start_ns_) + (leaps ? by_ns : 0), std::memory_order_relaxed);
  amount_ns_.store(leaps ? 0 : by_ns, std::memory_order_relaxed);
  divisor_.store(corrects_ ? slow_divisor : 1, std::memory_order_relaxed);
  begin_ns_.store(now, std::memory_order_relaxed);
  version_.store(version + 2, std::memory_order_release);
}

}  // namespace hanse
