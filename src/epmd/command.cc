#include "epmd/command.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace hanse::epmd {

namespace {

constexpr const char usage[] =
    R"(usage: hanse epmd [-port N] [-address LIST] [-daemon] [-http [ADDRESS:]PORT] [-debug] [OPTION]...
       hanse epmd [-port N] -names | -kill | -stop NAME

Keeps the names of the nodes of this host and the ports they listen on.
  -port N                   serve or ask this port (4369, or what ERL_EPMD_PORT says)
  -address LIST             listen on these IP addresses, separated by commas, and on loopback (ERL_EPMD_ADDRESS)
  -daemon                   go to the background
  -relaxed_command_check    allow -kill and -stop while nodes are registered (ERL_EPMD_RELAXED_COMMAND_CHECK)
  -systemd                  serve the sockets that systemd opened
  -d, -debug                tell what happens, twice: in detail
  -packet_timeout SECONDS   disconnect clients that have not asked within this time (60)
  -delay_accept SECONDS     wait before each connection, -delay_write SECONDS before each answer: for tests of clients
  -http [ADDRESS:]PORT      also a directory of nodes over HTTP, for nodes and people anywhere (127.0.0.1; port 0: any)
  -http_folder FOLDER       where its key and the owners of names are kept ($HANSE_HOME/directory, or ~/.hanse/directory)
  -http_tls                 HTTPS, with a certificate of its own key, or of
  -http_certificate FILE -http_key FILE
  -names                    list the registered names
  -kill                     end the running port mapper
  -stop NAME                take a name out
)";

bool parse_number(const std::string& text, unsigned low, unsigned high, unsigned& out) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && out >= low && out <= high;
}

// "[::1]:80", "10.0.0.1:80", "80"
bool parse_web_address(const std::string& text, WebOptions& web) {
  size_t colon = text.rfind(':');
  unsigned port = 0;
  if (!parse_number(text.substr(colon == std::string::npos ? 0 : colon + 1), 0, 65535, port)) return false;
  web.port = static_cast<uint16_t>(port);
  web.wanted = true;
  if (colon == std::string::npos) return true;
  web.address = text.substr(0, colon);
  if (web.address.starts_with('[') && web.address.ends_with(']')) web.address = web.address.substr(1, web.address.size() - 2);
  return !web.address.empty();
}

std::vector<std::string> split_addresses(const std::string& list) {
  std::vector<std::string> addresses;
  std::string address;
  for (char c : list + ",") {
    if (c != ',' && c != ' ')
      address += c;
    else if (!address.empty())
      addresses.push_back(std::move(address)), address.clear();
  }
  return addresses;
}

struct NumberOption {
  const char* name;
  unsigned low, high;
  unsigned ServerOptions::* field;
};
constexpr NumberOption number_options[] = {
    {"-packet_timeout", 1, 86400, &ServerOptions::packet_timeout_s},
    {"-delay_accept", 0, 3600, &ServerOptions::delay_accept_s},
    {"-delay_write", 0, 3600, &ServerOptions::delay_write_s},
};

struct TextOption {
  const char* name;
  const char* expected;
  std::string WebOptions::* field;
};
constexpr TextOption web_options[] = {
    {"-http_folder", "a folder", &WebOptions::folder},
    {"-http_certificate", "a file with a certificate (PEM)", &WebOptions::certificate},
    {"-http_key", "a file with a private key (PEM)", &WebOptions::key},
};

// Sends one query to the port mapper of this host. Nothing: there is none.
std::optional<std::string> ask(uint16_t port, const std::vector<uint8_t>& query) {
  int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(port);
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (descriptor < 0 || ::connect(descriptor, reinterpret_cast<sockaddr*>(&name), sizeof name) != 0) {
    if (descriptor >= 0) ::close(descriptor);
    return std::nullopt;
  }
  std::string answer;
  if (::send(descriptor, query.data(), query.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(query.size())) {
    char bytes[4096];
    ssize_t count;
    while ((count = ::recv(descriptor, bytes, sizeof bytes, 0)) > 0) answer.append(bytes, static_cast<size_t>(count));
  }
  ::close(descriptor);
  return answer;
}

int run_query(const CommandOptions& options) {
  uint16_t port = options.server.port;
  char tag = options.query == Query::names ? 'n' : options.query == Query::kill ? 'k' : 's';
  std::optional<std::string> answer = ask(port, encode_query(tag, options.stop_name));
  if (!answer) {
    std::fprintf(stderr, "epmd: Cannot connect to local epmd\n");
    return 1;
  }
  // Scripts read these lines, so they are those of Erlang's epmd.
  if (options.query == Query::names) {
    std::printf("epmd: up and running on port %u with data:\n", port);
    if (answer->size() > 4) std::fwrite(answer->data() + 4, 1, answer->size() - 4, stdout);
    return answer->size() >= 4 ? 0 : 1;
  }
  if (options.query == Query::kill) {
    bool ok = *answer == "OK";
    std::puts(ok ? "Killed" : "Killing not allowed - living nodes in database.");
    return ok ? 0 : 1;
  }
  if (*answer == "STOPPED" || *answer == "NOEXIST") {
    std::puts(answer->c_str());
    return 0;
  }
  std::printf("epmd: local epmd responded with <%s>\n", answer->c_str());
  return 1;
}

// Of a process that serves the directory only: a signal ends it.
[[noreturn]] void wait_for_the_end() {
  while (true) ::pause();
}

// The foreground process ends here, with the sockets already listening.
void go_to_background() {
  if (::fork() != 0) ::_exit(0);
  ::setsid();
  if (::fork() != 0) ::_exit(0);
  std::signal(SIGHUP, SIG_IGN);
  (void)!::chdir("/");
  int null = ::open("/dev/null", O_RDWR);
  for (int descriptor : {0, 1, 2}) ::dup2(null, descriptor);
  if (null > 2) ::close(null);
}

}  // namespace

std::expected<CommandOptions, std::string> parse_command(const std::vector<std::string>& arguments) {
  CommandOptions options;
  ServerOptions& server = options.server;
  unsigned port = default_port;
  if (const char* text = std::getenv("ERL_EPMD_PORT"))
    if (!parse_number(text, 1, 65535, port))
      return std::unexpected(std::string("ERL_EPMD_PORT: expected a port from 1 to 65535, got ") + text);
  if (const char* list = std::getenv("ERL_EPMD_ADDRESS")) server.addresses = split_addresses(list);
  server.relaxed_commands = std::getenv("ERL_EPMD_RELAXED_COMMAND_CHECK") != nullptr;

  for (size_t i = 0; i < arguments.size(); i++) {
    const std::string& word = arguments[i];
    bool last = i + 1 == arguments.size();
    const NumberOption* number = nullptr;
    for (const NumberOption& option : number_options)
      if (word == option.name) number = &option;
    const TextOption* text = nullptr;
    for (const TextOption& option : web_options)
      if (word == option.name) text = &option;
    if (text != nullptr) {
      if (last) return std::unexpected(word + " expects " + text->expected);
      options.web.*text->field = arguments[++i];
    } else if (word == "-http") {
      if (last || !parse_web_address(arguments[++i], options.web)) return std::unexpected("-http expects a port from 0 to 65535, or ADDRESS:PORT");
    } else if (word == "-http_tls") {
      options.web.tls = true;
    } else if (number != nullptr) {
      if (last || !parse_number(arguments[++i], number->low, number->high, server.*number->field))
        return std::unexpected(word + " expects a number of seconds");
    } else if (word == "-port") {
      if (last || !parse_number(arguments[++i], 1, 65535, port))
        return std::unexpected("-port expects a port from 1 to 65535");
    } else if (word == "-address") {
      if (last) return std::unexpected("-address expects IP addresses separated by commas");
      server.addresses = split_addresses(arguments[++i]);
    } else if (word == "-stop") {
      if (last) return std::unexpected("-stop expects a name");
      options.query = Query::stop;
      options.stop_name = arguments[++i];
      if (options.stop_name.size() >= request_limit_bytes) return std::unexpected("-stop expects the name of a node");
    } else if (word == "-names")
      options.query = Query::names;
    else if (word == "-kill")
      options.query = Query::kill;
    else if (word == "-d" || word == "-debug")
      server.debug++;
    else if (word == "-daemon")
      server.daemon = true;
    else if (word == "-relaxed_command_check")
      server.relaxed_commands = true;
    else if (word == "-systemd")
      server.sockets_of_systemd = true;
    else
      return std::unexpected("unknown option " + word);
  }
  server.port = static_cast<uint16_t>(port);
  WebOptions& web = options.web;
  if (web.certificate.empty() != web.key.empty()) return std::unexpected("-http_certificate and -http_key belong together");
  if (!web.certificate.empty()) web.tls = true;
  if (!web.wanted && (web.tls || !web.folder.empty())) return std::unexpected("-http_folder, -http_tls, -http_certificate and -http_key need -http");
  return options;
}

// Tells where; a daemon has nobody to tell.
static bool serve_web(const CommandOptions& options, const StartWeb& start_web, const Log& log) {
  if (!options.web.wanted) return true;
  auto started = start_web(options.web);
  if (!started) {
    log.problem(started.error());
    return false;
  }
  log.event(*started);
  if (options.server.daemon) return true;
  std::printf("%s\n", started->c_str());
  std::fflush(stdout);
  return true;
}

int run_command(const std::vector<std::string>& arguments, const StartWeb& start_web) {
  auto options = parse_command(arguments);
  if (!options) {
    std::fprintf(stderr, "hanse epmd: %s\n%s", options.error().c_str(), usage);
    return 1;
  }
  if (options->query != Query::none) return run_query(*options);
  const ServerOptions& server_options = options->server;
  // A daemon keeps nothing of the program that started it.
  if (server_options.daemon && !server_options.sockets_of_systemd) ::close_range(3, ~0u, 0);
  Log log(server_options.debug, server_options.daemon);
  Server server(server_options, log);
  auto listening = server.listen();
  bool in_use = !listening && listening.error() == ListenError::in_use;
  // One port mapper is enough: not an error, programs start one without looking first.
  if (in_use) log.event("port " + std::to_string(server_options.port) + " is served already");
  if (!listening && !(in_use && options->web.wanted)) return in_use ? 0 : 1;
  if (server_options.daemon) {
    go_to_background();
    log.detach();
  }
  if (!serve_web(*options, start_web, log)) return 1;
  if (in_use) wait_for_the_end();
  server.run();
  return 0;
}

}  // namespace hanse::epmd
