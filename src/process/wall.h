// Terms that go from one machine to another. A fun of a guest stays behind: in its place arrives one that cannot be called. What names
// a function (fun m:f/a) is bound anew, by its name, through the code realm of the receiver. Constants of modules are copied.
#pragma once

#include "process/signal.h"
#include "process/stored_term.h"

namespace hanse {

class Machine;

// Set when the first guest is made; before that nothing has to be looked at.
inline std::atomic<bool> guests_exist{false};

// The machine on whose behalf this thread works: of the process that it runs, else the host.
Machine& acting_machine();
// Whether what this thread sends to the process crosses a wall.
bool crosses_wall(const Process& receiver);

Term copy_across(Arena& arena, Machine& to, Term term);
Message* message_across(Machine& to, Term term);
// As deliver() (send.h), from a machine to one that is not its own.
bool deliver_outside(Term to, Term message);

}  // namespace hanse
