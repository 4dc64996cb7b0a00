// Puts a node together and runs it: the only place that knows all layers.
#pragma once

#include "main/command_line.h"

namespace hanse {

// Boots OTP and returns the exit status once the node has halted.
int run_node(const NodeOptions& options);

// The rows of all tables, one Module:Function/Arity a line.
void print_built_in_functions();

}  // namespace hanse
