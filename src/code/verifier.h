// Proves that code which nobody trusts can do nothing but compute and raise, whatever its bytes (docs/security.md, "The
// verifier"). It comes after the checker, which every file passes: types, match contexts, room on the heap, messages that are
// still in the mailbox, handlers, and that no loop is without a call. Any thread.
#pragma once

#include "code/checker_rules.h"

namespace hanse {

// Fills module.unproven: instructions whose operands must be looked at when they run. Bounded in time and memory by the size
// of the code.
CheckResult verify_module(GenericModule& module, const LabelTable& labels);

// Of one function: its reached labels, each after all labels that lead to it but by going round a receive. A loop that is no
// receive is refused: compilers make calls of them, and nothing would end its slice.
CheckResult order_labels(const GenericModule& module, const LabelTable& labels, const GenericFunction& function,
                         std::vector<uint32_t>& order);

}  // namespace hanse
