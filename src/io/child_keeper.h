// The keeper of children: a small process beside the node that ends the programs of ports when the node is killed, crashes or
// loses its terminal. An orderly end leaves them to themselves: they find their input at its end, as under stock. It is started
// with the first program. Any thread.
#pragma once

#include <sys/types.h>

namespace hanse {

// A program that leads a session of its own.
void keep_child(pid_t leader);
// It has ended. What it left behind is not the node's any more.
void forget_child(pid_t leader);
// The node has been told to end from outside: its orderly end does not spare the programs.
void spare_no_children();
// The orderly end of the node.
void dismiss_child_keeper();

// The keeper itself: what `hanse-vm --child-keeper` does, with the node's records on standard input.
int run_child_keeper();

}  // namespace hanse
