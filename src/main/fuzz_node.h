// For fuzz targets that need guest code: a node without threads. Its only process at a time runs on the caller's thread, until it
// ends or has had its share.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <string>
#include <vector>

#include "base/epoch.h"
#include "bif/process_timers.h"
#include "bif/tables.h"
#include "code/decode_environment.h"
#include "code/host_realm.h"
#include "code/literal_collector.h"
#include "code/loader.h"
#include "ets/table_registry.h"
#include "interp/interpreter.h"
#include "main/command_line.h"
#include "process/machine.h"
#include "process/node_settings.h"
#include "process/process_table.h"
#include "process/scheduler.h"
#include "process/spawn.h"
#include "process/test_process.h"
#include "term/build.h"
#include "term/copy.h"
#include "term/views.h"

namespace hanse {

class FuzzNode {
 public:
  // The one node of the program. libraries: modules of OTP that it loads beside the preloaded ones, as "stdlib/lists".
  static FuzzNode& with(std::initializer_list<const char*> libraries) {
    static FuzzNode& node = *new FuzzNode(libraries);
    return node;
  }

  enum class End { normal, abnormal, waiting, endless };

  HostRealm realm;

  // As binary_to_term(Bytes, [safe]); none() if the bytes are no term.
  Term decode(Arena& arena, Bytes bytes) {
    RealmDecodeEnvironment environment(realm, RealmDecodeEnvironment::Mode::safe);
    return decode_external(arena, bytes, environment).term;
  }

  // Applies the function to a proper list of arguments. Afterwards reason() tells the reason of an abnormal end.
  End call(Term module, Term function, Term arguments) {
    End end = run(*make_process(module, function, arguments));
    sink_->process().handle_signals();
    drain();
    epoch::collect();
    return end;
  }
  const std::string& reason() const { return reason_; }

  // What the literal area collector would do: nobody refers to the literals of unloaded modules.
  void discard_literals() {
    while (retired_literal_areas() > 0) switch_literal_area();
  }

  // Loads a compiled module from a file.
  void load(const std::string& path, const std::string& name) {
    std::ifstream in(path, std::ios::binary);
    std::vector<uint8_t> bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    auto prepared = prepare_preloaded(realm, name, bytes);
    if (!prepared || !install_preloaded(realm, std::move(*prepared))) {
      std::fprintf(stderr, "%s: %s\n", path.c_str(), prepared ? "not installed" : prepared.error().message().c_str());
      std::abort();
    }
  }

 private:
  // A slice has slice_reductions.
  static constexpr int slices_at_most = 200;

  class Thread final : public SchedulerThread {};

  class ExitHook final : public ProcessExitHook {
   public:
    explicit ExitHook(FuzzNode& node) : node_(node) {}
    void process_exits(Process&, Term reason) override {
      node_.is_normal_ = reason == am::normal;
      if (!node_.is_normal_) node_.reason_ = term_to_text(reason, 200);
    }

   private:
    FuzzNode& node_;
  };

  explicit FuzzNode(std::initializer_list<const char*> libraries) {
    initialize_interpreter();
#define TABLE(name) realm.register_bifs(name);
#include "bif/tables.def"
#undef TABLE
    set_host_machine(*new Machine("fuzz", 0, realm));
    Engine& engine = *make_interpreter(realm).release();
    set_literal_area_notifier([] {});
    register_tables();
    prepare_schedulers({}, engine);  // they never run
    std::string lib = NodeOptions().root + "/lib/";
    load(lib + "erts-" + erts_version + "/ebin/erlang.beam", "erlang");
    load(lib + "erts-" + erts_version + "/ebin/erts_internal.beam", "erts_internal");
    for (std::string library : libraries) {
      size_t slash = library.find('/');
      load(lib + folder_of(lib, library.substr(0, slash)) + "/ebin/" + library.substr(slash + 1) + ".beam", library.substr(slash + 1));
    }
    add_exit_hook(new ExitHook(*this));
    add_exit_hook(&timers_exit_hook());
    sink_ = new TestProcess;
    set_system_logger(sink_->pid());
    thread_ = new Thread;
    dirty_ = new Thread;
    dirty_->is_dirty = true;
  }

  static std::string folder_of(const std::string& lib, const std::string& application) {
    std::error_code error;
    for (auto& entry : std::filesystem::directory_iterator(lib, error))
      if (std::string name = entry.path().filename(); name.starts_with(application + "-")) return name;
    std::fprintf(stderr, "no %s in %s\n", application.c_str(), lib.c_str());
    std::abort();
  }

  Process* make_process(Term module, Term function, Term arguments) {
    auto* process = new Process(host_machine(), reserve_pid(), SpawnOptions{});
    process->ip = engine().apply_entry();
    process->group_leader = sink_->pid();
    Term registers[] = {module, function, copy(process->heap, arguments)};
    process->save_registers(registers, 3);
    process->state = process_state::running;  // as if a thread ran it for ever
    publish_process(process);
    return process;
  }

  End run(Process& process) {
    End end = End::endless;
    for (int slice = 0; slice < slices_at_most; slice++) {
      epoch::Guard guard;
      process.interrupt = false;
      process.handle_signals();
      if (!process.pending_exit.is_none()) {
        exit_process(process, process.pending_exit);
        return End::abnormal;
      }
      process.reductions_left = slice_reductions;
      SliceEnd stopped = run_slice(process, *thread_);
      if (stopped == SliceEnd::dirty_cpu || stopped == SliceEnd::dirty_io) stopped = run_slice(process, *dirty_);
      if (stopped == SliceEnd::exited) return is_normal_ ? End::normal : End::abnormal;
      if (stopped == SliceEnd::waiting) {
        end = End::waiting;
        break;
      }
    }
    epoch::Guard guard;
    exit_process(process, am::killed);
    return end;
  }
  static SliceEnd run_slice(Process& process, Thread& thread) {
    process.x = thread.x;
    thread.running = &process;
    SliceEnd end = thread.is_dirty ? engine().run_dirty(process, thread) : engine().run(process, thread);
    thread.running = nullptr;
    return end;
  }

  void drain() {
    Mailbox& mailbox = sink_->process().mailbox;
    mailbox.rewind();
    while (mailbox.length() > 0) mailbox.remove()->undeliverable();
  }

  TestProcess* sink_;  // group leader and logger: takes everything
  Thread* thread_;
  Thread* dirty_;
  bool is_normal_ = true;
  std::string reason_;
};

// One call of one of the given modules' functions: the input is an external term, {Module, Function, Arguments}.
inline int fuzz_call(FuzzNode& node, Bytes input, bool (*allowed)(Term module, Term function, size_t arity)) {
  FragmentArena arena(64);
  Term term = node.decode(arena, input);
  if (term.is_none() || !is_tuple_of_arity(term, 3)) return -1;
  const Term* elements = as_tuple(term)->elements;
  int arity = spawn_arity(elements[0], elements[1], elements[2]);
  if (arity < 0 || !allowed(elements[0], elements[1], static_cast<size_t>(arity))) return -1;
  node.call(elements[0], elements[1], elements[2]);
  return 0;
}

}  // namespace hanse
