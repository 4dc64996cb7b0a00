// Birth and death of processes.
#pragma once

#include "process/process.h"

namespace hanse {

struct Spawned {
  Term pid;         // none(): the limit of processes is reached
  Term reference;   // of the monitor, in the parent's heap, or none()
};
// A new process that applies module:function to a proper list of arguments (all are copied). Runs on the parent's thread.
Spawned spawn(Process& parent, Term module, Term function, Term arguments, const SpawnOptions& options);
// Whether the arguments are fit for it: two atoms and a proper list. The list's length, or -1.
int spawn_arity(Term module, Term function, Term arguments);
// What new processes get unless told otherwise (system_flag min_heap_size, fullsweep_after, ...). Any thread.
HeapSettings default_heap_settings();
void set_default_heap_settings(const HeapSettings& settings);

// A process that another node asks for; nobody sees it until `prepare` has been called on it. It first receives its argument
// list, as a message. none(): the limit is reached.
Term spawn_for_node(Machine& machine, Term module, Term function, uint32_t arity, const SpawnOptions& options,
                    const std::function<void(Process&)>& prepare);

// A process in another machine; nobody sees it until `prepare` has been called on it. none(): a limit is reached, or the machine ends.
Term spawn_into(Machine& machine, Term module, Term function, Term arguments, const SpawnOptions& options,
                const std::function<void(Process&)>& prepare);

// The first processes, which have no parent.
Term spawn_first(Machine& machine, Term module, Term function, Term arguments, const SpawnOptions& options);

// The end of a process: on its own thread, by the engine (then return SliceEnd::exited) or the scheduler. Frees its names,
// runs the hooks, breaks links, fires monitors, and retires it. reason: a term the process may refer to.
void exit_process(Process& process, Term reason);
// As exit_process for an uncaught exception (process.exception, with its stack trace built): logs errors as stock does and
// exits with the reason that stock gives: Reason, {Reason, Trace} for errors, {{nocatch, Value}, Trace} for throws.
void exit_with_exception(Process& process, Term trace);

// Upper layers free what a process owned (tables, ports, ...); called on its thread before links break. main registers
// them before the first process.
class ProcessExitHook {
 public:
  virtual ~ProcessExitHook() = default;
  virtual void process_exits(Process& process, Term reason) = 0;
};
void add_exit_hook(ProcessExitHook* hook);

// {log, Level, Format, Args, Meta} to the process that system_flag(system_logger) set, by default the registered `logger`.
void log_to_logger(Term level, std::string_view format, Term arguments, Process* about);
void set_system_logger(Term pid_or_atom);
Term system_logger();

}  // namespace hanse
