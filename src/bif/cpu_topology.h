// What guests ask and say about processors: topologies as terms, and how schedulers are bound.
#pragma once

#include "process/call.h"

namespace hanse {

// which: used, detected or defined; undefined: nothing is known.
Term cpu_topology_term(Arena& arena, Term which);
Term bind_type_atom();
// A number or `unbound` for each scheduler.
Term scheduler_bindings_term(Arena& arena);
// erlang:system_flag/2
Result set_cpu_topology(Call& call);
Result set_bind_type(Call& call);
// erts_debug:get_internal_state({fake_scheduler_bindings, Type}): where schedulers would be bound if there were all the processors.
Result get_fake_scheduler_bindings(Call& call, Term type);

}  // namespace hanse
