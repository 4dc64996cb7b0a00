// Native functions that are called where something traced happens, by the thread that it happens on.
#include "nif/tracers.h"

#include "base/epoch.h"
#include "code/module_table.h"
#include "nif/library.h"
#include "process/machine.h"
#include "process/tracing.h"

namespace hanse::nif {

namespace {

// A kind of events has functions of its own, where the module has them.
enum class Kind : uint8_t { any, call, garbage_collection, ports, procs, receive, running_ports, running_procs, send };

Kind kind_of(Term tag, Term tracee) {
  struct Row {
    Term tag;
    Kind of_process, of_port;
  };
  static constexpr Row rows[] = {
      {am::call, Kind::call, Kind::any},
      {am::return_from, Kind::call, Kind::any},
      {am::return_to, Kind::call, Kind::any},
      {am::exception_from, Kind::call, Kind::any},
      {am::send, Kind::send, Kind::send},
      {am::send_to_non_existing_process, Kind::send, Kind::send},
      {am::receive, Kind::receive, Kind::receive},
      {am::gc_minor_start, Kind::garbage_collection, Kind::any},
      {am::gc_minor_end, Kind::garbage_collection, Kind::any},
      {am::gc_major_start, Kind::garbage_collection, Kind::any},
      {am::gc_major_end, Kind::garbage_collection, Kind::any},
      {am::in, Kind::running_procs, Kind::running_ports},
      {am::out, Kind::running_procs, Kind::running_ports},
      {am::in_exiting, Kind::running_procs, Kind::running_ports},
      {am::out_exiting, Kind::running_procs, Kind::running_ports},
      {am::out_exited, Kind::running_procs, Kind::running_ports},
      {am::trace_status, Kind::any, Kind::any},
      {am::seq_trace, Kind::any, Kind::any},
  };
  for (const Row& row : rows)
    if (row.tag == tag) return tracee.is_local_port() ? row.of_port : row.of_process;
  return tracee.is_local_port() ? Kind::ports : Kind::procs;  // births, ends, links, names
}

// The functions of a kind.
struct Names {
  explicit Names(std::string kind = "") : enabled(make_atom("enabled" + kind)), trace(make_atom("trace" + kind)) {}
  const Term enabled, trace;
};
const Names& names_of(Kind kind) {
  static const Names names[] = {Names(), Names("_call"), Names("_garbage_collection"), Names("_ports"), Names("_procs"), Names("_receive"),
                                Names("_running_ports"), Names("_running_procs"), Names("_send")};
  return names[static_cast<size_t>(kind)];
}
constexpr uint32_t arity_of_enabled = 3, arity_of_trace = 5;

// The library's function of that name in the module's current code. Under an epoch guard, which keeps it in place.
const NativeRow* native(Module* module, Term name, uint32_t arity) {
  for (const NativeFunction& function : module->natives()) {
    if (function.arity != arity || function.name != name) continue;
    const Export* target = function.replacement.load(std::memory_order_acquire);
    return target != nullptr ? static_cast<const NativeRow*>(target->bif) : nullptr;
  }
  return nullptr;
}

// What the process does just then is its own doing: the function may ask who it is.
bool happens_in_its_own_turn(Kind kind, Term tracee) {
  return tracee.is_local_pid() && kind != Kind::any && kind != Kind::procs && kind != Kind::receive;
}

ERL_NIF_TERM call(const NativeRow& row, Kind kind, Term tracee, std::span<const Term> arguments) {
  enif_environment_t env(&row.owner);
  if (happens_in_its_own_turn(kind, tracee)) env.self = tracee;
  ERL_NIF_TERM answer = row.native(&env, static_cast<int>(arguments.size()), reinterpret_cast<const ERL_NIF_TERM*>(arguments.data()));
  return env.raised.is_none() ? answer : no_term;
}

class Modules final : public TracerModules {
 public:
  bool is_tracer(Term name) override {
    epoch::Guard guard;
    Module* module = host_machine().realm.modules().current(name);
    const Names& names = names_of(Kind::any);
    return module != nullptr && native(module, names.enabled, arity_of_enabled) != nullptr && native(module, names.trace, arity_of_trace) != nullptr;
  }

  // As in stock, whatever is no answer ends the trace, but for the question whether the tracer is there, and for what happens to a
  // process by others' doing.
  TracerAnswer enabled(const Tracer& tracer, Term tag, Term tracee) override {
    epoch::Guard guard;
    Kind kind = kind_of(tag, tracee);
    const NativeRow* row = function(tracer, kind, &Names::enabled, arity_of_enabled);
    if (row == nullptr) return TracerAnswer::remove;
    Term arguments[] = {tag, tracer.state(), tracee};
    Term answer = term(call(*row, kind, tracee, arguments));
    if (answer == am::trace) return TracerAnswer::trace;
    bool by_others = tracee.is_local_pid() && (kind == Kind::procs || kind == Kind::receive);
    bool goes_on = answer == am::discard || by_others || (tag == am::trace_status && answer != am::remove);
    return goes_on ? TracerAnswer::discard : TracerAnswer::remove;
  }

  void trace(const Tracer& tracer, Term tag, Term tracee, Term what, Term options) override {
    epoch::Guard guard;
    Kind kind = kind_of(tag, tracee);
    const NativeRow* row = function(tracer, kind, &Names::trace, arity_of_trace);
    if (row == nullptr) return;
    Term arguments[] = {tag, tracer.state(), tracee, what, options};
    (void)call(*row, kind, tracee, arguments);
  }

 private:
  static const NativeRow* function(const Tracer& tracer, Kind kind, const Term Names::*name, uint32_t arity) {
    Module* module = host_machine().realm.modules().current(tracer.module());
    if (module == nullptr) return nullptr;
    const NativeRow* own = kind == Kind::any ? nullptr : native(module, names_of(kind).*name, arity);
    return own != nullptr ? own : native(module, names_of(Kind::any).*name, arity);
  }
};

}  // namespace

TracerModules& native_tracers() {
  static auto* only = new Modules;
  return *only;
}

}  // namespace hanse::nif
