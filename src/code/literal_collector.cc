#include "code/literal_collector.h"

#include <algorithm>
#include <atomic>
#include <deque>

#include "base/epoch.h"
#include "base/mutex.h"
#include "term/literal_purge.h"

namespace hanse {

namespace {

struct Queue {
  Mutex<LockRank::literal_areas> mutex;
  std::deque<LiteralArea*> waiting GUARDED_BY(mutex);
  LiteralArea* in_turn GUARDED_BY(mutex) = nullptr;
  size_t announced GUARDED_BY(mutex) = 0;  // how many of the first that wait have been announced
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

// A range that holds all areas to come, announced once for all of them: nobody is kept waiting for each.
static void announce_all(const LiteralArea* first, const std::deque<LiteralArea*>& others) {
  const Word *begin = first->begin(), *end = first->end();
  for (const LiteralArea* area : others) {
    begin = std::min<const Word*>(begin, area->begin());
    end = std::max<const Word*>(end, area->end());
  }
  announce_literal_purge(begin, end);
}

LiteralSwitch switch_literal_area() {
  LiteralArea* finished;
  LiteralSwitch outcome = LiteralSwitch::none;
  {
    Queue& all = queue();
    Lock lock(all.mutex);
    finished = all.in_turn;
    all.in_turn = all.waiting.empty() ? nullptr : all.waiting.front();
    if (all.in_turn == nullptr) {
      announce_literal_purge(nullptr, nullptr);
    } else {
      all.waiting.pop_front();
      outcome = all.announced > 0 ? LiteralSwitch::ready : LiteralSwitch::announced;
      if (all.announced > 0) all.announced--;
      else announce_all(all.in_turn, all.waiting), all.announced = all.waiting.size();
    }
  }
  // A native function on a dirty thread may still look at it though its process has been ended.
  if (finished != nullptr) epoch::retire(finished);
  return outcome;
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
