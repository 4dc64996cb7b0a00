// Programs started by ports: how they are started, and how their end is noticed. Each child has its own session, nothing
// but its standard descriptors (or 3 and 4), and is reaped through a pidfd: children of others are never waited for.
// child_keeper.h ends them if the node cannot.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "term/term.h"

namespace hanse {

struct ChildPlan {
  std::string program;                   // a path
  std::vector<std::string> arguments;    // with argument 0
  std::vector<std::string> environment;  // NAME=VALUE
  std::string directory;                 // empty: the node's
  // Descriptor numbers of the child, and what becomes of them: -1 leaves what the node has.
  int input = -1, output = -1;
  int input_target = 0, output_target = 1;
  bool stderr_to_stdout = false;
  bool outlives_node = false;            // heart: it is there for the time after
};

struct ChildProcess {
  pid_t pid = -1;
  int pid_descriptor = -1;
  int error = 0;  // why there is none
};

ChildProcess start_child(const ChildPlan& plan);
// Whether it was started by the function above and has not been reaped.
bool is_program_of_port(pid_t pid);

// Reaps the child when it ends, and tells the port if it still exists. Owns the descriptor.
void watch_child(const ChildProcess& child, Term port);

}  // namespace hanse
