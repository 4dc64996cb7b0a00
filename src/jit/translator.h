// Machine code for modules in which processes spend their time: the stencils of a module's instructions one after another,
// their holes filled in. The words of the instructions stay where they are, and stay what the rest of the virtual machine
// knows: return addresses, stack traces, breakpoints. Only the first word of each changes, from the handler to the machine
// code, one by one and atomically, while processes run: either leads on correctly.
#pragma once

#include "code/module.h"

namespace hanse::jit {

// False: the module is where machine code cannot reach it, there is no room, or no table of stencils.
bool translate(Module& module);

// When modules are translated: never, when slices keep ending in them, or when they are loaded (for tests).
enum class Policy { off, hot, eager };
void start(Policy policy);

}  // namespace hanse::jit
