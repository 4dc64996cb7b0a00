// Network interfaces: control operations getiflist, ifget, ifset and getifaddrs of the inet drivers.
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "io/inet_driver.h"

namespace hanse {

enum : uint8_t { if_addr = 1, if_broadaddr, if_dstaddr, if_mtu, if_netmask, if_flags, if_hwaddr };

namespace {
// A socket to ask about interfaces with.
class QuerySocket {
 public:
  QuerySocket() : descriptor_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {}
  ~QuerySocket() { close(descriptor_); }
  bool ask(unsigned long request, ifreq& query) const { return ioctl(descriptor_, request, &query) == 0; }

 private:
  int descriptor_;
};
}  // namespace

int list_interfaces(std::string& reply) {
  // Those that have an IPv4 address.
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return errno;
  for (ifaddrs* item = list; item != nullptr; item = item->ifa_next)
    if (item->ifa_addr != nullptr && item->ifa_addr->sa_family == AF_INET)
      reply.append(item->ifa_name, std::strlen(item->ifa_name) + 1);
  freeifaddrs(list);
  return 0;
}

// What is longer than any name is cut, and names no interface.
static bool take_name(RequestReader& request, ifreq& query) {
  Bytes name = request.take(request.u8());
  if (!request.ok()) return false;
  query = {};
  if (!name.empty()) std::memcpy(query.ifr_name, name.data(), std::min<size_t>(name.size(), IFNAMSIZ - 1));
  return true;
}

static uint32_t guest_flags(unsigned flags) {
  uint32_t result = flags & IFF_UP ? 0x1 : 0;
  result |= flags & IFF_BROADCAST ? 0x2u : 0;
  result |= flags & IFF_LOOPBACK ? 0x4u : 0;
  result |= flags & IFF_POINTOPOINT ? 0x8u : 0;
  result |= flags & IFF_RUNNING ? 0x10u : 0;
  result |= flags & IFF_MULTICAST ? 0x20u : 0;
  return result;
}

// Family byte and the bytes of the address; nothing for families that are unknown.
static bool append_ip(std::string& reply, const sockaddr* address) {
  if (address == nullptr) return false;
  if (address->sa_family == AF_INET) {
    reply.push_back(1);
    reply.append(reinterpret_cast<const char*>(&reinterpret_cast<const sockaddr_in*>(address)->sin_addr), 4);
    return true;
  }
  if (address->sa_family == AF_INET6) {
    reply.push_back(2);
    reply.append(reinterpret_cast<const char*>(&reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr), 16);
    return true;
  }
  return false;
}

int get_interface(RequestReader& request, std::string& reply) {
  QuerySocket socket;
  ifreq query;
  if (!take_name(request, query)) return EINVAL;
  auto ask_address = [&](uint8_t option, unsigned long operation) {
    if (!socket.ask(operation, query) || query.ifr_addr.sa_family != AF_INET) return;
    reply.push_back(static_cast<char>(option));
    append_ip(reply, &query.ifr_addr);
  };
  while (!request.empty()) {
    uint8_t option = request.u8();
    switch (option) {
      case if_addr: ask_address(option, SIOCGIFADDR); break;
      case if_broadaddr: ask_address(option, SIOCGIFBRDADDR); break;
      case if_dstaddr: ask_address(option, SIOCGIFDSTADDR); break;
      case if_netmask: ask_address(option, SIOCGIFNETMASK); break;
      case if_mtu:
        if (!socket.ask(SIOCGIFMTU, query)) break;
        reply.push_back(static_cast<char>(option));
        append_u32(reply, static_cast<uint32_t>(query.ifr_mtu));
        break;
      case if_flags:
        if (!socket.ask(SIOCGIFFLAGS, query)) break;
        reply.push_back(static_cast<char>(option));
        append_u32(reply, guest_flags(static_cast<uint16_t>(query.ifr_flags)));
        break;
      case if_hwaddr:
        if (!socket.ask(SIOCGIFHWADDR, query)) break;
        reply.push_back(static_cast<char>(option));
        append_u16(reply, 6);
        reply.append(query.ifr_hwaddr.sa_data, 6);
        break;
      default: return EINVAL;
    }
  }
  return 0;
}

// What cannot be set is ignored; guests without the permission notice by asking.
int set_interface(RequestReader& request) {
  QuerySocket socket;
  ifreq query;
  if (!take_name(request, query)) return EINVAL;
  auto set_address = [&](unsigned long operation) {
    if (request.u8() != 1) return false;
    Bytes ip = request.take(4);
    if (!request.ok()) return false;
    auto* address = reinterpret_cast<sockaddr_in*>(&query.ifr_addr);
    *address = {};
    address->sin_family = AF_INET;
    std::memcpy(&address->sin_addr, ip.data(), 4);
    socket.ask(operation, query);
    return true;
  };
  while (!request.empty()) {
    bool valid = true;
    switch (request.u8()) {
      case if_addr: valid = set_address(SIOCSIFADDR); break;
      case if_broadaddr: valid = set_address(SIOCSIFBRDADDR); break;
      case if_dstaddr: valid = set_address(SIOCSIFDSTADDR); break;
      case if_netmask: valid = set_address(SIOCSIFNETMASK); break;
      case if_mtu:
        query.ifr_mtu = request.i32();
        if (request.ok()) socket.ask(SIOCSIFMTU, query);
        break;
      case if_flags: {
        uint32_t flags = request.u32();
        if (!socket.ask(SIOCGIFFLAGS, query)) break;
        unsigned bits = static_cast<uint16_t>(query.ifr_flags);
        if (flags & 0x1) bits |= IFF_UP;
        if (flags & 0x100) bits &= ~static_cast<unsigned>(IFF_UP);
        if (flags & 0x2) bits |= IFF_BROADCAST;
        if (flags & 0x200) bits &= ~static_cast<unsigned>(IFF_BROADCAST);
        query.ifr_flags = static_cast<short>(bits);
        socket.ask(SIOCSIFFLAGS, query);
        break;
      }
      case if_hwaddr: {
        Bytes address = request.take(request.u16());
        query.ifr_hwaddr.sa_family = AF_UNIX;
        std::memset(query.ifr_hwaddr.sa_data, 0, sizeof query.ifr_hwaddr.sa_data);
        std::memcpy(query.ifr_hwaddr.sa_data, address.data(), std::min(address.size(), sizeof query.ifr_hwaddr.sa_data));
        if (request.ok()) socket.ask(SIOCSIFHWADDR, query);
        break;
      }
      default: return EINVAL;
    }
    if (!valid || !request.ok()) return EINVAL;
  }
  return 0;
}

static void append_addresses(std::string& reply, const ifaddrs& item) {
  auto add = [&](uint8_t option, const sockaddr* address) {
    size_t start = reply.size();
    reply.push_back(static_cast<char>(option));
    if (!append_ip(reply, address)) reply.resize(start);
  };
  if (item.ifa_addr == nullptr) return;
  if (item.ifa_addr->sa_family == AF_PACKET) {
    auto* link = reinterpret_cast<const sockaddr_ll*>(item.ifa_addr);
    if (link->sll_halen == 0) return;
    reply.push_back(if_hwaddr);
    append_u16(reply, link->sll_halen);
    reply.append(reinterpret_cast<const char*>(link->sll_addr), link->sll_halen);
    return;
  }
  if (item.ifa_addr->sa_family != AF_INET && item.ifa_addr->sa_family != AF_INET6) return;
  add(if_addr, item.ifa_addr);
  add(if_netmask, item.ifa_netmask);
  if ((item.ifa_flags & IFF_POINTOPOINT) != 0)
    add(if_dstaddr, item.ifa_dstaddr);
  else if ((item.ifa_flags & IFF_BROADCAST) != 0)
    add(if_broadaddr, item.ifa_broadaddr);
}

int list_interface_addresses(std::string& reply) {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return errno;
  for (ifaddrs* item = list; item != nullptr; item = item->ifa_next) {
    reply.append(item->ifa_name, std::strlen(item->ifa_name) + 1);
    reply.push_back(if_flags);
    append_u32(reply, guest_flags(item->ifa_flags));
    append_addresses(reply, *item);
    reply.push_back(0);
  }
  freeifaddrs(list);
  return 0;
}

}  // namespace hanse
