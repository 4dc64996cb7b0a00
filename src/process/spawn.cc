#include "process/spawn.h"

#include "base/epoch.h"
#include "process/guest.h"
#include "process/machine.h"
#include "process/process_states.h"
#include "process/process_table.h"
#include "process/scheduler.h"
#include "process/system_monitor.h"
#include "process/seq_trace.h"
#include "process/tracing.h"
#include "process/wall.h"
#include "process/worker.h"
#include "term/build.h"
#include "term/copy.h"

namespace hanse {

namespace {

struct DefaultHeap {
  std::atomic<uint32_t> minimum_words{HeapSettings().minimum_words};
  std::atomic<uint32_t> minimum_binary_words{HeapSettings().minimum_binary_words};
  std::atomic<uint32_t> full_sweep_after{HeapSettings().full_sweep_after};
  std::atomic<size_t> maximum_words{0};
  std::atomic<bool> maximum_kills{true};
  std::atomic<bool> maximum_logs{true};
  std::atomic<bool> maximum_counts_shared_binaries{false};
};
DefaultHeap& default_heap() {
  static DefaultHeap settings;
  return settings;
}

}  // namespace

HeapSettings default_heap_settings() {
  DefaultHeap& from = default_heap();
  HeapSettings settings;
  settings.minimum_words = from.minimum_words;
  settings.minimum_binary_words = from.minimum_binary_words;
  settings.full_sweep_after = from.full_sweep_after;
  settings.maximum_words = from.maximum_words;
  settings.maximum_kills = from.maximum_kills;
  settings.maximum_logs = from.maximum_logs;
  settings.maximum_counts_shared_binaries = from.maximum_counts_shared_binaries;
  return settings;
}

void set_default_heap_settings(const HeapSettings& settings) {
  DefaultHeap& to = default_heap();
  to.minimum_words = settings.minimum_words;
  to.minimum_binary_words = settings.minimum_binary_words;
  to.full_sweep_after = settings.full_sweep_after;
  to.maximum_words = settings.maximum_words;
  to.maximum_kills = settings.maximum_kills;
  to.maximum_logs = settings.maximum_logs;
  to.maximum_counts_shared_binaries = settings.maximum_counts_shared_binaries;
}

int spawn_arity(Term module, Term function, Term arguments) {
  if (!module.is_atom() || !function.is_atom()) return -1;
  int arity = 0;
  for (; arguments.is_cons(); arguments = arguments.as_cons()->tail) arity++;
  return arguments.is_nil() ? arity : -1;
}

// A process that will apply module:function to the arguments; nobody sees it yet. nullptr: the limit is reached.
static Process* make_process(Machine& machine, Term module, Term function, Term arguments, const SpawnOptions& options) {
  if (Guest* guest = machine.guest(); guest && !guest->admits_process()) return nullptr;
  bool full = machine.process_count.load(std::memory_order_relaxed) >= machine.process_limit;
  Term pid = full ? Term::none() : reserve_pid();
  if (pid.is_none()) {
    log_to_logger(am::error, "Too many processes\n", Term::nil(), nullptr);
    return nullptr;
  }
  auto* process = new Process(machine, pid, options);
  process->ip = engine().apply_entry();
  process->initial_module = module;
  process->initial_function = function;
  process->initial_arity = static_cast<uint32_t>(spawn_arity(module, function, arguments));
  bool crosses = &machine != &acting_machine();
  Term registers[] = {module, function, crosses ? copy_across(process->heap, machine, arguments) : copy(process->heap, arguments)};
  process->save_registers(registers, 3);
  if (Guest* guest = machine.guest(); guest && !guest->add_process(*process)) {
    machine.process_count.fetch_sub(1, std::memory_order_relaxed);
    release_pid(pid);
    delete process;
    return nullptr;
  }
  return process;
}

// Others find it from now on. True: the caller must put it into a run queue.
static bool publish(Process& process) {
  uint32_t waiting = process.inbox.empty() ? 0 : process_state::signals;
  uint32_t suspended = process.state.load(std::memory_order_relaxed) & process_state::suspended;
  uint32_t queued = suspended == 0 || waiting != 0 ? process_state::queued : 0;
  process.state.store(process_state::active | queued | suspended | waiting, std::memory_order_relaxed);
  publish_process(&process);
  return queued != 0;
}

static void start(Process* process) {
  epoch::Guard guard;
  Guest* guest = process->machine.guest();
  bool queued = guest != nullptr ? guest->publish(*process, publish) : publish(*process);
  Term pid = process->self;
  if ((profiled_events.load(std::memory_order_relaxed) & profiled::runnable_procs) != 0) [[unlikely]] profile_process(*process, true);
  if (queued) enqueue(*process);
  // Whoever ends a machine may have looked for the process before it was there.
  if (guest != nullptr) [[unlikely]] guest->born(pid);
}

// traced: nullptr, or the parent has a token of sequential tracing.
static Spawned spawn_child(Process& parent, Term module, Term function, Term arguments, const SpawnOptions& options, TracedSpawn* traced) {
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
  if (is_traced(parent, trace_flag::on_spawn) || anything_new_is_traced.load(std::memory_order_relaxed)) [[unlikely]]
    trace_spawn(parent, *child, module, function, arguments, options.link);
  if (traced) [[unlikely]] seq_trace_spawn(parent, *child, module, function, arguments, reference, *traced);
  start(child);
  return {pid, reference};
}

Spawned spawn(Process& parent, Term module, Term function, Term arguments, const SpawnOptions& options) {
  return spawn_child(parent, module, function, arguments, options, nullptr);
}
Spawned spawn_with_token(Process& parent, Term module, Term function, Term arguments, const SpawnOptions& options, TracedSpawn& traced) {
  return spawn_child(parent, module, function, arguments, options, &traced);
}

Term spawn_for_node(Machine& machine, Term module, Term function, uint32_t arity, const SpawnOptions& options,
                    const std::function<void(Process&)>& prepare) {
  FragmentArena arena(16);
  Term target = make_tuple(arena, module, function, Term::small(arity));
  Term arguments = make_cons(arena, target, Term::nil());
  Process* child = make_process(machine, am::erts_internal, am::dist_spawn_init, arguments, options);
  if (!child) return Term::none();
  child->initial_module = module;
  child->initial_function = function;
  child->initial_arity = arity;
  prepare(*child);
  Term pid = child->self;
  start(child);
  return pid;
}

Term spawn_into(Machine& machine, Term module, Term function, Term arguments, const SpawnOptions& options,
                const std::function<void(Process&)>& prepare) {
  Process* process = make_process(machine, module, function, arguments, options);
  if (!process) return Term::none();
  prepare(*process);
  Term pid = process->self;
  start(process);
  return pid;
}

Term spawn_first(Machine& machine, Term module, Term function, Term arguments, const SpawnOptions& options) {
  Process* process = make_process(machine, module, function, arguments, options);
  if (!process) return Term::none();
  Term pid = process->self;
  start(process);
  return pid;
}

}  // namespace hanse
