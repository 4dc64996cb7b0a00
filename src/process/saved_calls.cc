#include "process/saved_calls.h"

#include <mutex>

#include "process/spawn.h"
#include "process/tracing.h"
#include "term/build.h"

namespace hanse {

std::atomic<bool> calls_are_saved{false};

namespace {

void (*saving_changed)() = nullptr;

struct Savers {
  std::mutex mutex;  // held while the switch is thrown: the last change is the one that holds
  size_t count = 0;
};
Savers& savers() {
  static auto* only = new Savers;
  return *only;
}

void count_savers(bool one_more) {
  std::lock_guard lock(savers().mutex);
  savers().count += one_more ? 1 : size_t(-1);
  bool any = savers().count > 0;
  if (calls_are_saved.exchange(any, std::memory_order_acq_rel) != any && saving_changed != nullptr) saving_changed();
}

class ForgetAtExit final : public ProcessExitHook {
 public:
  void process_exits(Process& process, Term) override {
    if (is_traced(process, trace_flag::saves_calls)) set_saved_calls_limit(process, 0);
  }
};

}  // namespace

Term SavedCalls::list(Arena& arena) const {
  Term list = Term::nil();
  for (size_t i = 1; i <= count_; i++) {
    const Call& call = ring_[(next_ + ring_.size() - i) % ring_.size()];
    Term entry = call.module.is_none() ? call.function : make_tuple(arena, call.module, call.function, Term::small(call.arity));
    list = make_cons(arena, entry, list);
  }
  return list;
}

size_t set_saved_calls_limit(Process& process, size_t limit) {
  std::unique_ptr<SavedCalls>& own = trace_of(process).saved_calls;
  size_t old = own ? own->limit() : 0;
  own = limit != 0 ? std::make_unique<SavedCalls>(limit) : nullptr;
  if (limit != 0) process.trace_flags.fetch_or(trace_flag::saves_calls, std::memory_order_relaxed);
  else process.trace_flags.fetch_and(~trace_flag::saves_calls, std::memory_order_relaxed);
  if ((old != 0) != (limit != 0)) count_savers(limit != 0);
  return old;
}

Term saved_calls(Arena& arena, const Process& process) {
  const ProcessTrace* own = process.trace.load(std::memory_order_acquire);
  return own != nullptr && own->saved_calls ? own->saved_calls->list(arena) : am::false_;
}

void save_call(Process& process, Term module, Term function, uint32_t arity) {
  if (!process.sensitive) trace_of(process).saved_calls->save(module, function, arity);
}
void save_event(Process& process, Term event) {
  if (!process.sensitive) trace_of(process).saved_calls->save(Term::none(), event, 0);
}

void set_call_saving_switch(void (*changed)()) { saving_changed = changed; }

void forget_saved_calls_at_exit() {
  static ForgetAtExit hook;
  add_exit_hook(&hook);
}

}  // namespace hanse
