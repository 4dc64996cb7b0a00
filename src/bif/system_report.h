// erlang:system_info(info), (procs), (loaded) and (dist): what the node is made of, as a text in the notation of crash dumps.
// The texts are written by main, which knows all layers.
#pragma once

#include <string>

#include "process/call.h"

namespace hanse {

enum class SystemReport : uint8_t { info, procs, loaded, dist };

// Once, by main, before anything runs.
void set_system_report_writer(std::string (*writer)(SystemReport));
// call.args[0] says which. Not for guests: these texts tell of everybody.
Result system_report(Call& call);

}  // namespace hanse
