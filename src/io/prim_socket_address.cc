#include "io/prim_socket_address.h"

#include <linux/if_arp.h>
#include <linux/if_packet.h>
#include <netinet/in.h>

#include <cstddef>
#include <cstring>

#include "io/contiguous_bytes.h"
#include "term/atom.h"
#include "term/build.h"
#include "term/map.h"

namespace hanse {

Term MapBuilder::finish() { return map_from_pairs(arena_, {keys_, count_}, {values_, count_}); }

struct NamedNumber {
  Term name;
  int number;
};
static constexpr NamedNumber domains[] = {{am::inet, AF_INET}, {am::inet6, AF_INET6}, {am::local, AF_LOCAL}, {am::unspec, AF_UNSPEC}};
static constexpr NamedNumber types[] = {{am::stream, SOCK_STREAM}, {am::dgram, SOCK_DGRAM}, {am::raw, SOCK_RAW},
                                        {am::rdm, SOCK_RDM},       {am::seqpacket, SOCK_SEQPACKET}};

static bool decode_named(std::span<const NamedNumber> table, Term term, int& number) {
  for (auto& row : table)
    if (row.name == term) {
      number = row.number;
      return true;
    }
  if (!term.is_small() || term.as_small() < INT32_MIN || term.as_small() > INT32_MAX) return false;
  number = static_cast<int>(term.as_small());
  return true;
}
static Term encode_named(std::span<const NamedNumber> table, int number) {
  for (auto& row : table)
    if (row.number == number) return row.name;
  return Term::small(number);
}
bool decode_domain(Term term, int& domain) { return decode_named(domains, term, domain); }
Term encode_domain(int domain) { return encode_named(domains, domain); }
bool decode_socket_type(Term term, int& type) { return decode_named(types, term, type); }
Term encode_socket_type(int type) { return encode_named(types, type); }

Term encode_ipv4(Arena& arena, const void* network_order) {
  auto* bytes = static_cast<const uint8_t*>(network_order);
  return make_tuple(arena, Term::small(bytes[0]), Term::small(bytes[1]), Term::small(bytes[2]), Term::small(bytes[3]));
}
Term encode_ipv6(Arena& arena, const void* network_order) {
  auto* bytes = static_cast<const uint8_t*>(network_order);
  Tuple* tuple = allocate_tuple(arena, 8);
  for (size_t i = 0; i < 8; i++) tuple->elements[i] = Term::small(load_be16(bytes + 2 * i));
  return Term::boxed(tuple);
}
static bool decode_groups(Term term, size_t count, int64_t maximum, uint16_t* groups) {
  if (!is_tuple_of_arity(term, count)) return false;
  for (size_t i = 0; i < count; i++) {
    Term group = as_tuple(term)->elements[i];
    if (!group.is_small() || group.as_small() < 0 || group.as_small() > maximum) return false;
    groups[i] = static_cast<uint16_t>(group.as_small());
  }
  return true;
}
bool decode_ipv4(Term term, void* network_order) {
  uint16_t groups[4];
  auto* bytes = static_cast<uint8_t*>(network_order);
  if (term == am::any || term == am::loopback || term == am::broadcast) {
    uint32_t address = term == am::any ? INADDR_ANY : term == am::loopback ? INADDR_LOOPBACK : INADDR_BROADCAST;
    store_be32(bytes, address);
    return true;
  }
  if (!decode_groups(term, 4, 255, groups)) return false;
  for (size_t i = 0; i < 4; i++) bytes[i] = static_cast<uint8_t>(groups[i]);
  return true;
}
bool decode_ipv6(Term term, void* network_order) {
  uint16_t groups[8] = {};
  if (term == am::loopback) groups[7] = 1;
  else if (term != am::any && !decode_groups(term, 8, 65535, groups)) return false;
  for (size_t i = 0; i < 8; i++) store_be16(static_cast<uint8_t*>(network_order) + 2 * i, groups[i]);
  return true;
}

static bool number_in(Term map, Term key, int64_t maximum, int64_t& value) {
  Term term = map_get(map, key);
  if (term.is_none() || !term.is_small() || term.as_small() < 0 || term.as_small() > maximum) return false;
  value = term.as_small();
  return true;
}

static bool decode_inet(Term map, SocketAddress& address) {
  auto& inet = reinterpret_cast<sockaddr_in&>(address.storage);
  int64_t port;
  Term ip = map_get(map, am::addr);
  if (!number_in(map, am::port, 65535, port) || ip.is_none() || !decode_ipv4(ip, &inet.sin_addr)) return false;
  inet.sin_family = AF_INET;
  inet.sin_port = htons(static_cast<uint16_t>(port));
  address.length = sizeof(inet);
  return true;
}

static bool decode_inet6(Term map, SocketAddress& address) {
  auto& inet = reinterpret_cast<sockaddr_in6&>(address.storage);
  int64_t port, flow, scope;
  Term ip = map_get(map, am::addr);
  if (!number_in(map, am::port, 65535, port) || !number_in(map, am::flowinfo, UINT32_MAX, flow) ||
      !number_in(map, am::scope_id, UINT32_MAX, scope) || ip.is_none() || !decode_ipv6(ip, &inet.sin6_addr))
    return false;
  inet.sin6_family = AF_INET6;
  inet.sin6_port = htons(static_cast<uint16_t>(port));
  inet.sin6_flowinfo = static_cast<uint32_t>(flow);
  inet.sin6_scope_id = static_cast<uint32_t>(scope);
  address.length = sizeof(inet);
  return true;
}

// A path that starts with a NUL is an abstract name and has no NUL at its end.
static bool decode_local(Term map, SocketAddress& address) {
  Term path = map_get(map, am::path);
  if (path.is_none() || !path.is_binary()) return false;
  ContiguousBytes bytes(path);
  size_t size = bytes.bytes().size();
  if (size >= sizeof(address.local.sun_path)) return false;
  address.local.sun_family = AF_LOCAL;
  std::memcpy(address.local.sun_path, bytes.bytes().data(), size);
  bool is_abstract = size > 0 && address.local.sun_path[0] == 0;
  address.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + size + (is_abstract ? 0 : 1));
  return true;
}

// Any other family: its bytes as they are.
static bool decode_native(Term map, int family, SocketAddress& address) {
  Term data = map_get(map, am::addr);
  if (data.is_none() || !data.is_binary()) return false;
  ContiguousBytes bytes(data);
  constexpr size_t header = offsetof(sockaddr, sa_data);
  if (bytes.bytes().size() > sizeof(address.storage) - header) return false;
  address.any.sa_family = static_cast<sa_family_t>(family);
  std::memcpy(reinterpret_cast<uint8_t*>(&address.storage) + header, bytes.bytes().data(), bytes.bytes().size());
  address.length = static_cast<socklen_t>(header + bytes.bytes().size());
  return true;
}

bool decode_socket_address(Term map, SocketAddress& address) {
  if (!map.is_map()) return false;
  Term family = map_get(map, am::family);
  int number;
  if (family.is_none() || !decode_domain(family, number)) return false;
  if (family == am::inet) return decode_inet(map, address);
  if (family == am::inet6) return decode_inet6(map, address);
  if (family == am::local) return decode_local(map, address);
  return number >= 0 && number <= UINT16_MAX && decode_native(map, number, address);
}

static Term encode_packet(Arena& arena, const SocketAddress& address) {
  auto& link = reinterpret_cast<const sockaddr_ll&>(address.storage);
  static constexpr NamedNumber kinds[] = {{am::host, PACKET_HOST},           {am::broadcast, PACKET_BROADCAST},
                                          {am::multicast, PACKET_MULTICAST}, {am::otherhost, PACKET_OTHERHOST},
                                          {am::outgoing, PACKET_OUTGOING},   {am::loopback, PACKET_LOOPBACK}};
  static constexpr NamedNumber hardware[] = {{am::ether, ARPHRD_ETHER},   {am::loopback, ARPHRD_LOOPBACK},
                                             {am::netrom, ARPHRD_NETROM}, {am::tunnel, ARPHRD_TUNNEL},
                                             {am::tunnel6, ARPHRD_TUNNEL6}, {am::none, ARPHRD_NONE}};
  Bytes bytes(link.sll_addr, std::min<size_t>(link.sll_halen, sizeof(link.sll_addr)));
  return MapBuilder(arena)
      .add(am::addr, make_binary(arena, bytes))
      .add(am::family, am::packet)
      .add(am::hatype, encode_named(hardware, link.sll_hatype))
      .add(am::ifindex, Term::small(link.sll_ifindex))
      .add(am::pkttype, encode_named(kinds, link.sll_pkttype))
      .add(am::protocol, Term::small(ntohs(link.sll_protocol)))
      .finish();
}

Term encode_socket_address(Arena& arena, const SocketAddress& address) {
  constexpr size_t header = offsetof(sockaddr, sa_data);
  if (address.length >= sizeof(sockaddr_in) && address.any.sa_family == AF_INET) {
    auto& inet = reinterpret_cast<const sockaddr_in&>(address.storage);
    return MapBuilder(arena)
        .add(am::addr, encode_ipv4(arena, &inet.sin_addr))
        .add(am::family, am::inet)
        .add(am::port, Term::small(ntohs(inet.sin_port)))
        .finish();
  }
  if (address.length >= sizeof(sockaddr_in6) && address.any.sa_family == AF_INET6) {
    auto& inet = reinterpret_cast<const sockaddr_in6&>(address.storage);
    return MapBuilder(arena)
        .add(am::addr, encode_ipv6(arena, &inet.sin6_addr))
        .add(am::family, am::inet6)
        .add(am::flowinfo, Term::small(inet.sin6_flowinfo))
        .add(am::port, Term::small(ntohs(inet.sin6_port)))
        .add(am::scope_id, Term::small(inet.sin6_scope_id))
        .finish();
  }
  if (address.length >= header && address.any.sa_family == AF_LOCAL) {
    size_t size = address.length - offsetof(sockaddr_un, sun_path);
    const char* path = address.local.sun_path;
    if (size > 0 && path[0] != 0) size = strnlen(path, size);
    return MapBuilder(arena)
        .add(am::family, am::local)
        .add(am::path, make_binary(arena, std::string_view(path, size)))
        .finish();
  }
  if (address.length >= header && address.any.sa_family == AF_PACKET) return encode_packet(arena, address);
  // Nothing is known about it: its bytes.
  Bytes data;
  if (address.length > header) data = {reinterpret_cast<const uint8_t*>(&address.storage) + header, address.length - header};
  Term family = address.length >= header ? encode_domain(address.any.sa_family) : am::unspec;
  return MapBuilder(arena).add(am::addr, make_binary(arena, data)).add(am::family, family).finish();
}

}  // namespace hanse
