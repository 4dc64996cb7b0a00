// See process/crash_dump.h.
#pragma once

namespace hanse {

// From now on whoever asks for a crash dump gets one.
void enable_crash_dumps();

}  // namespace hanse
