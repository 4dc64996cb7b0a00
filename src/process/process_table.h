// All processes of the node, by pid. Reading takes no lock; what is found stays valid while the epoch::Guard does.
// A pid's number only ever grows; its slot is the number modulo the size of the table. Printed <0.ID.SERIAL>, ID is the low
// 28 bits of the number.
#pragma once

#include <cstddef>
#include <vector>

#include "base/epoch.h"
#include "process/process.h"

namespace hanse {

// Before the first process. limit is rounded up to a power of two.
void set_process_limit(size_t limit);
size_t process_limit();
size_t process_count();

// nullptr if it does not exist (any more). The caller holds an epoch::Guard.
Process* find_process(Term pid);
// Whether the process exists or may be about to: another one's pid is reserved, and not visible yet.
bool is_or_will_be_process(Term pid);
// Whether a pid of that number can have existed.
bool pid_was_allocated(Term pid);

// No pid of a smaller number will be made. Returns the number of the next pid.
uint64_t skip_pids_to(uint64_t number);
// A fresh pid whose slot is reserved; none() at the limit.
Term reserve_pid();
// Gives back a pid that no process got.
void release_pid(Term pid);
// Makes the process visible under its pid.
void publish_process(Process* process);
// The slot becomes free. The process is still valid for those who found it before.
void remove_process(Process* process);

// Pids of all processes now, oldest slot first.
std::vector<Term> all_pids();
template <class Visit>
void for_each_process(Visit visit) {
  epoch::Guard guard;
  for (Term pid : all_pids())
    if (Process* process = find_process(pid)) visit(*process);
}

}  // namespace hanse
