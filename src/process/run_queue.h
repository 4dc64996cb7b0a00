// The processes that wait for one scheduler thread (or one dirty pool), in four priorities. Any thread may push; usually
// the owner pops, sometimes a thief does.
#pragma once

#include <atomic>

#include "base/mutex.h"
#include "process/process_states.h"

namespace hanse {

class RunQueue {
 public:
  // Returns the length afterwards.
  size_t push(Process* process) {
    Lock lock(mutex);
    append(process);
    size_t length = length_.load(std::memory_order_relaxed) + 1;
    length_.store(length, std::memory_order_seq_cst);  // pairs with the sleepers' check, see scheduler.cc
    return length;
  }
  // A process whose urgency has grown moves to the end of the right list. False: it is not in this queue.
  bool requeue(Process& process) {
    Lock lock(mutex);
    for (List& list : lists_)
      for (Process** link = &list.first; *link; link = &(*link)->run_queue_next) {
        if (*link != &process) continue;
        *link = process.run_queue_next;
        if (list.tail == &process.run_queue_next) list.tail = link;
        append(&process);
        return true;
      }
    return false;
  }
  // nullptr if it is empty.
  Process* pop() {
    if (length() == 0) return nullptr;
    Lock lock(mutex);
    return pop_locked();
  }
  Process* pop_locked() REQUIRES_LOCK(mutex) {
    for (Priority priority : {Priority::max, Priority::high})
      if (!lists_[static_cast<size_t>(priority)].empty()) return take(priority);
    // Low runs in place of every eighth normal one.
    bool normal = !lists_[static_cast<size_t>(Priority::normal)].empty();
    bool low = !lists_[static_cast<size_t>(Priority::low)].empty();
    if (low && (!normal || ++passed_over_ >= 8)) {
      passed_over_ = 0;
      return take(Priority::low);
    }
    return normal ? take(Priority::normal) : nullptr;
  }
  size_t length() const { return length_.load(std::memory_order_seq_cst); }

  Mutex<LockRank::run_queue> mutex;

 private:
  struct List {
    Process* first = nullptr;
    Process** tail = &first;
    bool empty() const { return first == nullptr; }
  };
  void append(Process* process) REQUIRES_LOCK(mutex) {
    process->run_queue_next = nullptr;
    Priority urgency = process_state::urgency(process->state.load(std::memory_order_relaxed));
    List& list = lists_[static_cast<size_t>(std::min(process->priority, urgency))];
    *list.tail = process;
    list.tail = &process->run_queue_next;
  }
  Process* take(Priority priority) REQUIRES_LOCK(mutex) {
    List& list = lists_[static_cast<size_t>(priority)];
    Process* process = list.first;
    list.first = process->run_queue_next;
    if (!list.first) list.tail = &list.first;
    length_.store(length_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
    return process;
  }
  List lists_[4] GUARDED_BY(mutex);
  unsigned passed_over_ GUARDED_BY(mutex) = 0;
  // Written under the mutex, read by anybody.
  std::atomic<size_t> length_{0};
};

}  // namespace hanse
