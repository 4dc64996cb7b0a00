// Functions that a library of native functions may replace. The instruction nif_start at such a function's entry looks here.
#pragma once

#include <atomic>
#include <vector>

#include "code/generic_code.h"
#include "term/fun.h"

namespace hanse {

struct NativeFunction {
  NativeFunction(Term function, uint32_t count) : name(function), arity(count) {}
  const Term name;
  const uint32_t arity;
  // Continued at instead of the code; nullptr: the code runs. Of no index; lives as long as the module. Written under LockRank::code_load.
  std::atomic<Export*> replacement{nullptr};
};

// Whether every function of the module may be replaced: it calls erlang:load_nif/2, and the compiler has marked none of them.
bool any_may_be_native(const GenericModule& module);

// The modules that have ever had native functions (erlang:system_info(taints)). Any thread.
std::vector<Term> tainted_modules();
void add_tainted_module(Term name);

}  // namespace hanse
