// What processes ask of ports: messages, links, monitors, exits (process/ports_interface.h). main installs it once.
#pragma once

#include "process/ports_interface.h"

namespace hanse {

class Port;

// Lives as long as the node.
PortSignals& port_signals_of_io();

// Tells the logger that a process has given the port what is no iodata.
void log_bad_output(Port& port);

// Closes each port when it has nothing left to write, so that other nodes need not wait for the slowest one; a hook of halt_node().
void flush_all_ports();

}  // namespace hanse
