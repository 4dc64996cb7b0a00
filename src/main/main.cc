// hanse-vm: the node's executable. What the launcher `hanse` and bin/erl start.
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "epmd/command.h"
#include "base/freed_memory.h"
#include "io/child_keeper.h"
#include "io/terminal.h"
#include "main/disassemble.h"
#include "main/node.h"
#include "main/port_mapper.h"
#include "main/verbs.h"
#include "main/web_directory.h"
#include "process/node_settings.h"

using namespace hanse;

static void discard(int descriptor) {
  int null = ::open("/dev/null", O_RDWR);
  if (null == descriptor) return;
  ::dup2(null, descriptor);
  ::close(null);
}

// A standard stream that the caller closed leads nowhere; else the first file that the node opens would take its place.
static void occupy_standard_streams() {
  for (int descriptor : {0, 1, 2})
    if (::fcntl(descriptor, F_GETFD) < 0) discard(descriptor);
}

// As the daemons of old: a session of its own, no terminal.
static void detach() {
  if (::fork() != 0) ::_exit(0);
  ::setsid();
  for (int descriptor : {0, 1, 2}) discard(descriptor);
}

int main(int argc, char** argv) {
  occupy_standard_streams();
  return_freed_memory_at_once();
  std::vector<std::string> arguments(argv + 1, argv + argc);
  if (!arguments.empty() && arguments[0] == "--bif-list") {
    print_built_in_functions();
    return 0;
  }
  if (!arguments.empty() && arguments[0] == "epmd")
    return epmd::run_command({arguments.begin() + 1, arguments.end()}, start_web_directory);
  if (auto answer = take_verb(arguments)) {
    std::fputs(answer->text.c_str(), answer->status == 0 ? stdout : stderr);
    return answer->status;
  }
  if (arguments.size() == 2 && arguments[0] == "--disassemble") return disassemble_file(arguments[1].c_str());
  auto options = parse_command_line(arguments);
  if (!options) {
    std::fprintf(stderr, "%s\n", options.error().c_str());
    return 1;
  }
  for (const std::string& warning : options->warnings) std::fprintf(stderr, "%s\n", warning.c_str());
  if (options->show_version) {
    std::fprintf(stderr, "Hanse %s (OTP %s) emulator version %s\n", hanse_version, otp_release, erts_version);
    return 0;
  }
  if (options->start_epmd) start_port_mapper(options->epmd_command);
  if (options->detached) detach();
  start_child_keeper({argv, argv + argc});
  int status = run_node(*options);
  std::fflush(nullptr);
  restore_terminal();
  dismiss_child_keeper();
  // Other threads may still run: no destructors.
  ::_exit(status);
}
