// See inet_address.h.
#include "io/inet_address.h"

#include <netinet/in.h>

#include "term/atom.h"
#include "term/build.h"

namespace hanse {

int native_family(uint8_t family) {
  switch (static_cast<InetFamily>(family)) {
    case InetFamily::inet: return AF_INET;
    case InetFamily::inet6: return AF_INET6;
    case InetFamily::local: return AF_UNIX;
    default: return -1;
  }
}

static sockaddr_in& as_inet(SocketAddress& address) { return reinterpret_cast<sockaddr_in&>(address.storage); }
static sockaddr_in6& as_inet6(SocketAddress& address) { return reinterpret_cast<sockaddr_in6&>(address.storage); }
static const sockaddr_in& as_inet(const SocketAddress& a) { return reinterpret_cast<const sockaddr_in&>(a.storage); }
static const sockaddr_in6& as_inet6(const SocketAddress& a) { return reinterpret_cast<const sockaddr_in6&>(a.storage); }

static void set_inet(SocketAddress& address, uint16_t port, const void* ip) {
  as_inet(address).sin_family = AF_INET;
  as_inet(address).sin_port = htons(port);
  std::memcpy(&as_inet(address).sin_addr, ip, 4);
  address.length = sizeof(sockaddr_in);
}
static void set_inet6(SocketAddress& address, uint16_t port, const void* ip) {
  as_inet6(address).sin6_family = AF_INET6;
  as_inet6(address).sin6_port = htons(port);
  std::memcpy(&as_inet6(address).sin6_addr, ip, 16);
  address.length = sizeof(sockaddr_in6);
}

static bool set_wildcard(SocketAddress& address, int family, uint16_t port, bool loopback) {
  static const uint8_t any4[4] = {0, 0, 0, 0}, loopback4[4] = {127, 0, 0, 1};
  if (family == AF_INET) {
    set_inet(address, port, loopback ? loopback4 : any4);
  } else if (family == AF_INET6) {
    set_inet6(address, port, loopback ? &in6addr_loopback : &in6addr_any);
  } else {
    return false;
  }
  return true;
}

static bool set_local(SocketAddress& address, Bytes path) {
  address.local.sun_family = AF_UNIX;
  if (path.size() > sizeof address.local.sun_path) return false;
  // Abstract names begin with a zero byte and are not terminated.
  if (!path.empty()) std::memcpy(address.local.sun_path, path.data(), path.size());
  address.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  if (!path.empty() && path[0] != 0) {
    if (path.size() == sizeof address.local.sun_path) return false;
    address.length++;
  }
  return true;
}

bool take_address(Bytes& request, int family, SocketAddress& address) {
  RequestReader reader(request);
  auto kind = static_cast<InetFamily>(reader.u8());
  bool known = true;
  switch (kind) {
    case InetFamily::inet: {
      uint16_t port = reader.u16();
      Bytes ip = reader.take(4);
      if (reader.ok()) set_inet(address, port, ip.data());
      break;
    }
    case InetFamily::inet6: {
      uint16_t port = reader.u16();
      Bytes ip = reader.take(16);
      uint32_t flow = reader.u32(), scope = reader.u32();
      if (!reader.ok()) break;
      set_inet6(address, port, ip.data());
      as_inet6(address).sin6_flowinfo = flow;
      as_inet6(address).sin6_scope_id = scope;
      break;
    }
    case InetFamily::any:
    case InetFamily::loopback: {
      uint16_t port = reader.u16();
      known = set_wildcard(address, family, port, kind == InetFamily::loopback);
      break;
    }
    case InetFamily::local: {
      uint8_t size = reader.u8();
      Bytes path = reader.take(size);
      known = reader.ok() && set_local(address, path);
      break;
    }
    default: return false;
  }
  if (!known || !reader.ok()) return false;
  request = reader.rest();
  return true;
}

// The bytes of a local name, without what the kernel pads.
static std::string_view local_name(const SocketAddress& address) {
  size_t start = offsetof(sockaddr_un, sun_path);
  if (address.length <= start) return {};
  size_t size = address.length - start;
  const char* path = address.local.sun_path;
  return {path, path[0] == 0 ? size : strnlen(path, size)};
}

void append_address(std::string& reply, const SocketAddress& address) {
  switch (address.any.sa_family) {
    case AF_INET:
      reply.push_back(static_cast<char>(InetFamily::inet));
      append_u16(reply, ntohs(as_inet(address).sin_port));
      reply.append(reinterpret_cast<const char*>(&as_inet(address).sin_addr), 4);
      break;
    case AF_INET6:
      reply.push_back(static_cast<char>(InetFamily::inet6));
      append_u16(reply, ntohs(as_inet6(address).sin6_port));
      reply.append(reinterpret_cast<const char*>(&as_inet6(address).sin6_addr), 16);
      break;
    case AF_UNIX: {
      std::string_view name = local_name(address);
      reply.push_back(static_cast<char>(InetFamily::local));
      reply.push_back(static_cast<char>(name.size()));
      reply.append(name);
      break;
    }
    default: reply.push_back(static_cast<char>(InetFamily::unspecified));
  }
}

Term address_term(Arena& arena, const SocketAddress& address) {
  Term parts[8];
  switch (address.any.sa_family) {
    case AF_INET: {
      auto* ip = reinterpret_cast<const uint8_t*>(&as_inet(address).sin_addr);
      for (int i = 0; i < 4; i++) parts[i] = Term::small(ip[i]);
      return hanse::make_tuple(arena, std::span<const Term>(parts, 4));
    }
    case AF_INET6: {
      auto* ip = reinterpret_cast<const uint8_t*>(&as_inet6(address).sin6_addr);
      for (int i = 0; i < 8; i++) parts[i] = Term::small(load_be16(ip + 2 * i));
      return hanse::make_tuple(arena, std::span<const Term>(parts, 8));
    }
    case AF_UNIX: return make_tuple(arena, am::local, make_binary(arena, local_name(address)));
    default: return make_tuple(arena, am::unspec, make_binary(arena, std::string_view()));
  }
}

uint16_t address_port(const SocketAddress& address) {
  if (address.any.sa_family == AF_INET) return ntohs(as_inet(address).sin_port);
  if (address.any.sa_family == AF_INET6) return ntohs(as_inet6(address).sin6_port);
  return 0;
}

}  // namespace hanse
