// prim_socket: sendmsg and recvmsg, with control data.
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <vector>

#include "bif/list_builder.h"
#include "bif/tables.h"
#include "io/contiguous_bytes.h"
#include "io/posix_error.h"
#include "io/prim_socket.h"
#include "io/prim_socket_values.h"
#include "term/map.h"

namespace hanse {
namespace {

// How the data of a control message looks to guests.
enum class ControlShape : uint8_t { bytes, integer, boolean, type_of_service, ipv4_packet_info, ipv4_address, time, descriptors };
struct ControlType {
  int level, type;
  Term name;
  ControlShape shape;
};
constexpr ControlType control_types[] = {
    {SOL_SOCKET, SCM_RIGHTS, am::rights, ControlShape::bytes},
    {SOL_SOCKET, SCM_CREDENTIALS, am::credentials, ControlShape::bytes},
    {SOL_SOCKET, SO_TIMESTAMP, am::timestamp, ControlShape::time},
    {IPPROTO_IP, IP_TOS, am::tos, ControlShape::type_of_service},
    {IPPROTO_IP, IP_TTL, am::ttl, ControlShape::integer},
    {IPPROTO_IP, IP_PKTINFO, am::pktinfo, ControlShape::ipv4_packet_info},
    {IPPROTO_IP, IP_RECVERR, am::recverr, ControlShape::bytes},
    {IPPROTO_IP, IP_ORIGDSTADDR, am::origdstaddr, ControlShape::ipv4_address},
    {IPPROTO_IPV6, IPV6_PKTINFO, am::pktinfo, ControlShape::bytes},
    {IPPROTO_IPV6, IPV6_HOPLIMIT, am::hoplimit, ControlShape::integer},
    {IPPROTO_IPV6, IPV6_TCLASS, am::tclass, ControlShape::integer},
    {IPPROTO_IPV6, IPV6_RECVERR, am::recverr, ControlShape::bytes},
};

int read_int(Bytes data) { return data.size() >= sizeof(int) ? load_unaligned<int>(data.data()) : data.empty() ? 0 : data[0]; }

// The value that goes with the bytes, or none().
Term control_value(Arena& arena, ControlShape shape, Bytes data) {
  switch (shape) {
    case ControlShape::integer: return Term::small(read_int(data));
    case ControlShape::boolean: return boolean(read_int(data) != 0);
    case ControlShape::type_of_service: return encode_type_of_service(read_int(data));
    case ControlShape::time: {
      if (data.size() < sizeof(timeval)) return Term::none();
      auto time = load_unaligned<timeval>(data.data());
      return MapBuilder(arena).add(am::sec, make_integer(arena, time.tv_sec)).add(am::usec, make_integer(arena, time.tv_usec)).finish();
    }
    case ControlShape::ipv4_packet_info: {
      if (data.size() < sizeof(in_pktinfo)) return Term::none();
      auto info = load_unaligned<in_pktinfo>(data.data());
      return MapBuilder(arena)
          .add(am::addr, encode_ipv4(arena, &info.ipi_addr))
          .add(am::ifindex, Term::small(info.ipi_ifindex))
          .add(am::spec_dst, encode_ipv4(arena, &info.ipi_spec_dst))
          .finish();
    }
    case ControlShape::ipv4_address: {
      SocketAddress address;
      address.length = static_cast<socklen_t>(std::min(data.size(), sizeof(address.storage)));
      std::memcpy(&address.storage, data.data(), address.length);
      return encode_socket_address(arena, address);
    }
    default: return Term::none();
  }
}

}  // namespace

Term encode_control(Arena& arena, Bytes buffer) {
  msghdr message = {};
  message.msg_control = const_cast<uint8_t*>(buffer.data());
  message.msg_controllen = buffer.size();
  ListBuilder list(arena);
  for (cmsghdr* item = CMSG_FIRSTHDR(&message); item != nullptr; item = CMSG_NXTHDR(&message, item)) {
    Bytes data(CMSG_DATA(item), item->cmsg_len - CMSG_LEN(0));
    Term level = item->cmsg_level == SOL_SOCKET ? am::socket : Term::small(item->cmsg_level);
    Term type = Term::small(item->cmsg_type), value = Term::none();
    for (auto& known : control_types) {
      if (known.level != item->cmsg_level || known.type != item->cmsg_type) continue;
      type = known.name;
      value = control_value(arena, known.shape, data);
    }
    MapBuilder map(arena);
    map.add(am::data, make_binary(arena, data)).add(am::level, level).add(am::type, type);
    if (!value.is_none()) map.add(am::value, value);
    list.add(map.finish());
  }
  return list.finish();
}

namespace {

// One #{level, type, data | value} behind the others.
bool append_control(Term map, std::vector<uint8_t>& out) {
  if (!map.is_map()) return false;
  Term level_term = map_get(map, am::level), type_term = map_get(map, am::type);
  if (level_term.is_none() || type_term.is_none()) return false;
  int level = level_term == am::socket ? SOL_SOCKET : level_term.is_small() ? static_cast<int>(level_term.as_small()) : -1;
  const ControlType* known = nullptr;
  for (auto& candidate : control_types)
    if (candidate.level == level && (candidate.name == type_term || Term::small(candidate.type) == type_term)) known = &candidate;
  int type = known ? known->type : type_term.is_small() ? static_cast<int>(type_term.as_small()) : -1;
  if (level < 0 || type < 0) return false;
  std::vector<uint8_t> bytes;
  Term data = map_get(map, am::data), value = map_get(map, am::value);
  if (!data.is_none() && data.is_binary()) {
    ContiguousBytes given(data);
    bytes.assign(given.bytes().begin(), given.bytes().end());
  } else {
    int number;
    if (known == nullptr || value.is_none()) return false;
    if (known->shape == ControlShape::type_of_service) {
      if (!decode_type_of_service(value, number)) return false;
    } else if (value == am::true_ || value == am::false_) {
      number = value == am::true_;
    } else if (value.is_small()) {
      number = static_cast<int>(value.as_small());
    } else {
      return false;
    }
    bytes.resize(sizeof(int));
    std::memcpy(bytes.data(), &number, sizeof(int));
  }
  size_t start = out.size();
  out.resize(start + CMSG_SPACE(bytes.size()));
  cmsghdr header = {};
  header.cmsg_len = CMSG_LEN(bytes.size());
  header.cmsg_level = level;
  header.cmsg_type = type;
  std::memcpy(out.data() + start, &header, sizeof(header));
  if (!bytes.empty()) std::memcpy(out.data() + start + CMSG_LEN(0), bytes.data(), bytes.size());
  return true;
}

bool int_argument(Term term, int& value) {
  if (!term.is_small() || term.as_small() < INT_MIN || term.as_small() > INT_MAX) return false;
  value = static_cast<int>(term.as_small());
  return true;
}
bool handle_argument(Term term) { return term.is_internal_reference() || term == am::zero; }

// Socket, message map, flags, handle, list of binaries.
Result prim_socket_nif_sendmsg_5(Call& call) {
  int flags;
  if (!call.args[1].is_map() || !int_argument(call.args[2], flags) || !handle_argument(call.args[3])) return raise_badarg(call);
  std::vector<ContiguousBytes> pieces;
  Term list = call.args[4];
  for (; list.is_cons(); list = list.as_cons()->tail) {
    if (!list.as_cons()->head.is_binary()) return invalid(call, am::iov);
    pieces.emplace_back(list.as_cons()->head);
  }
  if (!list.is_nil()) return invalid(call, am::iov);
  SOCKET_OR_RETURN(socket);

  SocketAddress address;
  Term to = map_get(call.args[1], am::addr), controls = map_get(call.args[1], am::ctrl);
  if (!to.is_none() && !decode_socket_address(to, address)) return invalid(call, am::addr);
  std::vector<uint8_t> control;
  for (; controls.is_cons(); controls = controls.as_cons()->tail)
    if (!append_control(controls.as_cons()->head, control)) return invalid(call, am::ctrl);

  size_t used = std::min<size_t>(pieces.size(), IOV_MAX), size = 0;
  bool all = used == pieces.size();
  // A datagram cannot be cut in pieces.
  if (!all && socket->type != SOCK_STREAM) return invalid(call, am::iov);
  std::vector<iovec> vector(used);
  for (size_t i = 0; i < used; i++) {
    Bytes bytes = pieces[i].bytes();
    vector[i] = {const_cast<uint8_t*>(bytes.data()), bytes.size()};
    size += bytes.size();
  }
  msghdr message = {};
  message.msg_name = address.length > 0 ? &address.storage : nullptr;
  message.msg_namelen = address.length;
  message.msg_iov = vector.data();
  message.msg_iovlen = vector.size();
  message.msg_control = control.empty() ? nullptr : control.data();
  message.msg_controllen = control.size();
  socket->write_counters.tries++;
  ssize_t put = sendmsg(socket->descriptor, &message, flags | MSG_NOSIGNAL);
  if (put < 0 && is_would_block(errno)) {
    socket->write_counters.waits++;
    return wait_or_timeout(call, *socket, SocketSide::writing, call.args[3]);
  }
  if (put < 0) {
    int error = errno;
    socket->write_counters.fails++;
    socket->done(SocketSide::writing, call.process.self);
    return posix_error(call.arena(), error);
  }
  auto count = static_cast<size_t>(put);
  socket->write_counters.count(count);
  call.charge(count / 1024);
  Term written = Term::small(put);
  if (count == size) {
    socket->done(SocketSide::writing, call.process.self);
    if (all) return am::ok;
    return make_tuple(call.arena(), am::iov, written);
  }
  if (call.args[3] == am::zero) return ok_tuple(call.arena(), written);
  socket->write_counters.waits++;
  socket->wait(SocketSide::writing, call.process.self, call.args[3]);
  return make_tuple(call.arena(), am::select, written);
}

Term encode_flags(Arena& arena, int flags) {
  static constexpr struct {
    int flag;
    Term name;
  } known[] = {{MSG_EOR, am::eor}, {MSG_TRUNC, am::trunc}, {MSG_CTRUNC, am::ctrunc}, {MSG_OOB, am::oob}, {MSG_ERRQUEUE, am::errqueue}};
  Term list = Term::nil();
  for (auto& row : known)
    if ((flags & row.flag) != 0) list = make_cons(arena, row.name, list);
  return list;
}

// Socket, buffer size, control size, flags, handle.
Result prim_socket_nif_recvmsg_5(Call& call) {
  int flags, size_argument, control_argument;
  if (!int_argument(call.args[1], size_argument) || !int_argument(call.args[2], control_argument) || size_argument < 0 ||
      control_argument < 0 || !int_argument(call.args[3], flags) || !handle_argument(call.args[4]))
    return raise_badarg(call);
  SOCKET_OR_RETURN(socket);
  size_t size = size_argument != 0 ? static_cast<size_t>(size_argument) : socket->receive_buffer;
  size_t control_size = control_argument != 0 ? static_cast<size_t>(control_argument) : socket->receive_control;
  std::vector<uint8_t> buffer(std::min(size, size_t{1} << 20)), control(std::min(control_size, size_t{1} << 20));
  SocketAddress address;
  iovec vector = {buffer.data(), buffer.size()};
  msghdr message = {};
  message.msg_name = &address.storage;
  message.msg_namelen = sizeof(address.storage);
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  socket->read_counters.tries++;
  ssize_t got = recvmsg(socket->descriptor, &message, flags | MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (got < 0 && is_would_block(errno)) {
    socket->read_counters.waits++;
    return wait_or_timeout(call, *socket, SocketSide::reading, call.args[4]);
  }
  int error = errno;
  socket->done(SocketSide::reading, call.process.self);
  if (got < 0 || (got == 0 && socket->type == SOCK_STREAM)) {
    socket->read_counters.fails++;
    if (got == 0) return make_tuple(call.arena(), am::error, am::closed);
    return posix_error(call.arena(), error);
  }
  auto count = static_cast<size_t>(got);
  socket->read_counters.count(count);
  call.charge(count / 1024);
  Arena& arena = call.arena();
  MapBuilder map(arena);
  if (message.msg_namelen > 0) {
    address.length = message.msg_namelen;
    map.add(am::addr, encode_socket_address(arena, address));
  }
  Term data = make_binary(arena, Bytes(buffer.data(), count));
  map.add(am::ctrl, encode_control(arena, {control.data(), message.msg_controllen}))
      .add(am::flags, encode_flags(arena, message.msg_flags))
      .add(am::iov, make_cons(arena, data, Term::nil()));
  return ok_tuple(arena, map.finish());
}

constexpr BifRow rows[] = {
    {"prim_socket", "nif_recvmsg", 5, prim_socket_nif_recvmsg_5, BifKind::plain, Authority::host},
    {"prim_socket", "nif_sendmsg", 5, prim_socket_nif_sendmsg_5, BifKind::plain, Authority::host},
};

}  // namespace
const BifTable prim_socket_message_bifs = rows;

}  // namespace hanse
