// prim_socket: opening, binding, connecting, accepting, closing.
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "bif/tables.h"
#include "io/contiguous_bytes.h"
#include "io/posix_error.h"
#include "io/prim_socket.h"
#include "term/map.h"
#include "process/send.h"

namespace hanse {
namespace {

// The socket registry (a process of OTP's) hears of every new socket.
void tell_registry(Call& call, Term socket, Term options) {
  Term wanted = options.is_map() ? map_get(options, am::use_registry) : Term::none();
  if (wanted == am::false_) return;
  Arena& arena = call.arena();
  deliver_to_name(am::socket_registry, make_tuple(arena, am::dollar_socket, am::add, make_tuple(arena, am::dollar_socket, socket)));
}

bool int_argument(Term term, int& out) {
  if (!term.is_small() || term.as_small() < INT32_MIN || term.as_small() > INT32_MAX) return false;
  out = static_cast<int>(term.as_small());
  return true;
}

int option_of(int descriptor, int name) {
  int value = -1;
  socklen_t size = sizeof(value);
  return getsockopt(descriptor, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
}

// socket:open/2 of a descriptor; options may say what the system cannot.
Result prim_socket_nif_open_2(Call& call) {
  int given;
  if (!int_argument(call.args[0], given) || !call.args[1].is_map()) return raise_badarg(call);
  Term options = call.args[1];
  int domain = option_of(given, SO_DOMAIN), type = option_of(given, SO_TYPE), protocol = option_of(given, SO_PROTOCOL);
  if (Term term = map_get(options, am::domain); !term.is_none() && !decode_domain(term, domain)) return invalid(call, am::domain);
  if (Term term = map_get(options, am::type); !term.is_none() && !decode_socket_type(term, type)) return invalid(call, am::type);
  if (Term term = map_get(options, am::protocol); !term.is_none() && !int_argument(term, protocol)) return raise_badarg(call);
  if (domain < 0) return invalid(call, am::domain);
  if (type < 0) return invalid(call, am::type);
  int descriptor = given;
  if (map_get(options, am::dup) != am::false_) {
    descriptor = fcntl(given, F_DUPFD_CLOEXEC, 0);
    if (descriptor < 0) return posix_error(call.arena(), errno);
  }
  fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK);
  Term socket = Socket::create(call, descriptor, domain, type, protocol, given);
  tell_registry(call, socket, options);
  return ok_tuple(call.arena(), socket);
}

// In another network namespace if the option says so: the calling thread visits it for the moment.
int open_in_namespace(int domain, int type, int protocol, const std::string& path) {
  int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  int other = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  int descriptor = -1, error = errno;
  if (home >= 0 && other >= 0 && setns(other, CLONE_NEWNET) == 0) {
    descriptor = socket(domain, type, protocol);
    error = errno;
    CHECK(setns(home, CLONE_NEWNET) == 0);
  } else {
    error = errno;
  }
  if (home >= 0) close(home);
  if (other >= 0) close(other);
  errno = error;
  return descriptor;
}

Result prim_socket_nif_open_4(Call& call) {
  int domain, type, protocol;
  if (!decode_domain(call.args[0], domain)) return invalid(call, am::domain);
  if (!decode_socket_type(call.args[1], type)) return invalid(call, am::type);
  if (!int_argument(call.args[2], protocol) || !call.args[3].is_map()) return raise_badarg(call);
  int flagged = type | SOCK_CLOEXEC | SOCK_NONBLOCK;
  Term space = map_get(call.args[3], am::netns);
  int descriptor;
  if (space.is_none()) {
    descriptor = socket(domain, flagged, protocol);
  } else {
    if (!space.is_binary()) return raise_badarg(call);
    descriptor = open_in_namespace(domain, flagged, protocol, std::string(ContiguousBytes(space).text()));
  }
  if (descriptor < 0) return posix_error(call.arena(), errno);
  if (protocol == 0) {
    int chosen = option_of(descriptor, SO_PROTOCOL);
    if (chosen >= 0) protocol = chosen;
  }
  Term term = Socket::create(call, descriptor, domain, type, protocol, -1);
  tell_registry(call, term, call.args[3]);
  return ok_tuple(call.arena(), term);
}

Result prim_socket_nif_bind_2(Call& call) {
  SOCKET_OR_RETURN(socket);
  SocketAddress address;
  if (!decode_socket_address(call.args[1], address)) return invalid(call, am::sockaddr);
  if (bind(socket->descriptor, &address.any, address.length) != 0) return posix_error(call.arena(), errno);
  return am::ok;
}

Result prim_socket_nif_listen_2(Call& call) {
  int backlog;
  if (!int_argument(call.args[1], backlog)) return raise_badarg(call);
  SOCKET_OR_RETURN(socket);
  if (listen(socket->descriptor, backlog) != 0) return posix_error(call.arena(), errno);
  socket->listening = true;
  return am::ok;
}

// How the connection that this process has begun turned out.
Result finish_connecting(Call& call, Socket& socket) REQUIRES_LOCK(socket.mutex) {
  socket.connector = Term::none();
  socket.done(SocketSide::writing, call.process.self);
  int error = option_of(socket.descriptor, SO_ERROR);
  if (error != 0) return posix_error(call.arena(), error);
  return am::ok;
}

// A second call of the process that connects asks how that ended, as connect/1 does.
Result prim_socket_nif_connect_3(Call& call) {
  if (!call.args[1].is_internal_reference()) return raise_badarg(call);
  SOCKET_OR_RETURN(socket);
  SocketAddress address;
  if (!decode_socket_address(call.args[2], address)) return invalid(call, am::sockaddr);
  if (socket->connector == call.process.self) return finish_connecting(call, *socket);
  if (!socket->connector.is_none()) return make_tuple(call.arena(), am::error, am::already);
  if (connect(socket->descriptor, &address.any, address.length) == 0) return am::ok;
  if (errno != EINPROGRESS && errno != EAGAIN) return posix_error(call.arena(), errno);
  socket->connector = call.process.self;
  socket->wait(SocketSide::writing, call.process.self, call.args[1]);
  return am::select;
}

// After the message that a connection is made or has failed.
Result prim_socket_nif_connect_1(Call& call) {
  SOCKET_OR_RETURN(socket);
  if (socket->connector != call.process.self) return raise_error(call, invalid(call, am::state));
  return finish_connecting(call, *socket);
}

// What a new connection takes over from the socket that listens.
struct Accepted {
  int descriptor, domain, type, protocol;
  size_t receive_buffer, receive_count, receive_control, send_control;
};

Result try_accept(Call& call, Accepted& accepted) {
  SOCKET_OR_RETURN(socket);
  socket->accept_tries++;
  int descriptor = accept4(socket->descriptor, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (descriptor < 0) {
    if (is_would_block(errno)) {
      socket->accept_waits++;
      socket->wait(SocketSide::reading, call.process.self, call.args[1]);
      return am::select;
    }
    socket->accept_fails++;
    return posix_error(call.arena(), errno);
  }
  socket->accepts++;
  socket->done(SocketSide::reading, call.process.self);
  accepted = {descriptor,           socket->domain,        socket->type,           socket->protocol,
              socket->receive_buffer, socket->receive_count, socket->receive_control, socket->send_control};
  return am::ok;
}

Result prim_socket_nif_accept_2(Call& call) {
  if (!call.args[1].is_internal_reference()) return raise_badarg(call);
  Accepted accepted = {};
  Term outcome = TRY(try_accept(call, accepted));
  if (outcome != am::ok) return outcome;
  Term term = Socket::create(call, accepted.descriptor, accepted.domain, accepted.type, accepted.protocol, -1);
  {
    Socket* socket = socket_argument(term);
    Lock lock(socket->mutex);
    socket->receive_buffer = accepted.receive_buffer;
    socket->receive_count = accepted.receive_count;
    socket->receive_control = accepted.receive_control;
    socket->send_control = accepted.send_control;
  }
  tell_registry(call, term, Term::none());
  return ok_tuple(call.arena(), term);
}

Result prim_socket_nif_close_1(Call& call) {
  SocketMessages messages;
  SOCKET_OR_RETURN(socket);
  socket->close(call.process.self, messages);
  return am::ok;
}
// The descriptor went with nif_close. The registry hears that the socket is gone.
Result prim_socket_nif_finalize_close_1(Call& call) {
  if (socket_argument(call.args[0]) == nullptr) return raise_badarg(call);
  Arena& arena = call.arena();
  Term socket = make_tuple(arena, am::dollar_socket, call.args[0]);
  deliver_to_name(am::socket_registry, make_tuple(arena, am::dollar_socket, am::del, socket));
  return am::ok;
}

Result prim_socket_nif_shutdown_2(Call& call) {
  int how;
  if (call.args[1] == am::read) how = SHUT_RD;
  else if (call.args[1] == am::write) how = SHUT_WR;
  else if (call.args[1] == am::read_write) how = SHUT_RDWR;
  else return raise_error(call, invalid(call, make_tuple(call.arena(), am::how, call.args[1])));
  SOCKET_OR_RETURN(socket);
  if (shutdown(socket->descriptor, how) != 0) return posix_error(call.arena(), errno);
  return am::ok;
}

Result address_of(Call& call, int (*ask)(int, sockaddr*, socklen_t*)) {
  SOCKET_OR_RETURN(socket);
  SocketAddress address;
  address.length = sizeof(address.storage);
  if (ask(socket->descriptor, &address.any, &address.length) != 0) return posix_error(call.arena(), errno);
  return ok_tuple(call.arena(), encode_socket_address(call.arena(), address));
}
Result prim_socket_nif_sockname_1(Call& call) { return address_of(call, getsockname); }
Result prim_socket_nif_peername_1(Call& call) { return address_of(call, getpeername); }

Result prim_socket_nif_cancel_3(Call& call) {
  SOCKET_OR_RETURN(socket);
  Term operation = call.args[1];
  if (operation == am::accept || operation == am::recv || operation == am::recvfrom || operation == am::recvmsg)
    return socket->cancel(SocketSide::reading, call.args[2]);
  bool writes = operation == am::connect || operation == am::send || operation == am::sendto || operation == am::sendmsg ||
                operation == am::sendfile;
  if (!writes) return raise_badarg(call);
  if (operation == am::connect) socket->connector = Term::none();
  return socket->cancel(SocketSide::writing, call.args[2]);
}

constexpr BifKind plain = BifKind::plain;
constexpr Authority host = Authority::host;
constexpr BifRow rows[] = {
    {"prim_socket", "nif_accept", 2, prim_socket_nif_accept_2, plain, host},
    {"prim_socket", "nif_bind", 2, prim_socket_nif_bind_2, plain, host},
    {"prim_socket", "nif_cancel", 3, prim_socket_nif_cancel_3, plain, host},
    {"prim_socket", "nif_close", 1, prim_socket_nif_close_1, plain, host},
    {"prim_socket", "nif_connect", 1, prim_socket_nif_connect_1, plain, host},
    {"prim_socket", "nif_connect", 3, prim_socket_nif_connect_3, plain, host},
    {"prim_socket", "nif_finalize_close", 1, prim_socket_nif_finalize_close_1, plain, host},
    {"prim_socket", "nif_listen", 2, prim_socket_nif_listen_2, plain, host},
    {"prim_socket", "nif_open", 2, prim_socket_nif_open_2, plain, host},
    {"prim_socket", "nif_open", 4, prim_socket_nif_open_4, plain, host},
    {"prim_socket", "nif_peername", 1, prim_socket_nif_peername_1, plain, host},
    {"prim_socket", "nif_shutdown", 2, prim_socket_nif_shutdown_2, plain, host},
    {"prim_socket", "nif_sockname", 1, prim_socket_nif_sockname_1, plain, host},
};

}  // namespace
const BifTable prim_socket_control_bifs = rows;

}  // namespace hanse
