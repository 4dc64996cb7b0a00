// The crash dump: a text that tells what the node was doing when it had to end. Written by main, which knows all layers;
// asked for by whoever ends the node for a reason. Any thread.
#pragma once

#include <string_view>

namespace hanse {

// Once, by main, before anything runs.
void set_crash_dump_writer(void (*writer)(std::string_view slogan));
// Tells standard error why, and writes the dump. Only the first call does anything; others wait for it.
void write_crash_dump(std::string_view slogan);

}  // namespace hanse
