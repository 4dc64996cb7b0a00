// For tests: processes whose "guest code" is a C++ function, run once per slice, on real schedulers.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "code/host_realm.h"
#include "process/call.h"
#include "process/machine.h"
#include "process/process_table.h"
#include "process/scheduler.h"
#include "process/send.h"
#include "process/spawn.h"
#include "process/timer_service.h"

namespace hanse::testing_processes {

using Body = std::function<SliceEnd(Process&)>;

class FakeEngine final : public Engine {
 public:
  SliceEnd run(Process& process, SchedulerThread&) override {
    process.reductions_left -= 10;
    return body_of(process)(process);
  }
  SliceEnd run_dirty(Process& process, SchedulerThread& thread) override {
    EXPECT_TRUE(thread.is_dirty);
    return body_of(process)(process);
  }
  Ip apply_entry() override { return nullptr; }
  Term stack_trace(Arena&, Process&, size_t) override { return Term::nil(); }
  std::string backtrace(Process&) override { return {}; }

  // The argument of the spawned function is the key of its body.
  int64_t add(Body body) {
    std::lock_guard lock(mutex_);
    bodies_[++last_] = std::make_shared<Body>(std::move(body));
    return last_;
  }

 private:
  Body body_of(Process& process) {
    int64_t key = process.saved_registers()[2].as_cons()->head.as_small();
    std::lock_guard lock(mutex_);
    return *bodies_[key];
  }
  std::mutex mutex_;
  std::map<int64_t, std::shared_ptr<Body>> bodies_;
  int64_t last_ = 0;
};

inline FakeEngine& fake_engine() {
  static FakeEngine* engine = [] {
    auto* made = new FakeEngine;
    auto* machine = new Machine("host", 0, *new HostRealm);
    set_host_machine(*machine);
    start_schedulers({.schedulers = 3, .dirty_cpu = 1, .dirty_io = 1}, *made);
    return made;
  }();
  return *engine;
}

inline SliceEnd finish(Process& process, Term reason = am::normal) {
  exit_process(process, reason);
  return SliceEnd::exited;
}

inline Term arguments(Arena& arena, int64_t key) { return make_cons(arena, Term::small(key), Term::nil()); }

inline Term start(Body body) {
  FragmentArena arena(8);
  int64_t key = fake_engine().add(std::move(body));
  return spawn_first(host_machine(), am::erlang, am::apply, arguments(arena, key), {});
}
inline Term start_child(Process& parent, Body body, const SpawnOptions& options = {}) {
  return spawn(parent, am::erlang, am::apply, arguments(parent.heap, fake_engine().add(std::move(body))), options).pid;
}

// Collects what processes report, until `count` values are there.
class Reports {
 public:
  void add(Term term) {
    std::lock_guard lock(mutex_);
    values_.push_back(term);
    condition_.notify_all();
  }
  std::vector<Term> wait(size_t count) {
    std::unique_lock lock(mutex_);
    condition_.wait_for(lock, std::chrono::seconds(20), [&] { return values_.size() >= count; });
    return values_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable condition_;
  std::vector<Term> values_;
};

// The next message, taken out; none() if there is none.
inline Term receive(Process& process) {
  if (!process.mailbox.peek()) process.handle_signals();
  if (!process.mailbox.peek()) return Term::none();
  Message* message = process.mailbox.remove();
  if (message->fragment) process.heap.attach(std::exchange(message->fragment, nullptr));
  Term term = message->term;
  message->undeliverable();
  return term;
}

inline SliceEnd wait_for_ever(Process& process) {
  while (!receive(process).is_none()) {
  }
  return SliceEnd::waiting;
}

// Calls a built-in function of a table.
inline Result call_bif(Process& process, BifTable table, std::string_view name, std::initializer_list<Term> given) {
  for (const BifRow& row : table)
    if (row.name == name && row.arity == given.size()) {
      std::vector<Term> args(given);
      Call call{process, args.data(), &row};
      return row.function(call);
    }
  ADD_FAILURE() << "no such function";
  return am::undefined;
}

}  // namespace hanse::testing_processes
