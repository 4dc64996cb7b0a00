// Items of erts_debug:get_internal_state/1 and set_internal_state/2 that other layers than the built-in functions know: they register them at start.
#pragma once

#include "process/call.h"

namespace hanse {

struct InternalStateItem {
  const char* name;
  Result (*set)(Call& call, Term value);                  // nullptr: it can only be read
  Result (*get)(Call& call, Term argument) = nullptr;  // nullptr: it can only be set
};

// Called by main's thread, before the first process.
void add_internal_state_item(const InternalStateItem& item);
// nullptr if nobody registered that name.
const InternalStateItem* find_internal_state_item(Term name);

}  // namespace hanse
