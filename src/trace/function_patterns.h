// Which functions are traced, and how: what erlang:trace_pattern/3 changes and erlang:trace_info/2 reads. Any thread; changes
// happen under LockRank::code_load.
#pragma once

#include <optional>

#include "process/machine.h"
#include "trace/function_trace.h"

namespace hanse {

// {Module, Function, Arity}; none() and -1 stand for '_'.
struct FunctionPattern {
  Term module = Term::none(), function = Term::none();
  int arity = -1;
};

// One change, for every function that fits. Each part is left alone (unset), taken away or set.
struct PatternChange {
  enum class Count : uint8_t { keep, off, on, restart, pause };
  bool only_exported = false;
  bool changes_scope = false, changes_meta = false;
  CallScope scope = CallScope::none;
  Ref<TracePattern> pattern;
  Ref<TracePattern> meta;
  Tracer meta_tracer;
  Count count = Count::keep, time = Count::keep;
};

// How many functions fit.
size_t change_functions(Machine& machine, const FunctionPattern& functions, const PatternChange& change);
// Exports lead to breakpoints while any process saves its calls (process/saved_calls.h).
void call_saving_changed();
// For all code that will be loaded.
void change_on_load(const PatternChange& change);
FunctionTraceSettings on_load_settings();
// nullopt: there is no such function.
std::optional<FunctionTraceSettings> function_settings(Machine& machine, Term module, Term function, uint32_t arity);

class CodeChangeHook& breakpoints_of_new_code();

}  // namespace hanse
