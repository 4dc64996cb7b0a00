// A function that a library of native functions may replace. The instruction nif_start at its entry looks here.
#pragma once

#include <atomic>

#include "term/fun.h"

namespace hanse {

struct NativeFunction {
  NativeFunction(Term function, uint32_t count) : name(function), arity(count) {}
  const Term name;
  const uint32_t arity;
  // Continued at instead of the code; nullptr: the code runs. Of no index; lives as long as the module. Written under LockRank::code_load.
  std::atomic<Export*> replacement{nullptr};
};

}  // namespace hanse
