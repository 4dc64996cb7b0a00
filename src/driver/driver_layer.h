// What main wires of the drivers that are loaded from files.
#pragma once

namespace hanse::driver {

// Once, before the first process.
void start_loaded_drivers();
// The node is about to write a crash dump: drivers close what others wait for.
void close_in_emergency();

}  // namespace hanse::driver
