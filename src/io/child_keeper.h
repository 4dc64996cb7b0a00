// The keeper of children: a small process beside the node that ends the programs of ports when the node is killed, crashes or
// loses its terminal. An orderly end leaves them to themselves: they find their input at its end, as under stock. Any thread.
//
// It is forked before the node has threads, caches or heaps, so that it shares most of its memory with the node (1.6 MB resident; as a
// program of its own it had 3.7), and it starts at once: OTP runs a program, inet_gethost, whenever it boots.
#pragma once

#include <sys/types.h>

#include <span>

namespace hanse {

// First of all, while there is one thread only; without it programs are left to themselves. arguments: the memory that main() was given, in which the
// keeper writes what it is.
void start_child_keeper(std::span<char* const> arguments);
// A program that leads a session of its own.
void keep_child(pid_t leader);
// It has ended. What it left behind is not the node's any more.
void forget_child(pid_t leader);
// The node has been told to end from outside: its orderly end does not spare the programs.
void spare_no_children();
// The orderly end of the node.
void dismiss_child_keeper();

}  // namespace hanse
