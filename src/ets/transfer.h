// Changes of a table's owner.
#pragma once

#include "ets/table.h"

namespace hanse {

class Process;

// The table goes to `to`, a local pid, which is told by an ETS-TRANSFER message with the gift. False if there is no such
// process (any more).
bool transfer_table(Process& from, Table& table, Term to, Term gift);
// When the owner exits: false if there is no heir that can take the table.
bool give_to_heir(Process& owner, Table& table);

}  // namespace hanse
