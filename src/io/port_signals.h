// What processes ask of ports: messages, links, monitors, exits (process/ports_interface.h). main installs it once.
#pragma once

#include "process/ports_interface.h"

namespace hanse {

// Lives as long as the node.
PortSignals& port_signals_of_io();

// Waits until nothing is left to be written by any port; a hook of halt_node().
void flush_all_ports();

}  // namespace hanse
