// A node with a name needs a port mapper on its host (src/epmd, or Erlang's epmd).
#pragma once

#include <string>

namespace hanse {

// Makes sure that one runs: starts `hanse epmd -daemon`, which ends at once if the port is served already, or the given shell
// command. Returns when that listens. A failure is not reported here: OTP finds out when the node registers.
void start_port_mapper(const std::string& shell_command);

}  // namespace hanse
