#include "main/port_mapper.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

namespace hanse {

void start_port_mapper(const std::string& shell_command) {
  if (!shell_command.empty()) {
    (void)!std::system(shell_command.c_str());
    return;
  }
  char name[] = "hanse-vm", verb[] = "epmd", daemon[] = "-daemon";
  char* arguments[] = {name, verb, daemon, nullptr};
  pid_t child;
  if (::posix_spawn(&child, "/proc/self/exe", nullptr, nullptr, arguments, environ) != 0) return;
  ::waitpid(child, nullptr, 0);
}

}  // namespace hanse
