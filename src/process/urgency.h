// Priority inheritance: a process of lower priority that one of higher priority waits for deals with its signals as soon as
// the one that waits would run. Any thread.
#pragma once

#include "process/process.h"

namespace hanse {

// The process runs at least as `wanted` until it has handled the signals that have been sent to it. Under an epoch::Guard.
void raise_urgency(Process& process, Priority wanted);
// Somebody of that priority waits for an answer of the process, to which a signal has been sent.
void answer_is_urgent(Term pid, Priority wanted);

}  // namespace hanse
