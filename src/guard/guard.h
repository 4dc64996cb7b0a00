// hanse-guard: a small process between a node and one worker of a script pool. It starts the worker behind its walls,
// forwards what the worker prints, and ends whatever the worker has started when it ends, when it is told to, or when
// the node is gone. The data of calls does not pass through it: the port's own pipes become descriptors of the worker.
//
//   node                          guard                        worker
//   port A  <-- control.h -->  standard input and output
//                               standard output, error  <--    1, 2
//   port B  <--------- pipes, handed over by `attach` -------->  3, 4 (or 0, 1)
#pragma once

namespace hanse::guard {

// Serves the control channel on descriptors 0 and 1. Returns the exit status of the guard.
int run();

// `hanse-guard attach NAME`: hands standard input and output to the guard that listens at NAME.
int attach(const char* name);

}  // namespace hanse::guard
