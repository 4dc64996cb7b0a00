// prim_socket: what is supported, and figures about sockets.
#include <limits.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <mutex>

#include "bif/list_builder.h"
#include "bif/tables.h"
#include "io/posix_error.h"
#include "io/prim_socket.h"
#include "io/prim_socket_ioctl.h"
#include "io/prim_socket_options.h"

namespace hanse {
namespace {

struct NamedNumber {
  Term name;
  int number;
};
Term pairs(Arena& arena, std::span<const NamedNumber> table) {
  ListBuilder list(arena);
  for (auto& row : table) list.add(make_tuple(arena, row.name, Term::small(row.number)));
  return list.finish();
}

constexpr NamedNumber message_flags[] = {
    {am::cmsg_cloexec, MSG_CMSG_CLOEXEC}, {am::confirm, MSG_CONFIRM}, {am::ctrunc, MSG_CTRUNC},     {am::dontroute, MSG_DONTROUTE},
    {am::eor, MSG_EOR},                   {am::errqueue, MSG_ERRQUEUE}, {am::more, MSG_MORE},       {am::nosignal, MSG_NOSIGNAL},
    {am::oob, MSG_OOB},                   {am::peek, MSG_PEEK},       {am::trunc, MSG_TRUNC},
};

// The names of /etc/protocols: [{[Name | Aliases], Number}], the last line first.
Term protocols(Arena& arena) {
  static auto* mutex = new std::mutex();
  std::lock_guard lock(*mutex);
  Term list = Term::nil();
  setprotoent(0);
  while (protoent* entry = getprotoent()) {
    ListBuilder names(arena);
    names.add(make_atom(entry->p_name));
    for (char** alias = entry->p_aliases; *alias != nullptr; alias++) names.add(make_atom(*alias));
    list = make_cons(arena, make_tuple(arena, names.finish(), Term::small(entry->p_proto)), list);
  }
  endprotoent();
  return list;
}

Term options(Arena& arena) {
  ListBuilder levels(arena);
  for (const OptionLevel& level : option_levels()) {
    ListBuilder list(arena);
    for (const SocketOption& option : level.options)
      list.add(option.number < 0 ? option.name : make_tuple(arena, option.name, Term::small(option.number)));
    levels.add(make_tuple(arena, level.number < 0 ? am::socket : Term::small(level.number), list.finish()));
  }
  return levels.finish();
}

Term features(Arena& arena) {
  static constexpr NamedNumber known[] = {{am::sctp, false}, {am::ipv6, true}, {am::local, true}, {am::netns, true}, {am::sendfile, true}};
  ListBuilder list(arena);
  for (auto& row : known) list.add(make_tuple(arena, row.name, boolean(row.number != 0)));
  return list.finish();
}

Result prim_socket_nif_supports_0(Call& call) { return features(call.arena()); }

Result prim_socket_nif_supports_1(Call& call) {
  Term table = call.args[0];
  if (table == am::msg_flags) return pairs(call.arena(), message_flags);
  if (table == am::protocols) return protocols(call.arena());
  if (table == am::options) return options(call.arena());
  if (table == am::ioctl_requests) return ioctl_requests(call.arena());
  if (table == am::ioctl_flags) return ioctl_flags(call.arena());
  return Term::nil();
}

Result prim_socket_nif_info_0(Call& call) {
  return MapBuilder(call.arena())
      .add(am::counters, MapBuilder(call.arena()).add(am::num_cnt_bits, Term::small(64)).finish())
      .add(am::debug, am::false_)
      .add(am::iov_max, Term::small(IOV_MAX))
      .add(am::iow, am::false_)
      .add(am::socket_debug, am::false_)
      .add(am::use_registry, am::true_)
      .finish();
}

Term counters(Arena& arena, Socket& socket) REQUIRES_LOCK(socket.mutex) {
  auto number = [&](uint64_t value) { return make_unsigned(arena, value); };
  const SocketCounters in = socket.read_counters, out = socket.write_counters;
  return MapBuilder(arena)
      .add(am::acc_fails, number(socket.accept_fails))
      .add(am::acc_success, number(socket.accepts))
      .add(am::acc_tries, number(socket.accept_tries))
      .add(am::acc_waits, number(socket.accept_waits))
      .add(am::read_byte, number(in.bytes))
      .add(am::read_fails, number(in.fails))
      .add(am::read_pkg, number(in.packets))
      .add(am::read_pkg_max, number(in.largest_packet))
      .add(am::read_tries, number(in.tries))
      .add(am::read_waits, number(in.waits))
      .add(am::write_byte, number(out.bytes))
      .add(am::write_fails, number(out.fails))
      .add(am::write_pkg, number(out.packets))
      .add(am::write_pkg_max, number(out.largest_packet))
      .add(am::write_tries, number(out.tries))
      .add(am::write_waits, number(out.waits))
      .finish();
}

Term states(Arena& arena, Socket& socket, SocketSide side) REQUIRES_LOCK(socket.mutex) {
  ListBuilder list(arena);
  bool listens = side == SocketSide::reading && socket.listening, waits = socket.waiting(side) > 0;
  if (listens) list.add(am::listening);
  if (listens && waits) list.add(am::accepting);
  if (waits) list.add(am::selected);
  if (socket.descriptor < 0) list.add(am::closed);
  return list.finish();
}

// Closed sockets can be asked as well.
Result prim_socket_nif_info_1(Call& call) {
  Socket* socket = socket_argument(call.args[0]);
  if (socket == nullptr) return raise_badarg(call);
  Arena& arena = call.arena();
  Lock lock(socket->mutex);
  bool open = socket->descriptor >= 0;
  Term kind = am::normal;
  if (socket->from_descriptor >= 0) kind = make_tuple(arena, am::fromfd, Term::small(socket->from_descriptor));
  Term readers = make_unsigned(arena, socket->waiting(SocketSide::reading));
  return MapBuilder(arena)
      .add(am::counters, counters(arena, *socket))
      .add(am::ctype, kind)
      .add(am::domain, encode_domain(socket->domain))
      .add(am::num_acceptors, socket->listening ? readers : Term::small(0))
      .add(am::num_readers, socket->listening ? Term::small(0) : readers)
      .add(am::num_writers, make_unsigned(arena, socket->waiting(SocketSide::writing)))
      .add(am::owner, open ? socket->owner : am::undefined)
      .add(am::protocol, Term::small(socket->protocol))
      .add(am::rstates, states(arena, *socket, SocketSide::reading))
      .add(am::type, encode_socket_type(socket->type))
      .add(am::wstates, states(arena, *socket, SocketSide::writing))
      .finish();
}

// debug, socket_debug, use_registry: taken, without effect on sockets that are open already.
Result prim_socket_nif_command_1(Call& call) {
  if (!call.args[0].is_map()) return raise_badarg(call);
  return am::ok;
}

constexpr BifRow rows[] = {
    {"prim_socket", "nif_command", 1, prim_socket_nif_command_1, BifKind::plain, Authority::host},
    {"prim_socket", "nif_info", 0, prim_socket_nif_info_0, BifKind::plain, Authority::host},
    {"prim_socket", "nif_info", 1, prim_socket_nif_info_1, BifKind::plain, Authority::host},
    {"prim_socket", "nif_supports", 0, prim_socket_nif_supports_0, BifKind::plain, Authority::host},
    {"prim_socket", "nif_supports", 1, prim_socket_nif_supports_1, BifKind::plain, Authority::host},
};

}  // namespace
const BifTable prim_socket_table_bifs = rows;

}  // namespace hanse
