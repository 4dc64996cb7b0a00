// The arguments of open_port/2, checked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "term/term.h"

namespace hanse {

struct PortOptions {
  bool binary = false;
  bool parallelism = false;  // told only: requests are dealt with by who makes them
  bool input = true;
  bool output = true;
  bool eof = false;
  bool exit_status = false;
  bool use_stdio = true;
  bool stderr_to_stdout = false;
  unsigned packet = 0;  // bytes of the length header, 0: a stream
  size_t line = 0;      // longest line, 0: a stream
  bool has_limits = false;  // the two that follow were given
  size_t high_watermark = 8192;
  size_t low_watermark = 4096;
  std::vector<std::string> arguments;
  std::optional<std::string> argument0;
  std::vector<std::pair<std::string, std::optional<std::string>>> environment;  // nullopt: removed
  std::string directory;  // empty: the node's
  bool has_spawn_options = false;  // args or arg0, legal for spawn_executable only
};

// What open_port/2 opens.
struct PortName {
  enum class Kind : uint8_t { program, executable, driver, descriptors, file } kind = Kind::program;
  std::string text;  // command, file or driver with its arguments
  int input = -1;
  int output = -1;
};

// none() if all is well, else the atom that erts_internal:open_port/2 answers: badopt or badarg.
Term parse_port_options(Term list, PortOptions& options);
Term parse_port_name(Term name, PortName& parsed);

}  // namespace hanse
