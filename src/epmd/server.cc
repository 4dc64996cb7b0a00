#include "epmd/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace hanse::epmd {

namespace {

// Descriptors kept for files and listeners, and connections kept for clients that ask although many nodes are
// registered.
constexpr size_t spare_descriptors = 32, spare_connections = 32;
constexpr size_t connections_at_most = 65536;
constexpr int systemd_first_descriptor = 3;

int64_t now_ms() {
  timespec now;
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1000000;
}

size_t raise_descriptor_limit() {
  rlimit limit;
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 256;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  size_t usable = limit.rlim_cur == RLIM_INFINITY ? connections_at_most : limit.rlim_cur;
  return std::min(connections_at_most, usable - std::min(usable / 2, spare_descriptors));
}

bool loopback_or_same(int descriptor) {
  sockaddr_storage peer{}, own{};
  socklen_t peer_size = sizeof peer, own_size = sizeof own;
  if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &peer_size) != 0 ||
      ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&own), &own_size) != 0 || peer.ss_family != own.ss_family)
    return false;
  if (peer.ss_family == AF_INET) {
    auto& address = reinterpret_cast<sockaddr_in&>(peer).sin_addr;
    return (ntohl(address.s_addr) >> 24) == 127 ||
           address.s_addr == reinterpret_cast<sockaddr_in&>(own).sin_addr.s_addr;
  }
  if (peer.ss_family != AF_INET6) return false;
  auto& address = reinterpret_cast<sockaddr_in6&>(peer).sin6_addr;
  bool mapped_loopback = IN6_IS_ADDR_V4MAPPED(&address) && address.s6_addr[12] == 127;
  return IN6_IS_ADDR_LOOPBACK(&address) || mapped_loopback ||
         IN6_ARE_ADDR_EQUAL(&address, &reinterpret_cast<sockaddr_in6&>(own).sin6_addr);
}

}  // namespace

Log::Log(unsigned level, bool daemon) : level_(level), daemon_(daemon) {
  if (daemon) ::openlog("epmd", LOG_PID, LOG_DAEMON);
}

void Log::write(unsigned level, const std::string& text) const {
  if (level > level_) return;
  if (system_log_) return ::syslog(level == 0 ? LOG_WARNING : LOG_DEBUG, "%s", text.c_str());
  std::time_t now = std::time(nullptr);
  char stamp[32] = "";
  ::ctime_r(&now, stamp);
  stamp[std::strcspn(stamp, "\n")] = 0;
  std::fprintf(stderr, "epmd: %s: %s\n", stamp, text.c_str());
}

struct Server::Connection {
  int descriptor;
  bool local;
  Clock deadline;
  std::list<int>::iterator waiting;  // valid while not registered
  bool registered = false;
  bool close_when_written = false;
  std::vector<uint8_t> received, unsent;
  size_t sent = 0;
};

Server::Server(const ServerOptions& options, Log& log)
    : options_(options),
      log_(log),
      names_(static_cast<uint32_t>(std::time(nullptr))),
      connection_limit_(raise_descriptor_limit()) {
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
}

Server::~Server() {
  for (auto& [descriptor, connection] : connections_) ::close(descriptor);
  for (int listener : listeners_) ::close(listener);
  if (epoll_ >= 0) ::close(epoll_);
}

// What is connected to a listening socket, for the log.
static std::string describe(const std::string& address, uint16_t port) {
  return (address.empty() ? "all addresses" : address) + ", port " + std::to_string(port);
}

std::expected<void, ListenError> Server::listen() {
  if (options_.sockets_of_systemd) return take_systemd_sockets();
  std::vector<std::string> addresses = options_.addresses;
  std::vector<std::string> loopback = {"127.0.0.1", "::1"};
  if (addresses.empty()) {
    addresses = {"0.0.0.0"};
    loopback = {"::"};
  }
  for (const std::string& address : addresses)
    if (auto ok = listen_on(address, true); !ok) return ok;
  for (const std::string& address : loopback)
    if (std::find(addresses.begin(), addresses.end(), address) == addresses.end())
      if (auto ok = listen_on(address, address == "127.0.0.1"); !ok) return ok;
  return {};
}

std::expected<void, ListenError> Server::listen_on(const std::string& address, bool must_exist) {
  sockaddr_storage name{};
  auto& four = reinterpret_cast<sockaddr_in&>(name);
  auto& six = reinterpret_cast<sockaddr_in6&>(name);
  socklen_t size = sizeof four;
  if (::inet_pton(AF_INET, address.c_str(), &four.sin_addr) == 1) {
    four.sin_family = AF_INET;
    four.sin_port = htons(options_.port);
  } else if (::inet_pton(AF_INET6, address.c_str(), &six.sin6_addr) == 1) {
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(options_.port);
    size = sizeof six;
  } else {
    log_.problem("expected an IP address, got \"" + address + "\"");
    return std::unexpected(ListenError::failed);
  }
  int descriptor = ::socket(name.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int on = 1;
  bool ok = descriptor >= 0 && ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
            (name.ss_family == AF_INET || ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) == 0) &&
            ::bind(descriptor, reinterpret_cast<sockaddr*>(&name), size) == 0 && ::listen(descriptor, SOMAXCONN) == 0;
  int error = errno;
  if (!ok && descriptor >= 0) ::close(descriptor);
  if (ok) {
    listeners_.push_back(descriptor);
    watch(descriptor, EPOLLIN, EPOLL_CTL_ADD);
    log_.detail("listening on " + describe(address, options_.port));
    return {};
  }
  if (error == EADDRINUSE) return std::unexpected(ListenError::in_use);
  if (!must_exist) return {};  // a host without IPv6
  log_.problem("cannot listen on " + describe(address, options_.port) + ": " + std::strerror(error));
  return std::unexpected(ListenError::failed);
}

// The protocol of sd_listen_fds(3).
std::expected<void, ListenError> Server::take_systemd_sockets() {
  const char* process = std::getenv("LISTEN_PID");
  const char* count = std::getenv("LISTEN_FDS");
  int sockets = process != nullptr && std::atoi(process) == ::getpid() && count != nullptr ? std::atoi(count) : 0;
  if (sockets < 1 || sockets > 64) {
    log_.problem("-systemd: expected sockets from systemd (LISTEN_PID, LISTEN_FDS), got none");
    return std::unexpected(ListenError::failed);
  }
  for (int i = 0; i < sockets; i++) {
    listeners_.push_back(systemd_first_descriptor + i);
    watch(listeners_.back(), EPOLLIN, EPOLL_CTL_ADD);
  }
  return {};
}

void Server::watch(int descriptor, uint32_t events, int operation) {
  epoll_event event{};
  event.events = events;
  event.data.fd = descriptor;
  ::epoll_ctl(epoll_, operation, descriptor, &event);
}

void Server::run() {
  log_.event("serving" + std::string(options_.daemon ? " as a daemon" : ""));
  std::vector<epoll_event> events(256);
  while (!ending_) {
    int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), next_timeout_ms());
    for (int i = 0; i < count && !ending_; i++) {
      int descriptor = events[i].data.fd;
      // A connection may have been closed by an earlier event of this round, and its number reused by a new one:
      // reading then only finds nothing.
      if (auto found = connections_.find(descriptor); found != connections_.end())
        handle(*found->second, events[i].events);
      else if (std::find(listeners_.begin(), listeners_.end(), descriptor) != listeners_.end())
        accept_from(descriptor);
    }
    expire();
  }
}

int Server::next_timeout_ms() const {
  if (waiting_.empty()) return -1;
  int64_t left = connections_.at(waiting_.front())->deadline - now_ms();
  return static_cast<int>(std::max<int64_t>(0, left)) + 1;
}

void Server::expire() {
  int64_t now = now_ms();
  while (!waiting_.empty() && connections_.at(waiting_.front())->deadline <= now)
    drop_oldest("the request took too long");
}

bool Server::drop_oldest(const char* reason) {
  if (waiting_.empty()) return false;
  close(*connections_.at(waiting_.front()), reason);
  return true;
}

void Server::accept_from(int listener) {
  if (options_.delay_accept_s != 0) ::sleep(options_.delay_accept_s);
  // A bounded number, so that others are served in between.
  for (int i = 0; i < 64; i++) {
    int descriptor = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) {
      bool exhausted = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
      if (exhausted && !drop_oldest("no descriptors left")) ::usleep(10000);
      return;
    }
    if (connections_.size() >= connection_limit_) drop_oldest("too many connections");
    auto connection = std::make_unique<Connection>();
    connection->descriptor = descriptor;
    connection->local = loopback_or_same(descriptor);
    connection->deadline = now_ms() + int64_t{options_.packet_timeout_s} * 1000;
    connection->waiting = waiting_.insert(waiting_.end(), descriptor);
    log_.detail(std::string("connection ") + std::to_string(descriptor) +
                (connection->local ? " of a local client" : ""));
    watch(descriptor, EPOLLIN, EPOLL_CTL_ADD);
    connections_[descriptor] = std::move(connection);
  }
}

void Server::handle(Connection& connection, uint32_t events) {
  if ((events & EPOLLOUT) != 0 || !connection.unsent.empty())
    flush(connection);
  else
    receive(connection);
}

void Server::receive(Connection& connection) {
  uint8_t bytes[2048];
  ssize_t count = ::recv(connection.descriptor, bytes, sizeof bytes, 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) return close(connection, connection.received.empty() ? "" : "it left in the middle of a request");
  if (connection.registered) return close(connection, "a registered node sent more than its registration");
  auto& received = connection.received;
  received.insert(received.end(), bytes, bytes + count);
  Framed framed = frame_request(received);
  if (framed.state == Framed::State::incomplete) return;
  if (framed.state == Framed::State::refused) return close(connection, framed.problem);
  auto request = decode_request(framed.request);
  received.clear();
  if (!request) return close(connection, request.error());
  serve(connection, *request);
}

void Server::serve(Connection& connection, const Request& request) {
  if (options_.delay_write_s != 0) ::sleep(options_.delay_write_s);
  if (auto* asked = std::get_if<Registration>(&request)) return register_name(connection, *asked);
  if (auto* bad = std::get_if<BadName>(&request)) {
    if (!require_local(connection, "a registration")) return;
    log_.problem("registration refused: " + bad->reason);
    return answer(connection, registration_answer(RegistrationResult::refused, bad->highest_version, 99), true);
  }
  if (auto* asked = std::get_if<PortRequest>(&request)) {
    const NameEntry* found = names_.find(asked->name);
    log_.event("port of \"" + asked->name +
               "\": " + (found == nullptr ? "unknown" : std::to_string(found->registration.port)));
    return answer(connection, found == nullptr ? port_unknown_answer() : port_answer(found->registration), true);
  }
  if (std::holds_alternative<NamesRequest>(request)) {
    log_.event("list of " + std::to_string(names_.size()) + " names");
    return answer(connection, text_answer(options_.port, names_.names_text()), true);
  }
  if (std::holds_alternative<DumpRequest>(request)) {
    if (require_local(connection, "a dump")) answer(connection, text_answer(options_.port, names_.dump_text()), true);
    return;
  }
  if (std::holds_alternative<KillRequest>(request)) return kill(connection);
  stop_name(connection, std::get<StopRequest>(request).name);
}

bool Server::require_local(Connection& connection, const char* what) {
  if (connection.local) return true;
  close(connection, std::string(what) + " from another host");
  return false;
}

void Server::register_name(Connection& connection, const Registration& asked) {
  if (!require_local(connection, "a registration")) return;
  std::optional<uint32_t> creation;
  if (names_.size() + spare_connections < connection_limit_) creation = names_.add(asked, connection.descriptor);
  if (!creation) {
    log_.problem("registration refused: \"" + asked.name + "\" is " +
                 (names_.find(asked.name) != nullptr ? "taken" : "one too many"));
    return answer(connection, registration_answer(RegistrationResult::refused, asked.highest_version, 99), true);
  }
  log_.event("registered \"" + asked.name + "\", port " + std::to_string(asked.port) + ", creation " +
             std::to_string(*creation));
  connection.registered = true;
  waiting_.erase(connection.waiting);
  answer(connection, registration_answer(RegistrationResult::registered, asked.highest_version, *creation), false);
}

void Server::stop_name(Connection& connection, const std::string& name) {
  if (!require_local(connection, "a stop")) return;
  if (!options_.relaxed_commands) return close(connection, "a stop, which needs -relaxed_command_check");
  const NameEntry* found = names_.find(name);
  if (found == nullptr) return answer_text(connection, "NOEXIST");
  close(*connections_.at(found->owner), "stopped");
  answer_text(connection, "STOPPED");
}

void Server::kill(Connection& connection) {
  if (!require_local(connection, "a kill")) return;
  if (names_.size() != 0 && !options_.relaxed_commands) {
    log_.problem("kill refused: nodes are registered");
    return answer_text(connection, "NO");
  }
  log_.event("ended by request");
  ending_ = true;
  answer_text(connection, "OK");
}

void Server::answer_text(Connection& connection, const char* text) {
  std::string_view view(text);
  answer(connection, {view.begin(), view.end()}, true);
}

void Server::answer(Connection& connection, std::vector<uint8_t> bytes, bool then_close) {
  connection.unsent = std::move(bytes);
  connection.sent = 0;
  connection.close_when_written = then_close;
  flush(connection);
}

void Server::flush(Connection& connection) {
  while (connection.sent < connection.unsent.size()) {
    ssize_t count = ::send(connection.descriptor, connection.unsent.data() + connection.sent,
                           connection.unsent.size() - connection.sent, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return watch(connection.descriptor, EPOLLOUT, EPOLL_CTL_MOD);
    if (count < 0) return close(connection, "it left before its answer");
    connection.sent += static_cast<size_t>(count);
  }
  connection.unsent.clear();
  if (connection.close_when_written) return close(connection, "");
  watch(connection.descriptor, EPOLLIN, EPOLL_CTL_MOD);
}

void Server::close(Connection& connection, const std::string& reason) {
  int descriptor = connection.descriptor;
  if (!reason.empty()) log_.problem("connection " + std::to_string(descriptor) + " closed: " + reason);
  if (connection.registered) {
    log_.event("a node is gone, connection " + std::to_string(descriptor));
    names_.remove_owner(descriptor);
  } else {
    waiting_.erase(connection.waiting);
  }
  ::close(descriptor);
  connections_.erase(descriptor);
}

}  // namespace hanse::epmd
