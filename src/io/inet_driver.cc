// The control operations that every inet driver knows (numbers as prim_inet sends them).
#include "io/inet_driver.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "io/posix_error.h"
#include "term/atom.h"
#include "term/build.h"

namespace hanse {

static constexpr uint32_t operation_base = 0x03f1a300;

void InetStatistics::add(size_t bytes) {
  count++;
  octets += bytes;
  maximum = std::max(maximum, static_cast<uint32_t>(bytes));
  auto value = static_cast<double>(bytes), number = static_cast<double>(count);
  average += (value - average) / number;
  deviation += (std::abs(value - average) - deviation) / number;
}

void InetDriver::close_socket() {
  watch_.stop();
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  state_ = 0;
}

bool InetDriver::control(Term caller, uint32_t operation, Bytes request, std::string& reply) {
  RequestReader reader(request);
  std::string data;
  int error = control_operation(caller, operation - operation_base, reader, data);
  if (error == 0) {
    reply = '\1' + data;
  } else if (error == closed_error) {
    reply = std::string("\0closed", 7);
  } else if (error == unknown_operation) {
    reply = std::string("\0exbadport", 10);
  } else if (error == bad_sequence) {
    reply = std::string("\0exbadseq", 9);
  } else {
    reply = '\0' + std::string(atom_name(posix_error_atom(error)));
  }
  return true;
}

int InetDriver::control_operation(Term caller, uint32_t operation, RequestReader& request, std::string& reply) {
  switch (operation) {
    case 1: return open(request);
    case 4: return append_name(reply, true);
    case 5: return append_name(reply, false);
    case 6: return bind(request, reply);
    case 7: return set_options(request);
    case 8: return get_options(request, reply);
    case 11: return append_statistics(request, reply);
    case 12: return host_name(reply);
    case 13: return adopt_descriptor(request);
    case 14:
      if (!has(is_open)) return unknown_operation;
      append_u32(reply, static_cast<uint32_t>(socket_));
      return 0;
    case 15:
      append_u32(reply, family_ == AF_INET ? 1 : family_ == AF_INET6 ? 2 : 5);
      append_u32(reply, type_code_);
      return 0;
    case 16:
      refresh_state();
      append_u32(reply, state_);
      return 0;
    case 17: return service_by_name(request, reply);
    case 18: return service_by_port(request, reply);
    case 19: return set_fake_name(request, fake_name_);
    case 20: return set_fake_name(request, fake_peer_);
    case 21: return has(is_open) ? list_interfaces(reply) : unknown_operation;
    case 22: return has(is_open) ? get_interface(request, reply) : unknown_operation;
    case 23: return has(is_open) ? set_interface(request) : unknown_operation;
    case 24: return subscribe(caller, request, reply);
    case 25: return list_interface_addresses(reply);
    case 28: {
      ignored_ = request.u8() != 0;
      if (!request.ok()) return EINVAL;
      if (ignored_)
        watch_.set(0);
      else
        active_changed();
      return 0;
    }
    case 29: return append_own_names(reply, false);
    case 30: return append_own_names(reply, true);
    default: return control_more(caller, operation, request, reply);
  }
}

// Runs in the network namespace of that name, for the one call that makes the socket.
static int socket_in_namespace(const std::string& name, int family, int type) {
  int old_namespace = ::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  int wanted = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
  int made = -1, error = errno;
  if (old_namespace >= 0 && wanted >= 0 && setns(wanted, CLONE_NEWNET) == 0) {
    made = ::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    error = errno;
    CHECK(setns(old_namespace, CLONE_NEWNET) == 0);
  } else {
    error = errno;
  }
  if (wanted >= 0) ::close(wanted);
  if (old_namespace >= 0) ::close(old_namespace);
  errno = error;
  return made;
}

int InetDriver::open(RequestReader& request) {
  int family = native_family(request.u8());
  uint8_t type = request.u8();
  if (!request.ok() || !request.empty()) return EINVAL;
  if (type != type_code_) return EINVAL;
  if (has(is_open)) return bad_sequence;
  if (family < 0) return EINVAL;
  int made = settings_.network_namespace.empty()
                 ? ::socket(family, socket_type_ | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)
                 : socket_in_namespace(settings_.network_namespace, family, socket_type_);
  if (made < 0) return errno;
  socket_ = made;
  family_ = family;
  state_ = is_open;
  watch_.start(&port_, socket_, socket_role);
  socket_opened();
  return 0;
}

int InetDriver::adopt_descriptor(RequestReader& request) {
  int family = native_family(request.u8());
  uint8_t type = request.u8();
  int descriptor = request.i32();
  bool bound = request.u32() != 0;
  if (!request.ok() || family < 0 || type != type_code_) return EINVAL;
  if (has(is_open)) return bad_sequence;
  SocketAddress name;
  name.length = sizeof name.storage;
  if (getsockname(descriptor, &name.any, &name.length) != 0) return errno;
  if (name.any.sa_family != family) return EINVAL;
  int actual_type = 0;
  socklen_t size = sizeof actual_type;
  if (getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &actual_type, &size) != 0) return errno;
  if (actual_type != socket_type_) return EINVAL;
  fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK);
  socket_ = descriptor;
  family_ = family;
  state_ = is_open | (bound ? is_bound : 0);
  SocketAddress peer;
  peer.length = sizeof peer.storage;
  if (getpeername(descriptor, &peer.any, &peer.length) == 0) state_ |= is_connected;
  int listening = 0;
  size = sizeof listening;
  if (is_tcp() && getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening != 0)
    state_ |= is_listening;
  watch_.start(&port_, socket_, socket_role);
  socket_opened();
  active_changed();
  return 0;
}

int InetDriver::bind(RequestReader& request, std::string& reply) {
  if (!has(is_open)) return unknown_operation;
  Bytes rest = request.rest();
  SocketAddress address;
  if (!take_address(rest, family_, address)) return EINVAL;
  if (::bind(socket_, &address.any, address.length) != 0) return errno;
  SocketAddress bound;
  bound.length = sizeof bound.storage;
  uint16_t port = address_port(address);
  if (port == 0 && getsockname(socket_, &bound.any, &bound.length) == 0) port = address_port(bound);
  append_u16(reply, port);
  return 0;
}

int InetDriver::append_name(std::string& reply, bool peer) {
  const std::string& fake = peer ? fake_peer_ : fake_name_;
  if (!fake.empty()) {
    reply += fake;
    return 0;
  }
  if (peer && !has(is_connected)) return ENOTCONN;
  return append_own_names(reply, peer);
}

// The names of an association, of which TCP and UDP have one; it is given by a number that they do not look at.
int InetDriver::append_own_names(std::string& reply, bool peer) {
  if (!has(is_open)) return peer ? ENOTCONN : EBADF;
  SocketAddress address;
  address.length = sizeof address.storage;
  int result = peer ? getpeername(socket_, &address.any, &address.length) : getsockname(socket_, &address.any, &address.length);
  if (result != 0) return errno;
  append_address(reply, address);
  return 0;
}

int InetDriver::set_fake_name(RequestReader& request, std::string& fake) {
  fake.clear();
  if (request.empty()) return 0;
  Bytes rest = request.rest();
  SocketAddress address;
  if (!take_address(rest, family_, address)) return EINVAL;
  append_address(fake, address);
  return 0;
}

int InetDriver::append_statistics(RequestReader& request, std::string& reply) {
  auto number = [](double value) { return static_cast<uint32_t>(value); };
  while (!request.empty()) {
    uint8_t item = request.u8();
    reply.push_back(static_cast<char>(item));
    switch (item) {
      case 1: append_u32(reply, static_cast<uint32_t>(received_.count)); break;
      case 2: append_u32(reply, received_.maximum); break;
      case 3: append_u32(reply, number(received_.average)); break;
      case 4: append_u32(reply, number(received_.deviation)); break;
      case 5: append_u32(reply, static_cast<uint32_t>(sent_.count)); break;
      case 6: append_u32(reply, sent_.maximum); break;
      case 7: append_u32(reply, number(sent_.average)); break;
      case 8: append_u32(reply, static_cast<uint32_t>(queue_size())); break;
      case 9: append_u64(reply, received_.octets); break;
      case 10: append_u64(reply, sent_.octets); break;
      default: return EINVAL;
    }
  }
  return 0;
}

int InetDriver::subscribe(Term caller, RequestReader& request, std::string& reply) {
  while (!request.empty()) {
    if (request.u8() != 1) return EINVAL;
    reply.push_back(1);
    append_u32(reply, static_cast<uint32_t>(queue_size()));
    if (queue_size() > 0) empty_queue_subscribers_.push_back(caller);
  }
  return 0;
}

void InetDriver::send_async(Term to, uint16_t id, Term result) {
  FragmentArena arena(8);
  port_.send_to(to, arena, make_tuple(arena, am::inet_async, port_.self, Term::small(id), result));
}
void InetDriver::send_async_error(Term to, uint16_t id, Term reason) {
  FragmentArena arena(12);
  Term result = make_tuple(arena, am::error, reason);
  port_.send_to(to, arena, make_tuple(arena, am::inet_async, port_.self, Term::small(id), result));
}
void InetDriver::send_async_ok(Term to, uint16_t id, FragmentArena& arena, Term value) {
  Term result = make_tuple(arena, am::ok, value);
  port_.send_to(to, arena, make_tuple(arena, am::inet_async, port_.self, Term::small(id), result));
}
void InetDriver::send_reply(Term to, Term result) {
  FragmentArena arena(8);
  port_.send_to(to, arena, make_tuple(arena, am::inet_reply, port_.self, result));
}
void InetDriver::send_reply_error(Term to, Term reason) {
  FragmentArena arena(8);
  Term result = make_tuple(arena, am::error, reason);
  port_.send_to(to, arena, make_tuple(arena, am::inet_reply, port_.self, result));
}
void InetDriver::send_to_owner(Term tag) {
  FragmentArena arena(8);
  port_.send_to_owner(arena, make_tuple(arena, tag, port_.self));
}
void InetDriver::send_error_to_owner(Term tag, Term reason) {
  FragmentArena arena(8);
  port_.send_to_owner(arena, make_tuple(arena, tag, port_.self, reason));
}

void InetDriver::count_delivery(Term passive_tag) {
  if (settings_.active == ActiveMode::once) {
    settings_.active = ActiveMode::passive;
  } else if (settings_.active == ActiveMode::multi && --settings_.active_count <= 0) {
    settings_.active = ActiveMode::passive;
    settings_.active_count = 0;
    send_to_owner(passive_tag);
  }
}

bool InetDriver::add_active_count(int count) {
  int base = settings_.active == ActiveMode::multi ? settings_.active_count : 0;
  if (base + count > INT16_MAX) return false;
  settings_.active = ActiveMode::multi;
  settings_.active_count = base + count;
  if (settings_.active_count <= 0) {
    settings_.active = ActiveMode::passive;
    settings_.active_count = 0;
    send_to_owner(is_tcp() ? am::tcp_passive : am::udp_passive);
  }
  return true;
}

}  // namespace hanse
