// Literal areas that are no longer wanted (of purged modules, of erased persistent terms) but may still be referred to. They
// wait here until the literal area collector, a process that runs OTP's erts_literal_area_collector, has asked every
// process to copy what it uses of one area (ports.md, section 10.1). Any thread.
#pragma once

#include "term/literal.h"

namespace hanse {

// Gives up an area. It is freed when it has been the collector's turn. nullptr is ignored.
void retire_literal_area(LiteralArea* area);
// Frees the area whose turn it was: every process has copied what it needed of it. What follows: no other one waits; its turn
// has come; the same, and its literals (and those of all that wait behind it) have only now been announced to those who copy
// terms, see term/literal_purge.h.
enum class LiteralSwitch : uint8_t { none, ready, announced };
LiteralSwitch switch_literal_area();
// Whose turn it is, or nullptr.
LiteralArea* literal_area_in_turn();
// Called, from any thread, when an area was given up and none is in turn: the collector process wants {copy_literals}.
void set_literal_area_notifier(void (*notifier)());
size_t retired_literal_areas();

}  // namespace hanse
