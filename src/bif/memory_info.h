// Where erlang:memory/0,1 gets its figures. The Erlang side (erlang.erl) adds up sizes per allocator, which it asks for by
// message, and sizes of areas that live inside them. Hanse has one "instance" of each allocator, filled from the accounts.
#pragma once

#include <vector>

#include "process/call.h"

namespace hanse {

// What erlang:memory/0 adds up to, item by item in its order.
struct MemoryFigure {
  const char* name;
  uint64_t bytes;
};
std::vector<MemoryFigure> memory_figures(const Account& account);
// erts_internal:no_aux_work_threads/0.
inline constexpr int64_t auxiliary_threads = 2;
// Names of the allocators: system_info(alloc_util_allocators).
Result system_alloc_util_allocators(Call& call);
bool is_allocator(Term name);
// system_info(allocated_areas)
Result system_allocated_areas(Call& call);
// What the timers of guests that still matter to somebody take.
size_t guest_timer_bytes();
// system_info({Kind, Reference, Allocators}), Kind memory_internal, allocator or allocator_sizes: sends {Reference, Instance, Figures} to the caller.
Result system_memory_request(Call& call, Term kind, Term reference, Term allocators);

}  // namespace hanse
