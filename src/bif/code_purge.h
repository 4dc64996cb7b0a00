// Whether a process still needs old code: asked by the code purger before it lets the code go.
#pragma once

#include "code/module.h"
#include "process/scheduler.h"

namespace hanse {

// True if the process runs in `code` or may return into it. Funs do not count (erlang:check_process_code/2, since ERTS 9):
// their entries lose the code, and who calls one comes to the error handler. On the process's thread, between two slices.
bool process_uses_code(const Process& process, const Module& code);

// For set_code_usage(); main passes it in.
CodeUsage& code_usage_of_modules();

}  // namespace hanse
