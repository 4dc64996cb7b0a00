// A function of a module has at most one of two breakpoints: in its code (local), or of its export (global, and everything of a
// built-in function, whose body is not code). Settings of both kinds live in a FunctionTrace; which of them is in use follows
// from the settings.
#include "trace/function_patterns.h"

#include "code/module_table.h"
#include "interp/breakpoints.h"
#include "process/saved_calls.h"

namespace hanse {

namespace {

struct OnLoad {
  std::mutex mutex;  // a leaf
  FunctionTraceSettings settings;
};
OnLoad& on_load() {
  static auto* only = new OnLoad;
  return *only;
}

// --- one function ---

struct Place {
  Module& module;
  size_t index;
  Export* target;  // nullptr: not exported
  bool is_bif() const { return target != nullptr && target->bif != nullptr; }
};

FunctionTrace* code_trace(const Place& place) { return static_cast<FunctionTrace*>(place.module.breakpoint(place.index)); }
FunctionTrace* export_trace(const Place& place) {
  ExportBreakpoint* breakpoint = place.target ? place.target->breakpoint.load(std::memory_order_acquire) : nullptr;
  return breakpoint ? static_cast<FunctionTrace*>(breakpoint->data) : nullptr;
}

FunctionTraceSettings settings_of(FunctionTrace* trace) {
  const FunctionTraceSettings* settings = trace ? trace->settings() : nullptr;
  FunctionTraceSettings result = settings ? *settings : FunctionTraceSettings{};
  if (trace && trace->has_lost_meta_tracer.load(std::memory_order_acquire)) result.meta_tracer = {};
  return result;
}

FunctionTraceSettings settings_of(const Place& place) {
  FunctionTraceSettings code = settings_of(code_trace(place)), exported = settings_of(export_trace(place));
  if (place.is_bif()) return exported;
  if (exported.scope == CallScope::global) {
    code.scope = exported.scope;
    code.pattern = exported.pattern;
  }
  return code;
}

void set_code(const Place& place, const FunctionTraceSettings& settings) {
  FunctionTrace* trace = code_trace(place);
  if (settings.is_empty()) {
    if (!trace || !trace->settings()) return;
    place.module.clear_breakpoint_word(place.index);
    return trace->set(settings);
  }
  if (!trace) {
    place.module.add_breakpoint(place.index, std::make_unique<FunctionTrace>());
    trace = code_trace(place);
  }
  trace->set(settings);
  place.module.set_breakpoint_word(place.index, breakpoint_word());
}

void set_export(const Place& place, const FunctionTraceSettings& settings) {
  if (!place.target) return;
  Export& target = *place.target;
  ExportBreakpoint* breakpoint = target.breakpoint.load(std::memory_order_acquire);
  if (!breakpoint) {
    if (settings.is_empty() && !calls_are_saved.load(std::memory_order_acquire)) return;
    breakpoint = new ExportBreakpoint;
    breakpoint->words[0] = export_breakpoint_word();
    breakpoint->owner = &target;
    breakpoint->data = new FunctionTrace;
    breakpoint->target.store(target.entry.load(std::memory_order_acquire), std::memory_order_release);
    target.breakpoint.store(breakpoint, std::memory_order_release);
  }
  static_cast<FunctionTrace*>(breakpoint->data)->set(settings);
  Ip code = code_of_export(target);
  breakpoint->target.store(code, std::memory_order_release);
  bool passes = settings.is_empty() && !calls_are_saved.load(std::memory_order_acquire);
  target.entry.store(passes ? code : breakpoint->words, std::memory_order_release);
  if (target.bif) target.bif_call.store(passes ? entry_of(*target.bif) : call_through_export, std::memory_order_release);
}

void set_settings(const Place& place, const FunctionTraceSettings& settings) {
  if (place.is_bif()) return set_export(place, settings);
  FunctionTraceSettings exported, code = settings;
  if (settings.scope == CallScope::global) {
    exported.scope = settings.scope;
    exported.pattern = settings.pattern;
    code.scope = CallScope::none;
    code.pattern = nullptr;
  }
  set_export(place, exported);
  set_code(place, code);
}

// --- changes ---

template <class Measure>
void apply(Ref<Measure>& measure, PatternChange::Count change) {
  switch (change) {
    case PatternChange::Count::keep: return;
    case PatternChange::Count::off: measure = nullptr; return;
    case PatternChange::Count::on:
    case PatternChange::Count::restart: measure = Ref<Measure>::adopt(new Measure); return;
    case PatternChange::Count::pause:
      if (measure) measure->paused.store(true, std::memory_order_relaxed);
  }
}

void apply(FunctionTraceSettings& settings, const PatternChange& change) {
  if (change.changes_scope) {
    if (change.scope == CallScope::global) settings = {};  // a function is traced in its export, or in its code
    if (change.scope != CallScope::none) {
      settings.scope = change.scope;
      settings.pattern = change.pattern;
    } else if (settings.scope == (change.only_exported ? CallScope::global : CallScope::local)) {
      settings.scope = CallScope::none;
      settings.pattern = nullptr;
    }
  }
  using enum PatternChange::Count;
  bool adds_others = (change.changes_meta && change.meta) || change.count == on || change.time == on;
  if (adds_others && settings.scope == CallScope::global) {
    settings.scope = CallScope::none;
    settings.pattern = nullptr;
  }
  if (change.changes_meta) {
    settings.meta = change.meta;
    settings.meta_tracer = change.meta_tracer;
  }
  apply(settings.count, change.count);
  apply(settings.time, change.time);
}

template <class Visit>
void visit_functions(Machine& machine, Module& module, const FunctionPattern& wanted, Visit visit) {
  auto functions = module.functions();
  for (size_t i = 0; i < functions.size(); i++) {
    const EmittedFunction& function = functions[i];
    if (!wanted.function.is_none() && function.name != wanted.function) continue;
    if (wanted.arity >= 0 && function.arity != static_cast<uint32_t>(wanted.arity)) continue;
    // An export may exist although the module exports no such function: others ask for it.
    Export* target = machine.realm.find_export(module.name, function.name, function.arity);
    if (target && !target->bif && !module.contains(code_of_export(*target))) target = nullptr;
    visit(Place{module, i, target});
  }
}

// The settings of the export stay; whether calls pass by depends on whether any process saves its calls.
void refresh_exports(Module& module) {
  visit_functions(host_machine(), module, {}, [](const Place& place) { set_export(place, settings_of(export_trace(place))); });
}

class NewCode final : public CodeChangeHook {
 public:
  void became_current(Module& module) override {
    if (calls_are_saved.load(std::memory_order_acquire)) refresh_exports(module);
    FunctionTraceSettings settings = on_load_settings();
    if (settings.is_empty()) return;
    visit_functions(host_machine(), module, {}, [&](const Place& place) {
      if (settings.scope == CallScope::global && !place.target) return;
      FunctionTraceSettings own = settings;
      if (own.count) own.count = Ref<CallCount>::adopt(new CallCount);
      if (own.time) own.time = Ref<CallTime>::adopt(new CallTime);
      if (!place.is_bif()) set_settings(place, own);
    });
  }
  // Its exports lead elsewhere already; its code is traced no longer.
  void withdrawn(Module& module) override {
    for (size_t i = 0; i < module.functions().size(); i++)
      if (auto* trace = static_cast<FunctionTrace*>(module.breakpoint(i)); trace && trace->settings()) {
        module.clear_breakpoint_word(i);
        trace->set({});
      }
    for (const ModuleExport& row : module.exports())
      if (ExportBreakpoint* breakpoint = row.target->breakpoint.load(std::memory_order_acquire); breakpoint && !row.target->bif)
        static_cast<FunctionTrace*>(breakpoint->data)->set({});
  }
};

}  // namespace

CodeChangeHook& breakpoints_of_new_code() {
  static auto* only = new NewCode;
  return *only;
}

size_t change_functions(Machine& machine, const FunctionPattern& functions, const PatternChange& change) {
  size_t count = 0;
  machine.realm.modules().visit_current(functions.module, [&](Module& module) {
    visit_functions(machine, module, functions, [&](const Place& place) {
      FunctionTraceSettings settings = settings_of(place);
      if (change.only_exported && !place.target) {  // it is not traced otherwise any more
        if (change.changes_scope && change.scope == CallScope::global) set_settings(place, {});
        return;
      }
      count++;
      apply(settings, change);
      set_settings(place, settings);
    });
  });
  return count;
}

std::optional<FunctionTraceSettings> function_settings(Machine& machine, Term module, Term function, uint32_t arity) {
  std::optional<FunctionTraceSettings> found;
  FunctionPattern wanted{module, function, static_cast<int>(arity)};
  machine.realm.modules().visit_current(module, [&](Module& code) {
    visit_functions(machine, code, wanted, [&](const Place& place) { found = settings_of(place); });
  });
  return found;
}

void call_saving_changed() {
  host_machine().realm.modules().visit_current(Term::none(), [](Module& module) { refresh_exports(module); });
}

void change_on_load(const PatternChange& change) {
  std::lock_guard lock(on_load().mutex);
  apply(on_load().settings, change);
}

FunctionTraceSettings on_load_settings() {
  std::lock_guard lock(on_load().mutex);
  return on_load().settings;
}

}  // namespace hanse
