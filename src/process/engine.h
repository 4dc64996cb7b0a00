// What runs guest code. The interpreter implements it; the scheduler owns the calls. One Engine serves all threads.
#pragma once

#include <string>

#include "heap/collector.h"
#include "term/fun.h"
#include "term/result.h"

namespace hanse {

class Process;
class SchedulerThread;

// Why a slice ended. Before it returns, the engine has stored ip, heap top, stack and the live X registers in the process
// (save_registers), except after `exited`.
enum class SliceEnd : uint8_t {
  yielded,    // runs again as soon as it is its turn
  waiting,    // runs again when a signal that concerns guest code arrives: a message, a timeout, an answer; process.ip
              // is the place to continue at
  exited,     // exit_process() was called; the process must not be touched any more
  dirty_cpu,  // the call that process.ip stands at must run on a dirty pool: run_dirty() is called there
  dirty_io,
};

class Engine {
 public:
  virtual ~Engine() = default;

  // Runs until process.reductions_left <= 0 (the scheduler has set it), or one of the ends above. process.x points at the
  // thread's X registers. Must return `yielded` soon after process.pending_exit or process.interrupt is set by
  // handle_signals(): the scheduler acts on them.
  virtual SliceEnd run(Process& process, SchedulerThread& thread) = 0;
  // Runs one dirty call on a thread of a dirty pool, then `yielded` (go back to the normal queues) or another end.
  virtual SliceEnd run_dirty(Process& process, SchedulerThread& thread) = 0;

  // Where a new process starts: applies x0:x1 to the argument list x2, then exits with reason normal.
  virtual Ip apply_entry() = 0;

  // [{Module, Function, Arity, Location}] of a process that does not run, or of the caller itself; at most `depth` frames.
  // current_function and current_location of process_info are its first frame.
  virtual Term stack_trace(Arena& arena, Process& process, size_t depth) = 0;
  // process_info backtrace, as text.
  virtual std::string backtrace(Process& process) = 0;

 protected:
  static Safepoint safepoint() { return {}; }
};

}  // namespace hanse
