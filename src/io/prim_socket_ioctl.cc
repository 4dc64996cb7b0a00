#include "io/prim_socket_ioctl.h"

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "bif/list_builder.h"
#include "bif/tables.h"
#include "io/posix_error.h"
#include "io/prim_socket.h"
#include "term/map.h"
#include "term/text.h"

namespace hanse {
namespace {

struct NamedNumber {
  Term name;
  int number;
};
constexpr NamedNumber requests[] = {
    {am::gifaddr, SIOCGIFADDR},       {am::gifbrdaddr, SIOCGIFBRDADDR}, {am::gifconf, SIOCGIFCONF},   {am::gifdstaddr, SIOCGIFDSTADDR},
    {am::gifflags, SIOCGIFFLAGS},     {am::gifhwaddr, SIOCGIFHWADDR},   {am::gifindex, SIOCGIFINDEX}, {am::gifmap, SIOCGIFMAP},
    {am::gifmtu, SIOCGIFMTU},         {am::gifname, SIOCGIFNAME},       {am::gifnetmask, SIOCGIFNETMASK},
    {am::giftxqlen, SIOCGIFTXQLEN},   {am::sifaddr, SIOCSIFADDR},       {am::sifbrdaddr, SIOCSIFBRDADDR},
    {am::sifdstaddr, SIOCSIFDSTADDR}, {am::sifflags, SIOCSIFFLAGS},     {am::sifmtu, SIOCSIFMTU},     {am::siftxqlen, SIOCSIFTXQLEN},
};
// 0: unknown to this system.
constexpr NamedNumber flags[] = {
    {am::up, IFF_UP},           {am::broadcast, IFF_BROADCAST}, {am::debug, IFF_DEBUG},           {am::loopback, IFF_LOOPBACK},
    {am::pointopoint, IFF_POINTOPOINT}, {am::notrailers, IFF_NOTRAILERS}, {am::running, IFF_RUNNING}, {am::noarp, IFF_NOARP},
    {am::promisc, IFF_PROMISC}, {am::allmulti, IFF_ALLMULTI},   {am::master, IFF_MASTER},         {am::slave, IFF_SLAVE},
    {am::multicast, IFF_MULTICAST}, {am::portsel, IFF_PORTSEL}, {am::automedia, IFF_AUTOMEDIA},   {am::dynamic, IFF_DYNAMIC},
    {am::lower_up, 0x10000},    {am::dormant, 0x20000},         {am::echo, 0x40000},              {am::cantconfig, 0},
    {am::dying, 0},             {am::knowsepoch, 0},            {am::link0, 0},                   {am::link1, 0},
    {am::link2, 0},             {am::monitor, 0},               {am::nogroup, 0},                 {am::oactive, 0},
    {am::ppromisc, 0},          {am::renaming, 0},              {am::simplex, 0},                 {am::staticarp, 0},
};

Term pairs(Arena& arena, std::span<const NamedNumber> table) {
  ListBuilder list(arena);
  for (auto& row : table) list.add(make_tuple(arena, row.name, Term::small(row.number)));
  return list.finish();
}

Term address_term(Arena& arena, const sockaddr& from) {
  SocketAddress address;
  std::memcpy(&address.storage, &from, sizeof(from));
  address.length = sizeof(from);
  return encode_socket_address(arena, address);
}

bool request_argument(Term term, unsigned long& request) {
  if (!term.is_small() || term.as_small() < 0) return false;
  request = static_cast<unsigned long>(term.as_small());
  return true;
}
bool name_argument(Term term, ifreq& query) {
  auto name = characters_of_list(term);
  if (!name || name->size() >= IFNAMSIZ) return false;
  query = {};
  std::memcpy(query.ifr_name, name->data(), name->size());
  return true;
}

Term flag_list(Arena& arena, unsigned value) {
  ListBuilder list(arena);
  for (auto& row : flags)
    if (row.number != 0 && (value & static_cast<unsigned>(row.number)) != 0) list.add(row.name);
  return list.finish();
}

// gifconf: all interfaces with an IPv4 address.
Result prim_socket_nif_ioctl_2(Call& call) {
  unsigned long request;
  if (!request_argument(call.args[1], request)) return raise_badarg(call);
  SOCKET_OR_RETURN(socket);
  if (request != SIOCGIFCONF) return posix_error(call.arena(), ENOTSUP);
  std::vector<ifreq> entries(16);
  ifconf query;
  for (;;) {
    query.ifc_len = static_cast<int>(entries.size() * sizeof(ifreq));
    query.ifc_req = entries.data();
    if (ioctl(socket->descriptor, request, &query) != 0) return posix_error(call.arena(), errno);
    if (static_cast<size_t>(query.ifc_len) < entries.size() * sizeof(ifreq)) break;
    entries.resize(entries.size() * 2);
  }
  ListBuilder list(call.arena());
  for (size_t i = 0; i < static_cast<size_t>(query.ifc_len) / sizeof(ifreq); i++)
    list.add(MapBuilder(call.arena())
                 .add(am::addr, address_term(call.arena(), entries[i].ifr_addr))
                 .add(am::name, make_string(call.arena(), entries[i].ifr_name))
                 .finish());
  return ok_tuple(call.arena(), list.finish());
}

Term answer_term(Arena& arena, unsigned long request, const ifreq& query) {
  switch (request) {
    case SIOCGIFNAME: return make_string(arena, query.ifr_name);
    case SIOCGIFINDEX: return Term::small(query.ifr_ifindex);
    case SIOCGIFMTU: return Term::small(query.ifr_mtu);
    case SIOCGIFTXQLEN: return Term::small(query.ifr_qlen);
    case SIOCGIFFLAGS: return flag_list(arena, static_cast<uint16_t>(query.ifr_flags));
    case SIOCGIFMAP:
      return MapBuilder(arena)
          .add(am::base_addr, Term::small(query.ifr_map.base_addr))
          .add(am::dma, Term::small(query.ifr_map.dma))
          .add(am::irq, Term::small(query.ifr_map.irq))
          .add(am::mem_end, make_unsigned(arena, query.ifr_map.mem_end))
          .add(am::mem_start, make_unsigned(arena, query.ifr_map.mem_start))
          .add(am::port, Term::small(query.ifr_map.port))
          .finish();
    case SIOCGIFHWADDR: {
      Bytes bytes(reinterpret_cast<const uint8_t*>(query.ifr_hwaddr.sa_data), sizeof(query.ifr_hwaddr.sa_data));
      Term family = Term::small(query.ifr_hwaddr.sa_family);
      if (query.ifr_hwaddr.sa_family == 772) family = am::loopback;
      if (query.ifr_hwaddr.sa_family == 1) family = am::ether;
      return MapBuilder(arena).add(am::addr, make_binary(arena, bytes)).add(am::family, family).finish();
    }
    default: return address_term(arena, query.ifr_addr);
  }
}

Result prim_socket_nif_ioctl_3(Call& call) {
  unsigned long request;
  if (!request_argument(call.args[1], request)) return raise_badarg(call);
  ifreq query = {};
  if (request == SIOCGIFNAME) {
    if (!call.args[2].is_small()) return raise_badarg(call);
    query.ifr_ifindex = static_cast<int>(call.args[2].as_small());
  } else if (!name_argument(call.args[2], query)) {
    return raise_badarg(call);
  }
  SOCKET_OR_RETURN(socket);
  switch (request) {
    case SIOCGIFNAME: case SIOCGIFINDEX: case SIOCGIFMTU: case SIOCGIFTXQLEN: case SIOCGIFFLAGS: case SIOCGIFMAP:
    case SIOCGIFHWADDR: case SIOCGIFADDR: case SIOCGIFDSTADDR: case SIOCGIFBRDADDR: case SIOCGIFNETMASK: break;
    default: return posix_error(call.arena(), ENOTSUP);
  }
  if (ioctl(socket->descriptor, request, &query) != 0) return posix_error(call.arena(), errno);
  return ok_tuple(call.arena(), answer_term(call.arena(), request, query));
}

Result prim_socket_nif_ioctl_4(Call& call) {
  unsigned long request;
  ifreq query;
  if (!request_argument(call.args[1], request) || !name_argument(call.args[2], query)) return raise_badarg(call);
  SOCKET_OR_RETURN(socket);
  Term value = call.args[3];
  switch (request) {
    case SIOCSIFMTU:
    case SIOCSIFTXQLEN:
      if (!value.is_small()) return raise_badarg(call);
      query.ifr_mtu = static_cast<int>(value.as_small());  // the same field as ifr_qlen
      break;
    case SIOCSIFADDR:
    case SIOCSIFDSTADDR:
    case SIOCSIFBRDADDR: {
      SocketAddress address;
      if (!decode_socket_address(value, address)) return raise_badarg(call);
      std::memcpy(&query.ifr_addr, &address.storage, sizeof(query.ifr_addr));
      break;
    }
    case SIOCSIFFLAGS: {
      // A map from the number of each flag to whether it is to be set.
      if (!value.is_map()) return raise_badarg(call);
      ifreq now = query;
      if (ioctl(socket->descriptor, SIOCGIFFLAGS, &now) != 0) return posix_error(call.arena(), errno);
      unsigned bits = static_cast<uint16_t>(now.ifr_flags);
      MapIterator iterator(value);
      for (Term flag, wanted; iterator.next(flag, wanted);) {
        if (!flag.is_small() || (wanted != am::true_ && wanted != am::false_)) return raise_badarg(call);
        auto bit = static_cast<unsigned>(flag.as_small());
        bits = wanted == am::true_ ? bits | bit : bits & ~bit;
      }
      query.ifr_flags = static_cast<short>(bits);
      break;
    }
    default: return posix_error(call.arena(), ENOTSUP);
  }
  if (ioctl(socket->descriptor, request, &query) != 0) return posix_error(call.arena(), errno);
  return am::ok;
}

constexpr BifRow rows[] = {
    {"prim_socket", "nif_ioctl", 2, prim_socket_nif_ioctl_2, BifKind::dirty_io, Authority::host},
    {"prim_socket", "nif_ioctl", 3, prim_socket_nif_ioctl_3, BifKind::dirty_io, Authority::host},
    {"prim_socket", "nif_ioctl", 4, prim_socket_nif_ioctl_4, BifKind::dirty_io, Authority::host},
};

}  // namespace

Term ioctl_requests(Arena& arena) { return pairs(arena, requests); }
Term ioctl_flags(Arena& arena) { return pairs(arena, flags); }

const BifTable prim_socket_ioctl_bifs = rows;

}  // namespace hanse
