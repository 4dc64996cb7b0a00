// `hanse epmd`: the command line of a port mapper, as that of Erlang's epmd(1).
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "epmd/server.h"

namespace hanse::epmd {

enum class Query { none, names, kill, stop };

struct CommandOptions {
  ServerOptions server;
  Query query = Query::none;  // ask the running port mapper instead of being one
  std::string stop_name;
};

// Arguments without the program's name, on top of what ERL_EPMD_PORT, ERL_EPMD_ADDRESS and
// ERL_EPMD_RELAXED_COMMAND_CHECK say. The error says what was expected.
std::expected<CommandOptions, std::string> parse_command(const std::vector<std::string>& arguments);

// Runs the command and returns its exit status. A daemon listens before this returns in the foreground process.
int run_command(const std::vector<std::string>& arguments);

}  // namespace hanse::epmd
