#include "process/spawn.h"

#include "process/machine.h"
#include "process/node_settings.h"
#include "process/process_states.h"
#include "process/process_table.h"
#include "process/scheduler.h"
#include "process/worker.h"
#include "term/build.h"
#include "term/copy.h"

namespace hanse {

HeapSettings default_heap_settings() { return node_settings().heap_defaults(); }

int spawn_arity(Term module, Term function, Term arguments) {
  if (!module.is_atom() || !function.is_atom()) return -1;
  int arity = 0;
  for (; arguments.is_cons(); arguments = arguments.as_cons()->tail)
    if (++arity > 255) return -1;
  return arguments.is_nil() ? arity : -1;
}

// A process that will apply module:function to the arguments; nobody sees it yet. nullptr: the limit is reached.
static Process* make_process(Machine& machine, Term module, Term function, Term arguments, const SpawnOptions& options) {
  if (machine.process_count.load(std::memory_order_relaxed) >= machine.process_limit) return nullptr;
  Term pid = reserve_pid();
  if (pid.is_none()) return nullptr;
  auto* process = new Process(machine, pid, options);
  process->ip = engine().apply_entry();
  process->initial_module = module;
  process->initial_function = function;
  process->initial_arity = static_cast<uint32_t>(spawn_arity(module, function, arguments));
  Term registers[] = {module, function, copy(process->heap, arguments)};
  process->save_registers(registers, 3);
  return process;
}

static void start(Process* process) {
  process->state.store(process_state::active | process_state::queued, std::memory_order_relaxed);
  publish_process(process);
  enqueue(*process);
}

Spawned spawn(Process& parent, Term module, Term function, Term arguments, const SpawnOptions& options) {
  Process* child = make_process(parent.machine, module, function, arguments, options);
  if (!child) return {Term::none(), Term::none()};
  Term pid = child->self;
  child->parent = parent.self;
  child->group_leader = copy(child->heap, parent.group_leader);
  child->home = parent.home;
  if (options.link) {
    parent.relations.link(pid);
    child->relations.peer_links(parent.self);
  }
  Term reference = Term::none();
  if (options.monitor) {
    ReferenceNumber number = next_reference_number();
    Monitor monitor;
    monitor.alias = options.alias;
    monitor.has_pid = options.alias != AliasMode::none;
    monitor.target.set(pid);
    if (!options.tag.is_none()) monitor.tag.set(options.tag);
    reference = monitor.has_pid ? make_pid_reference(parent.heap, number, parent.self) : make_reference(parent.heap, number);
    if (monitor.has_pid) parent.relations.add_alias(number, options.alias);
    parent.relations.add_monitor(number, std::move(monitor));
    child->relations.add_watcher(number, parent.self);
  }
  start(child);
  return {pid, reference};
}

Term spawn_first(Machine& machine, Term module, Term function, Term arguments, const SpawnOptions& options) {
  Process* process = make_process(machine, module, function, arguments, options);
  if (!process) return Term::none();
  Term pid = process->self;
  start(process);
  return pid;
}

}  // namespace hanse
