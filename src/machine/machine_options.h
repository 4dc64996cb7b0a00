// The options of prim_machine:machine_new/2 and machine_set/2: limits, permissions, what follows a limit, who is told.
#pragma once

#include "machine/guest_machine.h"

namespace hanse {

// options: a map; what it does not name stays as it is. False: something in it is not as it must be.
bool apply_options(GuestMachine& machine, Term options);
// #{Limit => {Soft, Hard} | {PerSecond, Burst}} of all limits that are set.
Term limits_map(Arena& arena, const Guest& guest);

}  // namespace hanse
