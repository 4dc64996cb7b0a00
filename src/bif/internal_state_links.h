// The lists of links and monitors that erts_debug:get_internal_state/1 gives.
#pragma once

#include "process/call.h"

namespace hanse {

// of: a process, or a node that is known. Both wait for the processes concerned.
Result get_link_list(Call& call, Term of);
Result get_monitor_list(Call& call, Term of);

}  // namespace hanse
