// Items of erts_debug:set_internal_state/2 that other layers than the built-in functions know: they register them at start.
#pragma once

#include "process/call.h"

namespace hanse {

struct InternalStateItem {
  const char* name;
  Result (*set)(Call& call, Term value);
};

// Called by main's thread, before the first process.
void add_internal_state_item(const InternalStateItem& item);
// nullptr if nobody registered that name.
const InternalStateItem* find_internal_state_item(Term name);

}  // namespace hanse
