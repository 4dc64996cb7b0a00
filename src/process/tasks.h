// What others want done by a process between two of its slices, besides request_task() of scheduler.h.
#pragma once

#include <functional>

#include "term/term.h"

namespace hanse {

class Process;

// As request_task(), for what moves no terms: it need not wait while a native function of the process runs on a dirty thread.
void request_look(Term pid, std::function<void(Process&)> task, std::function<void()> gone);

// Tasks that have waited for the end of such a function. On the thread that runs the process.
void take_up_tasks(Process& process);
// The process has exited meanwhile.
void drop_put_off_tasks(const Process& process);

}  // namespace hanse
