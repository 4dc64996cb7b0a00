#include "code/literal_collector.h"

#include <atomic>
#include <deque>

#include "base/mutex.h"

namespace hanse {

namespace {

struct Queue {
  Mutex<LockRank::literal_areas> mutex;
  std::deque<LiteralArea*> waiting GUARDED_BY(mutex);
  LiteralArea* in_turn GUARDED_BY(mutex) = nullptr;
  std::atomic<void (*)()> notifier{nullptr};  // written once at start
};
Queue& queue() {
  static Queue& instance = *new Queue;
  return instance;
}

}  // namespace

void retire_literal_area(LiteralArea* area) {
  if (area == nullptr) return;
  bool idle;
  {
    Lock lock(queue().mutex);
    queue().waiting.push_back(area);
    idle = queue().in_turn == nullptr;
  }
  if (auto* notify = queue().notifier.load(std::memory_order_acquire); idle && notify != nullptr) notify();
}

bool switch_literal_area() {
  LiteralArea* finished;
  bool more;
  {
    Lock lock(queue().mutex);
    finished = queue().in_turn;
    more = !queue().waiting.empty();
    queue().in_turn = more ? queue().waiting.front() : nullptr;
    if (more) queue().waiting.pop_front();
  }
  delete finished;
  return more;
}

LiteralArea* literal_area_in_turn() {
  Lock lock(queue().mutex);
  return queue().in_turn;
}

void set_literal_area_notifier(void (*notifier)()) { queue().notifier.store(notifier, std::memory_order_release); }

size_t retired_literal_areas() {
  Lock lock(queue().mutex);
  return queue().waiting.size() + (queue().in_turn != nullptr ? 1 : 0);
}

}  // namespace hanse
