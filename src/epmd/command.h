// `hanse epmd`: the command line of a port mapper, as that of Erlang's epmd(1).
#pragma once

#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "epmd/server.h"

namespace hanse::epmd {

enum class Query { none, names, kill, stop };

// The directory over HTTP. This layer knows its options only; the program passes in what serves it.
struct WebOptions {
  bool wanted = false;
  std::string address = "127.0.0.1";
  uint16_t port = 0;  // 0: the system chooses
  std::string folder;  // for its key and the names; empty: the user's
  bool tls = false;
  std::string certificate, key;  // PEM files; empty: a certificate of the directory's own key
};
// Starts serving, on threads of its own: a text about where, or what is wrong. Called once, in the process that serves.
using StartWeb = std::function<std::expected<std::string, std::string>(const WebOptions&)>;

struct CommandOptions {
  ServerOptions server;
  WebOptions web;
  Query query = Query::none;  // ask the running port mapper instead of being one
  std::string stop_name;
};

// Arguments without the program's name, on top of what ERL_EPMD_PORT, ERL_EPMD_ADDRESS and
// ERL_EPMD_RELAXED_COMMAND_CHECK say. The error says what was expected.
std::expected<CommandOptions, std::string> parse_command(const std::vector<std::string>& arguments);

// Runs the command and returns its exit status. A daemon listens before this returns in the foreground process.
int run_command(const std::vector<std::string>& arguments, const StartWeb& start_web);

}  // namespace hanse::epmd
