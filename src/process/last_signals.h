// The end of a process whose last signals wait for a busy connection to another node: everything else of it is gone by then.
#pragma once

#include "process/process.h"

namespace hanse {

// Any thread, once: continue_exit() is called soon, on a scheduler's thread.
void schedule_end(Process& process);
// Goes on where exit_process() has stopped.
void continue_exit(Process& process);

}  // namespace hanse
