// The port mapper's server: one thread, epoll, sockets that never block.
//
// Anybody may ask for names and ports; registering, stopping and dumps are for clients on the same host. A client that
// is neither registered nor done within the packet timeout is disconnected, and when descriptors run out the oldest
// such client goes first: neither slow clients nor a crowd of them keep others from being served.
#pragma once

#include <cstdint>
#include <expected>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "epmd/name_table.h"

namespace hanse::epmd {

struct ServerOptions {
  uint16_t port = default_port;
  std::vector<std::string> addresses;  // empty: all; loopback is always among them
  bool relaxed_commands = false;       // kill and stop although nodes are registered
  bool sockets_of_systemd = false;
  bool daemon = false;
  unsigned debug = 0;
  unsigned packet_timeout_s = 60;
  unsigned delay_accept_s = 0;
  unsigned delay_write_s = 0;
};

// Messages go to standard error, those of a daemon to the system log.
class Log {
 public:
  Log(unsigned level, bool daemon);
  void problem(const std::string& text) const { write(0, text); }
  void event(const std::string& text) const { write(1, text); }
  void detail(const std::string& text) const { write(2, text); }
  void detach() { system_log_ = daemon_; }

 private:
  void write(unsigned level, const std::string& text) const;
  unsigned level_;
  bool daemon_;
  bool system_log_ = false;
};

enum class ListenError { in_use, failed };

class Server {
 public:
  Server(const ServerOptions& options, Log& log);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Opens the listening sockets. in_use: another port mapper serves the port; failed: already logged.
  std::expected<void, ListenError> listen();
  // Serves until a client asks it to end.
  void run();

 private:
  struct Connection;
  using Clock = int64_t;  // milliseconds, monotonic

  std::expected<void, ListenError> listen_on(const std::string& address, bool must_exist);
  std::expected<void, ListenError> take_systemd_sockets();
  void watch(int descriptor, uint32_t events, int operation);
  int next_timeout_ms() const;
  void expire();
  bool drop_oldest(const char* reason);
  void accept_from(int listener);
  void handle(Connection& connection, uint32_t events);
  void receive(Connection& connection);
  void serve(Connection& connection, const Request& request);
  void register_name(Connection& connection, const Registration& asked);
  void stop_name(Connection& connection, const std::string& name);
  void kill(Connection& connection);
  // True: the client is on this host. Otherwise it is disconnected.
  bool require_local(Connection& connection, const char* what);
  void answer(Connection& connection, std::vector<uint8_t> bytes, bool then_close);
  void answer_text(Connection& connection, const char* text);
  void flush(Connection& connection);
  void close(Connection& connection, const std::string& reason);

  const ServerOptions options_;
  Log& log_;
  NameTable names_;
  int epoll_ = -1;
  size_t connection_limit_;
  std::vector<int> listeners_;
  std::unordered_map<int, std::unique_ptr<Connection>> connections_;
  std::list<int> waiting_;  // connections without a name, oldest first
  bool ending_ = false;
};

}  // namespace hanse::epmd
