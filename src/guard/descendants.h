// The processes below a guard. It is the reaper of its descendants (PR_SET_CHILD_SUBREAPER): what daemonizes stays
// below it. Only the guard's own thread calls these.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

namespace hanse::guard {

// Children of a process, as /proc tells; none if it is gone.
std::vector<pid_t> children_of(pid_t process);
// All processes below one, parents first; at most `limit`.
std::vector<pid_t> descendants_of(pid_t process, size_t limit = 4096);
// Resident bytes of a process; 0 if it is gone.
uint64_t resident_bytes(pid_t process);

// SIGKILL to everything below this process until nothing is left, reaping meanwhile. A process that the kernel cannot
// end at once (waiting for a disk) is given up after some seconds.
void end_descendants();

}  // namespace hanse::guard
