// The clocks of the node as guests see them. Any thread.
#pragma once

#include "term/build.h"

namespace hanse {

int64_t erlang_monotonic_ns();  // erlang:monotonic_time/0
int64_t time_offset_ns();       // erlang:time_offset/0
int64_t erlang_system_ns();     // erlang:system_time/0

// {MegaSeconds, Seconds, MicroSeconds}
Term make_timestamp(Arena& arena, int64_t microseconds);
// erlang:now/0: strictly increasing.
Term make_now(Arena& arena);
// Numbers of erlang:unique_integer([monotonic]), from 0; after 2^64-1 they start again.
uint64_t next_monotonic_unique();
// For tests of OTP: the latest number drawn, 2^64-1 if there is none.
uint64_t last_monotonic_unique();
void set_last_monotonic_unique(uint64_t number);
// The same as a term: from the smallest small integer on.
Term make_monotonic_unique(Arena& arena);

}  // namespace hanse
