// Runs processes: one thread per core with its own run queue, work stealing, dirty pools. See scheduler.cc for the states
// of a process.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "process/engine.h"
#include "process/process.h"
#include "term/result.h"

namespace hanse {

inline constexpr int64_t slice_reductions = 4000;
inline constexpr size_t register_count = 1024;

struct SchedulerOptions {
  unsigned schedulers = 1;
  unsigned dirty_cpu = 1;
  unsigned dirty_io = 10;
};

// What guest code works on while a thread runs it; the engine finds all of it from a pointer to x[0].
struct RegisterFile {
  Term x[register_count];
  double floats[register_count];
  SliceEnd slice_end = SliceEnd::yielded;  // how the engine's latest slice ended
  Result bif_result = Result::yield();      // of the built-in function that has no value (yet)
  uint32_t bif_arity = 0;
  // What a handler asks of the collector, and (when every safepoint collects) that it has been done.
  size_t collect_need = 0;
  uint32_t collect_live = 0;
  bool collected = false;
  bool is_dirty = false;  // the thread belongs to a dirty pool
};

// Work that a thread puts off until the process that it runs stops running: output, which is cheaper in larger pieces.
class PutOff {
 public:
  virtual ~PutOff() = default;
  // On the thread that put it off, without locks.
  virtual void slice_ended() = 0;
};

// The thread-local side of the scheduler: also for threads of the dirty pools.
class SchedulerThread : public RegisterFile {
 public:
  SchedulerThread() = default;
  virtual ~SchedulerThread() = default;
  SchedulerThread(const SchedulerThread&) = delete;
  SchedulerThread& operator=(const SchedulerThread&) = delete;

  unsigned id = 0;          // erlang:system_info(scheduler_id): 1.., also for dirty threads
  Process* running = nullptr;
  std::vector<PutOff*> put_off;  // each once; they keep themselves alive

 protected:
  static Safepoint safepoint() { return {}; }
};
// nullptr on threads that are not the scheduler's.
SchedulerThread* this_scheduler_thread();

// Once, by main: processes can be spawned, but nothing runs yet; then everything runs.
void prepare_schedulers(const SchedulerOptions& options, Engine& engine);
void run_schedulers();
// Both.
void start_schedulers(const SchedulerOptions& options, Engine& engine);
const SchedulerOptions& scheduler_options();
Engine& engine();
// Blocks main's thread until halt_node() was called somewhere, and runs the hooks; then its status.
int wait_for_halt();

// Ends the node with a status: hooks (flush output, ...) run first if `flush`, in the order of registration, on main's thread.
// Returns at once; the calling process should not go on.
void halt_node(int status, bool flush);
void add_halt_hook(std::function<void()> hook);

// For crash dumps: no thread begins another slice, ever. Slices that run now end some time; the caller's own goes on.
void hold_schedulers();

// Something the process waits for has happened: it runs again. Any thread, under an epoch::Guard.
void wake_process(Process& process);
// A signal was put into an empty inbox.
void signals_arrived(Process& process);
void receive_timeout_fired(Process& process);

// --- numbers for statistics/1, system_info/1 ---
size_t run_queue_length();
size_t run_queue_length(unsigned scheduler);  // 0-based
uint64_t total_reductions();
uint64_t context_switches();
uint64_t scheduler_busy_ns(unsigned scheduler);
unsigned online_schedulers();
void set_online_schedulers(unsigned count);

// Runs `task` on the thread that owns the process, between two slices, when its registers are saved. Ordered with other
// signals of the caller. `gone` is called instead if the process does not exist. Used for garbage_collect, code checks,
// literal areas.
void request_task(Term pid, std::function<void(Process&)> task, std::function<void()> gone);
// Which code a process still runs or refers to; implemented by the code layer's users, set once by main.
class CodeUsage {
 public:
  virtual ~CodeUsage() = default;
  // On the process's thread, between two slices. May collect with collect_process().
  virtual bool uses_old_code(Process& process, Term module) = 0;
};
void set_code_usage(CodeUsage* usage);
CodeUsage* code_usage();

// Full or minor collection of a process that does not run (inside such a task).
CollectionResult collect_process(Process& process, CollectionKind kind, const LiteralArea* evacuate = nullptr);

}  // namespace hanse
