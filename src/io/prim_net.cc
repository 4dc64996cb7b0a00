// prim_net: names of hosts, services and interfaces, asked of the C library (net:getaddrinfo/2 and its relatives).
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "bif/list_builder.h"
#include "bif/tables.h"
#include "io/posix_error.h"
#include "io/prim_socket_address.h"
#include "process/call.h"
#include "term/map.h"
#include "term/text.h"

namespace hanse {
namespace {

// Errors of getaddrinfo and getnameinfo.
Term resolver_error(int code) {
  switch (code) {
    case EAI_AGAIN: return am::eagain;
    case EAI_BADFLAGS: return am::ebadflags;
    case EAI_FAIL: return am::efail;
    case EAI_FAMILY: return am::efamily;
    case EAI_MEMORY: return am::emem;
    case EAI_NODATA: return am::enodata;
    case EAI_NONAME: return am::enoname;
    case EAI_SERVICE: return am::eservice;
    case EAI_SOCKTYPE: return am::esocktype;
    case EAI_SYSTEM: return am::esystem;
    case EAI_ADDRFAMILY: return am::eaddrfamily;
    case EAI_OVERFLOW: return am::eoverflow;
    default: return am::unknown;
  }
}
Term resolver_failure(Arena& arena, int code) {
  return make_tuple(arena, am::error, code == EAI_SYSTEM ? posix_error_atom(errno) : resolver_error(code));
}

Result prim_net_nif_info_0(Call& call) { return MapBuilder(call.arena()).add(am::debug, am::false_).finish(); }
Result prim_net_nif_command_1(Call& call) { return posix_error(call.arena(), EINVAL); }

Result prim_net_nif_gethostname_0(Call& call) {
  char name[256];
  if (gethostname(name, sizeof(name)) != 0) return posix_error(call.arena(), errno);
  name[sizeof(name) - 1] = 0;
  return ok_tuple(call.arena(), make_string(call.arena(), name));
}

// `undefined`: not given.
bool decode_text(Term term, std::string& text, bool& given) {
  given = term != am::undefined;
  if (!given) return true;
  auto characters = characters_of_list(term);
  if (!characters || characters->find('\0') != std::string::npos) return false;
  text = std::move(*characters);
  return true;
}

Result prim_net_nif_getaddrinfo_3(Call& call) {
  std::string host, service;
  bool has_host, has_service;
  if (!decode_text(call.args[0], host, has_host) || !decode_text(call.args[1], service, has_service)) return raise_badarg(call);
  addrinfo* list = nullptr;
  int code = getaddrinfo(has_host ? host.c_str() : nullptr, has_service ? service.c_str() : nullptr, nullptr, &list);
  if (code != 0) return resolver_failure(call.arena(), code);
  ListBuilder result(call.arena());
  for (addrinfo* item = list; item != nullptr; item = item->ai_next) {
    SocketAddress address;
    std::memcpy(&address.storage, item->ai_addr, std::min<size_t>(item->ai_addrlen, sizeof(address.storage)));
    address.length = item->ai_addrlen;
    result.add(MapBuilder(call.arena())
                   .add(am::addr, encode_socket_address(call.arena(), address))
                   .add(am::family, encode_domain(item->ai_family))
                   .add(am::protocol, Term::small(item->ai_protocol))
                   .add(am::type, encode_socket_type(item->ai_socktype))
                   .finish());
  }
  freeaddrinfo(list);
  return ok_tuple(call.arena(), result.finish());
}

bool decode_name_flags(Term list, int& flags) {
  static constexpr struct {
    Term name;
    int flag;
  } known[] = {{am::namereqd, NI_NAMEREQD},       {am::dgram, NI_DGRAM},           {am::nofqdn, NI_NOFQDN},
               {am::numerichost, NI_NUMERICHOST}, {am::numericserv, NI_NUMERICSERV}, {am::idn, NI_IDN}};
  flags = 0;
  if (list == am::undefined) return true;
  for (; list.is_cons(); list = list.as_cons()->tail) {
    int flag = 0;
    for (auto& row : known)
      if (row.name == list.as_cons()->head) flag = row.flag;
    if (flag == 0) return false;
    flags |= flag;
  }
  return list.is_nil();
}

Result prim_net_nif_getnameinfo_2(Call& call) {
  SocketAddress address;
  int flags;
  if (!decode_socket_address(call.args[0], address) || !decode_name_flags(call.args[1], flags)) return raise_badarg(call);
  char host[NI_MAXHOST], service[NI_MAXSERV];
  int code = getnameinfo(&address.any, address.length, host, sizeof(host), service, sizeof(service), flags);
  if (code != 0) return resolver_failure(call.arena(), code);
  Term info = MapBuilder(call.arena())
                  .add(am::host, make_string(call.arena(), host))
                  .add(am::service, make_string(call.arena(), service))
                  .finish();
  return ok_tuple(call.arena(), info);
}

Term encode_interface_flags(Arena& arena, unsigned flags) {
  static constexpr struct {
    unsigned flag;
    Term name;
  } known[] = {{IFF_UP, am::up},           {IFF_BROADCAST, am::broadcast}, {IFF_DEBUG, am::debug},
               {IFF_LOOPBACK, am::loopback}, {IFF_POINTOPOINT, am::pointopoint}, {IFF_NOTRAILERS, am::notrailers},
               {IFF_RUNNING, am::running}, {IFF_NOARP, am::noarp},         {IFF_PROMISC, am::promisc},
               {IFF_MASTER, am::master},   {IFF_SLAVE, am::slave},         {IFF_MULTICAST, am::multicast},
               {IFF_PORTSEL, am::portsel}, {IFF_AUTOMEDIA, am::automedia}, {IFF_DYNAMIC, am::dynamic}};
  ListBuilder list(arena);
  for (auto& row : known)
    if ((flags & row.flag) != 0) list.add(row.name);
  return list.finish();
}

bool copy_address(const sockaddr* from, SocketAddress& to) {
  if (from == nullptr) return false;
  switch (from->sa_family) {
    case AF_INET: to.length = 16; break;
    case AF_INET6: to.length = 28; break;
    case AF_PACKET: to.length = 20; break;
    default: return false;
  }
  std::memcpy(&to.storage, from, to.length);
  return true;
}

Result prim_net_nif_getifaddrs_1(Call& call) {
  if (!call.args[0].is_map()) return raise_badarg(call);
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return posix_error(call.arena(), errno);
  ListBuilder result(call.arena());
  for (ifaddrs* item = list; item != nullptr; item = item->ifa_next) {
    MapBuilder map(call.arena());
    auto add = [&](Term key, const sockaddr* from) {
      SocketAddress address;
      if (copy_address(from, address)) map.add(key, encode_socket_address(call.arena(), address));
    };
    add(am::addr, item->ifa_addr);
    if ((item->ifa_flags & IFF_BROADCAST) != 0) add(am::broadaddr, item->ifa_broadaddr);
    else if ((item->ifa_flags & IFF_POINTOPOINT) != 0) add(am::dstaddr, item->ifa_dstaddr);
    map.add(am::flags, encode_interface_flags(call.arena(), item->ifa_flags));
    map.add(am::name, make_string(call.arena(), item->ifa_name));
    add(am::netmask, item->ifa_netmask);
    result.add(map.finish());
  }
  freeifaddrs(list);
  return ok_tuple(call.arena(), result.finish());
}

Result prim_net_nif_if_name2index_1(Call& call) {
  auto name = characters_of_list(call.args[0]);
  if (!name) return raise_badarg(call);
  unsigned index = if_nametoindex(name->c_str());
  if (index == 0) return posix_error(call.arena(), errno);
  return ok_tuple(call.arena(), Term::small(index));
}

Result prim_net_nif_if_index2name_1(Call& call) {
  if (!call.args[0].is_small() || call.args[0].as_small() < 0 || call.args[0].as_small() > UINT32_MAX) return raise_badarg(call);
  char name[IF_NAMESIZE];
  if (if_indextoname(static_cast<unsigned>(call.args[0].as_small()), name) == nullptr) return posix_error(call.arena(), errno);
  return ok_tuple(call.arena(), make_string(call.arena(), name));
}

Result prim_net_nif_if_names_0(Call& call) {
  struct if_nameindex* list = if_nameindex();
  if (list == nullptr) return posix_error(call.arena(), errno);
  ListBuilder result(call.arena());
  for (auto* item = list; item->if_index != 0; item++)
    result.add(make_tuple(call.arena(), Term::small(item->if_index), make_string(call.arena(), item->if_name)));
  if_freenameindex(list);
  return ok_tuple(call.arena(), result.finish());
}

// Exists on Windows only.
Result not_supported(Call& call) { return raise_error(call, am::notsup); }

constexpr BifKind io = BifKind::dirty_io;  // name servers may take their time
constexpr Authority host = Authority::host;
constexpr BifRow rows[] = {
    {"prim_net", "nif_command", 1, prim_net_nif_command_1, BifKind::plain, host},
    {"prim_net", "nif_get_adapters_addresses", 1, not_supported, BifKind::plain, host},
    {"prim_net", "nif_get_if_entry", 1, not_supported, BifKind::plain, host},
    {"prim_net", "nif_get_interface_info", 1, not_supported, BifKind::plain, host},
    {"prim_net", "nif_get_ip_address_table", 1, not_supported, BifKind::plain, host},
    {"prim_net", "nif_getaddrinfo", 3, prim_net_nif_getaddrinfo_3, io, host},
    {"prim_net", "nif_gethostname", 0, prim_net_nif_gethostname_0, BifKind::plain, host},
    {"prim_net", "nif_getifaddrs", 1, prim_net_nif_getifaddrs_1, io, host},
    {"prim_net", "nif_getnameinfo", 2, prim_net_nif_getnameinfo_2, io, host},
    {"prim_net", "nif_if_index2name", 1, prim_net_nif_if_index2name_1, BifKind::plain, host},
    {"prim_net", "nif_if_name2index", 1, prim_net_nif_if_name2index_1, BifKind::plain, host},
    {"prim_net", "nif_if_names", 0, prim_net_nif_if_names_0, BifKind::plain, host},
    {"prim_net", "nif_info", 0, prim_net_nif_info_0, BifKind::plain, host},
};

}  // namespace
const BifTable prim_net_bifs = rows;

}  // namespace hanse
