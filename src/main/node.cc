#include "main/node.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <thread>

#include "bif/code_purge.h"
#include "bif/process_timers.h"
#include "bif/tables.h"
#include "code/breakpoint.h"
#include "code/host_realm.h"
#include "code/literal_collector.h"
#include "dist/distribution.h"
#include "dist/node_monitors.h"
#include "driver/driver_layer.h"
#include "ets/table_registry.h"
#include "gateway/servers.h"
#include "interp/interpreter.h"
#include "heap/heap_sizes.h"
#include "jit/translator.h"
#include "io/clock_watch.h"
#include "io/os_signals.h"
#include "io/poller.h"
#include "io/port.h"
#include "io/port_signals.h"
#include "io/prim_file_names.h"
#include "io/prim_socket.h"
#include "machine/guest_machine.h"
#include "main/crash_dump.h"
#include "main/node_report.h"
#include "main/preloading.h"
#include "nif/tracers.h"
#include "process/crash_dump.h"
#include "process/machine.h"
#include "process/node_clock.h"
#include "process/node_settings.h"
#include "process/ports_interface.h"
#include "process/process_table.h"
#include "process/scheduler.h"
#include "process/send.h"
#include "process/spawn.h"
#include "process/tracing.h"
#include "term/build.h"
#include "trace/call_tracer.h"
#include "trace/event_patterns.h"
#include "trace/function_patterns.h"

namespace hanse {

namespace {

const BifTable* const bif_tables[] = {
    &engine_bifs,
#define TABLE(name) &name,
#include "bif/tables.def"
#undef TABLE
};

// Started without the launcher, this program names itself and its repository's `erl` to the programs that it starts.
void name_own_programs() {
  std::error_code error;
  std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return;
  std::filesystem::path own = self.parent_path() / "../../bin";
  if (!std::filesystem::exists(own / "erl", error)) return;
  ::setenv("HANSE_BIN", own.lexically_normal().c_str(), 1);
  ::setenv("HANSE_VM", self.c_str(), 0);
}

// Programs that guests start find OTP's helpers, and `erl` means Hanse.
void prepare_environment(const NodeOptions& options) {
  if (std::getenv("HANSE_BIN") == nullptr) name_own_programs();
  ::setenv("ROOTDIR", options.root.c_str(), 1);
  ::setenv("BINDIR", options.bindir.c_str(), 1);
  ::setenv("EMU", "beam", 1);
  ::setenv("PROGNAME", "erl", 1);
  const char* path = std::getenv("PATH");
  std::string old = path == nullptr ? "/usr/bin:/bin" : path;
  if (old.find(options.bindir) == std::string::npos) {
    const char* own = std::getenv("HANSE_BIN");
    std::string prefix = own == nullptr ? "" : std::string(own) + ":";
    ::setenv("PATH", (prefix + options.bindir + ":" + options.root + "/bin:" + old).c_str(), 1);
  }
}

void apply_settings(const NodeOptions& options) {
  NodeSettings& settings = node_settings();
  settings.emulator_arguments = options.emulator_arguments;
  settings.printable_unicode = options.printable_unicode;
  settings.warning_level = options.warning_level;
  settings.has_heart = std::ranges::find(options.init_arguments, "-heart") != options.init_arguments.end();
  settings.ets_limit = options.ets_limit;
  settings.async_threads = static_cast<int>(options.async_threads);
  settings.message_queue_off_heap = options.message_queue_off_heap;
  settings.break_ignored = options.break_mode == 'i';
  settings.port_count = Port::count;
  HeapSettings heap = default_heap_settings();
  heap.minimum_words = static_cast<uint32_t>(next_heap_size(options.minimum_heap_words));
  heap.minimum_binary_words = static_cast<uint32_t>(next_heap_size(options.minimum_binary_words));
  heap.maximum_words = options.maximum_heap_words;
  heap.maximum_kills = options.maximum_heap_kills;
  heap.maximum_logs = options.maximum_heap_logs;
  set_default_heap_settings(heap);
  node_clock().configure(options.time_warp, options.corrects_time);
  set_process_limit(options.process_limit);
  set_atom_limit(options.atom_limit);
  dist::set_busy_limit(options.busy_limit_bytes);
  set_peer_name_limit(options.peer_name_limit);
  set_node_delay_ms(options.node_delay_ms);
  file_name_settings() = options.file_names;
}

Term literal_collector_pid = Term::none();

// The first processes, in the order of their pids on stock.
void start_first_processes(Machine& machine, const NodeOptions& options) {
  FragmentArena arena(64);
  std::vector<Term> words;
  for (const std::string& word : options.init_arguments) words.push_back(make_binary(arena, word));
  Term arguments = make_list(arena, words);
  SpawnOptions system{.priority = Priority::normal, .heap = default_heap_settings(), .system_process = true};
  auto start = [&](const char* module, const char* function, Term list, Priority priority) {
    system.priority = priority;
    Term pid = spawn_first(machine, make_atom(module), make_atom(function), list, system);
    CHECK(!pid.is_none());
    return pid;
  };
  Term first = make_list(arena, std::initializer_list<Term>{make_atom(options.initial_module), arguments});
  start("erl_init", "start", first, Priority::normal);
  start("erts_code_purger", "start", Term::nil(), Priority::high);
  literal_collector_pid = start("erts_literal_area_collector", "start", Term::nil(), Priority::high);
  set_literal_area_notifier([] { deliver(literal_collector_pid, am::copy_literals); });
  for (Priority priority : {Priority::normal, Priority::high, Priority::max})
    start("erts_dirty_process_signal_handler", "start", Term::nil(), priority);
}

BreakHandling break_handling(char mode) {
  switch (mode) {
    case 'i': return BreakHandling::ignore;
    case 'c': return BreakHandling::interrupt;
    case 'd': return BreakHandling::quit;
    default: return BreakHandling::menu;
  }
}

// What the break menu tells about the node.
BreakActions break_actions() {
  BreakActions actions;
  actions.crash_dump = [](std::string slogan) {
    write_crash_dump(slogan);
    halt_node(1, false);
  };
  actions.version = std::string("Erlang (BEAM) emulator version ") + erts_version;
  actions.information = [] {
    return "Processes: " + std::to_string(process_count()) + " of " + std::to_string(process_limit()) +
           "\r\nPorts: " + std::to_string(Port::count()) + " of " + std::to_string(Port::limit()) +
           "\r\nAtoms: " + std::to_string(atom_count()) + " of " + std::to_string(atom_limit()) +
           "\r\nRun queue: " + std::to_string(run_queue_length()) + "\r\n";
  };
  actions.loaded = [] { return terminal_text(report_modules); };
  actions.tables = [] { return terminal_text(report_tables); };
  actions.distribution = [] { return terminal_text(report_nodes); };
  return actions;
}

}  // namespace

// HANSE_JIT=off|hot|eager
static jit::Policy jit_policy() {
  std::string_view wanted = std::getenv("HANSE_JIT") ? std::getenv("HANSE_JIT") : "";
  return wanted == "off" ? jit::Policy::off : wanted == "eager" ? jit::Policy::eager : jit::Policy::hot;
}

// Releases that were copied elsewhere have OTP's applications, but not the modules that stock's emulator contains.
static std::string preloaded_folder(const std::string& root) {
  auto folder = [](const std::string& of) { return of + "/lib/erts-" + erts_version + "/ebin/"; };
  std::error_code error;
  return folder(std::filesystem::exists(folder(root), error) ? root : NodeOptions().root);
}

int run_node(const NodeOptions& options) {
  enable_crash_dumps();
  set_system_report_writer(write_system_report);
  prepare_environment(options);
  apply_settings(options);
  initialize_interpreter();
  bif_gate = machine_gate();
  // These live until the process ends: threads may still use them while it exits.
  auto& realm = *new HostRealm;
  for (const BifTable* table : bif_tables) realm.register_bifs(*table);
  Preloading preloading(realm, preloaded_folder(options.root));
  auto& machine = *new Machine("host", 0, realm);
  machine.account.divide();
  machine.process_limit = options.process_limit;
  machine.port_limit = options.port_limit;
  set_host_machine(machine);
  Engine& engine = *make_interpreter(realm).release();
  jit::start(jit_policy());
  set_port_signals(&port_signals_of_io());
  set_distribution_signals(&dist::distribution_of_node());
  set_node_monitoring(&dist::node_monitors());
  dist::register_distribution_internals();
  start_os_signals(break_handling(options.break_mode), break_actions());
  set_call_tracer(&tracer_of_calls());
  set_tracer_modules(&nif::native_tracers());
  set_event_patterns(&patterns_of_events());
  set_code_change_hook(&breakpoints_of_new_code());
  set_call_saving_switch(call_saving_changed);
  forget_saved_calls_at_exit();
  set_code_usage(&code_usage_of_modules());
  register_tables();
  register_machines();
  add_exit_hook(&timers_exit_hook());
  add_exit_hook(socket_exit_hook());
  add_exit_hook(&dist::distribution_exit_hook());
  add_exit_hook(&gateway::gateway_exit_hook());
  driver::start_loaded_drivers();
  add_halt_hook(flush_all_ports);
  preloading.finish();
  set_online_at_start(options.threads.online);
  prepare_schedulers(options.threads.all, engine);
  set_idle_poller(&Poller::node());
  start_clock_watch();
  set_descriptor_poller(&Poller::node());
  start_first_processes(machine, options);
  run_schedulers();
  return wait_for_halt();
}

void print_built_in_functions() {
  for (const BifTable* table : bif_tables)
    for (const BifRow& row : *table) std::printf("%s:%s/%u\n", row.module, row.name, row.arity);
}

}  // namespace hanse
