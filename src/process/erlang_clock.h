// The clocks that guests see. Any thread.
#pragma once

#include <cstdint>

namespace hanse {

int64_t erlang_monotonic_ns();  // erlang:monotonic_time/0
int64_t time_offset_ns();       // erlang:time_offset/0
int64_t erlang_system_ns();     // erlang:system_time/0

}  // namespace hanse
