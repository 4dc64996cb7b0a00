// Whether a process still needs old code: asked by the code purger before it lets the code go.
#pragma once

#include "code/module.h"
#include "process/scheduler.h"

namespace hanse {

// True if the process may return into `old`, runs in it, or holds funs of it. On the process's thread, between two slices.
bool process_uses_code(Process& process, const Module& old);

// For set_code_usage(); main passes it in.
CodeUsage& code_usage_of_modules();

}  // namespace hanse
