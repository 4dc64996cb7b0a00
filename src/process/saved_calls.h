// process_flag(save_calls, N): the last N calls of exported functions, and events of messages, of a process. Only calls through
// exports count, as in stock; the tracer of calls makes them pass by while any process of the host saves calls (a guest's never
// do). Owned by the process, touched by its thread alone.
#pragma once

#include <atomic>
#include <vector>

#include "process/process.h"

namespace hanse {

class SavedCalls {
 public:
  explicit SavedCalls(size_t limit) : ring_(limit) {}
  size_t limit() const { return ring_.size(); }
  void save(Term module, Term function, uint32_t arity) {
    ring_[next_] = {module, function, arity};
    next_ = next_ + 1 == ring_.size() ? 0 : next_ + 1;
    count_ += count_ < ring_.size();
  }
  // [{Module, Function, Arity} | send | 'receive' | timeout], the oldest first.
  Term list(Arena& arena) const;

 private:
  struct Call {
    Term module = Term::none();  // none(): `function` is an event
    Term function = Term::none();
    uint32_t arity = 0;
  };
  std::vector<Call> ring_;
  size_t next_ = 0, count_ = 0;
};

// Of the process: the limit until now. 0: calls are not saved any more.
size_t set_saved_calls_limit(Process& process, size_t limit);
// The list, or false.
Term saved_calls(Arena& arena, const Process& process);
void save_call(Process& process, Term module, Term function, uint32_t arity);
void save_event(Process& process, Term event);

// Some process saves calls. Written under a lock, read by whoever makes code current.
extern std::atomic<bool> calls_are_saved;
// Called when that changes; set once, by main.
void set_call_saving_switch(void (*changed)());
// A process that ends saves no more. Once, by main's thread, before the first process.
void forget_saved_calls_at_exit();

}  // namespace hanse
