// setopts and getopts of the inet drivers: option codes as prim_inet numbers them.
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>

#include "io/inet_driver.h"

namespace hanse {

namespace {

enum : uint8_t {
  option_linger = 3,
  option_recbuf = 7,
  option_multicast_if = 11,
  option_add_membership = 14,
  option_drop_membership = 15,
  option_buffer = 20,
  option_header = 21,
  option_active = 22,
  option_packet = 23,
  option_mode = 24,
  option_deliver = 25,
  option_exit_on_close = 26,
  option_high_watermark = 27,
  option_low_watermark = 28,
  option_send_timeout = 30,
  option_delay_send = 31,
  option_packet_size = 32,
  option_read_packets = 33,
  option_raw = 34,
  option_send_timeout_close = 35,
  option_high_message_queue_watermark = 36,
  option_low_message_queue_watermark = 37,
  option_netns = 38,
  option_show_econnreset = 39,
  option_line_delimiter = 40,
  option_bind_to_device = 42,
  option_pktoptions = 45,
  option_debug = 99,
};

// Options that are one int in the kernel. Failures to set are told only where a guest can do something about them.
struct IntegerOption {
  uint8_t code;
  int level;
  int name;
  bool tells_failure;
  int family = 0;  // only for sockets of this family; 0: any
  bool tcp_only = false;
};
constexpr IntegerOption integer_options[] = {
    {0, SOL_SOCKET, SO_REUSEADDR, false},
    {1, SOL_SOCKET, SO_KEEPALIVE, false},
    {2, SOL_SOCKET, SO_DONTROUTE, false},
    {4, SOL_SOCKET, SO_BROADCAST, false},
    {5, SOL_SOCKET, SO_OOBINLINE, false},
    {6, SOL_SOCKET, SO_SNDBUF, false},
    {7, SOL_SOCKET, SO_RCVBUF, false},
    {8, SOL_SOCKET, SO_PRIORITY, true},
    {9, IPPROTO_IP, IP_TOS, true},
    {10, IPPROTO_TCP, TCP_NODELAY, false, 0, true},
    {12, IPPROTO_IP, IP_MULTICAST_TTL, false},
    {13, IPPROTO_IP, IP_MULTICAST_LOOP, false},
    {16, IPPROTO_IPV6, IPV6_V6ONLY, true, AF_INET6},
    {41, IPPROTO_IPV6, IPV6_TCLASS, true},
    {43, IPPROTO_IP, IP_RECVTOS, true},
    {44, IPPROTO_IPV6, IPV6_RECVTCLASS, true},
    {46, IPPROTO_IP, IP_TTL, true},
    {47, IPPROTO_IP, IP_RECVTTL, true},
    {48, IPPROTO_TCP, TCP_CORK, false, 0, true},
};

const IntegerOption* find_integer_option(uint8_t code) {
  for (const IntegerOption& option : integer_options)
    if (option.code == code) return &option;
  return nullptr;
}

}  // namespace

int InetDriver::set_options(RequestReader& request) {
  // An incomplete option at the end is ignored.
  while (request.rest().size() >= 5) {
    uint8_t code = request.u8();
    bool known = true;
    int error = set_local_option(code, request, known);
    if (!known) error = set_socket_option(code, request);
    if (!request.ok()) return EINVAL;
    if (error != 0) return EINVAL;
  }
  active_changed();
  return 0;
}

int InetDriver::set_local_option(uint8_t code, RequestReader& request, bool& known) {
  auto boolean_value = [&] { return request.u32() != 0; };
  switch (code) {
    case option_buffer: settings_.buffer = std::max<uint32_t>(request.u32(), 1); return 0;
    case option_header: settings_.header = request.u32(); return 0;
    case option_active: {
      uint32_t mode = request.u32();
      if (mode == 3) return add_active_count(static_cast<int16_t>(request.u16())) ? 0 : EINVAL;
      settings_.active = mode == 0 ? ActiveMode::passive : mode == 2 ? ActiveMode::once : ActiveMode::active;
      settings_.active_count = 0;
      return 0;
    }
    case option_packet: settings_.packet = request.u32(); return 0;
    case option_mode: settings_.binary = request.u32() == 1; return 0;
    case option_deliver: settings_.deliver_term = request.u32() == 1; return 0;
    case option_exit_on_close: settings_.exit_on_close = boolean_value(); return 0;
    case option_high_watermark: settings_.high_watermark = request.u32(); return 0;
    case option_low_watermark: settings_.low_watermark = request.u32(); return 0;
    case option_send_timeout: settings_.send_timeout_ms = request.i32(); return 0;
    case option_delay_send: settings_.delay_send = boolean_value(); return 0;
    case option_packet_size: settings_.packet_size = request.u32(); return 0;
    case option_read_packets: {
      int32_t count = request.i32();
      if (count <= 0) return EINVAL;
      settings_.read_packets = static_cast<uint32_t>(count);
      return 0;
    }
    case option_send_timeout_close: settings_.send_timeout_close = boolean_value(); return 0;
    case option_high_message_queue_watermark: settings_.high_message_queue_watermark = request.u32(); return 0;
    case option_low_message_queue_watermark: settings_.low_message_queue_watermark = request.u32(); return 0;
    case option_netns: {
      Bytes name = request.take(request.u32());
      settings_.has_network_namespace = true;
      settings_.network_namespace.assign(reinterpret_cast<const char*>(name.data()), name.size());
      return 0;
    }
    case option_show_econnreset: settings_.show_econnreset = boolean_value(); return 0;
    case option_line_delimiter: settings_.line_delimiter = static_cast<uint8_t>(request.u32()); return 0;
    case option_debug: settings_.debug = boolean_value(); return 0;
    default: known = false; return 0;
  }
}

int InetDriver::set_membership(uint8_t code, RequestReader& request) {
  uint32_t family = request.u32(), interface = request.u32();
  bool add = code == option_add_membership;
  if (family == 2) {
    ipv6_mreq membership{};
    Bytes address = request.take(16);
    if (!request.ok()) return EINVAL;
    std::memcpy(&membership.ipv6mr_multiaddr, address.data(), 16);
    membership.ipv6mr_interface = interface;
    int name = add ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP;
    return setsockopt(socket_, IPPROTO_IPV6, name, &membership, sizeof membership) == 0 ? 0 : errno;
  }
  ip_mreqn membership{};
  Bytes group = request.take(4), local = request.take(4);
  if (!request.ok()) return EINVAL;
  std::memcpy(&membership.imr_multiaddr, group.data(), 4);
  std::memcpy(&membership.imr_address, local.data(), 4);
  membership.imr_ifindex = static_cast<int>(interface);
  int name = add ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP;
  return setsockopt(socket_, IPPROTO_IP, name, &membership, sizeof membership) == 0 ? 0 : errno;
}

int InetDriver::set_socket_option(uint8_t code, RequestReader& request) {
  auto set = [this](int level, int name, const void* value, size_t size) {
    return setsockopt(socket_, level, name, value, static_cast<socklen_t>(size)) == 0 ? 0 : errno;
  };
  switch (code) {
    case option_linger: {
      linger value{};
      value.l_onoff = request.i32() != 0;
      value.l_linger = request.i32();
      set(SOL_SOCKET, SO_LINGER, &value, sizeof value);
      return 0;
    }
    case option_multicast_if: {
      Bytes value = request.take(4);
      if (!request.ok()) return EINVAL;
      if (family_ == AF_INET6) {
        int index = static_cast<int>(load_be32(value.data()));
        return set(IPPROTO_IPV6, IPV6_MULTICAST_IF, &index, sizeof index);
      }
      return set(IPPROTO_IP, IP_MULTICAST_IF, value.data(), 4);
    }
    case option_add_membership:
    case option_drop_membership: return set_membership(code, request);
    case option_raw: {
      int level = request.i32(), name = request.i32();
      Bytes value = request.take(request.u32());
      if (request.ok()) set(level, name, value.data(), value.size());
      return 0;
    }
    case option_bind_to_device: {
      Bytes value = request.take(request.u32());
      if (!request.ok() || value.size() >= IFNAMSIZ) return EINVAL;
      return set(SOL_SOCKET, SO_BINDTODEVICE, value.data(), value.size());
    }
    default: break;
  }
  const IntegerOption* option = find_integer_option(code);
  if (option == nullptr) return EINVAL;
  int value = request.i32();
  if (!request.ok()) return EINVAL;
  // A read takes as much as the kernel holds; a datagram never has more than 64 KB.
  if (code == option_recbuf && value > static_cast<int>(settings_.buffer))
    settings_.buffer = is_tcp() ? static_cast<uint32_t>(value) : std::min<uint32_t>(static_cast<uint32_t>(value), 65536);
  int error = set(option->level, option->name, &value, sizeof value);
  return option->tells_failure ? error : 0;
}

int InetDriver::get_options(RequestReader& request, std::string& reply) {
  while (!request.empty()) {
    uint8_t code = request.u8();
    if (code == option_raw) {
      int error = append_raw_option(request, reply);
      if (error != 0) return error;
      continue;
    }
    if (code == option_line_delimiter) return EINVAL;
    if (append_local_option(code, reply)) continue;
    if (!append_socket_option(code, reply)) return EINVAL;
  }
  return 0;
}

bool InetDriver::append_local_option(uint8_t code, std::string& reply) {
  auto add = [&](uint32_t value) {
    reply.push_back(static_cast<char>(code));
    append_u32(reply, value);
    return true;
  };
  // Unsupported ones are left out of the answer.
  auto add_tcp = [&](uint32_t value) { return is_tcp() ? add(value) : true; };
  switch (code) {
    case option_buffer: return add(settings_.buffer);
    case option_header: return add(settings_.header);
    case option_active:
      add(static_cast<uint32_t>(settings_.active));
      if (settings_.active == ActiveMode::multi) append_u16(reply, static_cast<uint16_t>(settings_.active_count));
      return true;
    case option_packet: return add(settings_.packet);
    case option_mode: return add(settings_.binary);
    case option_deliver: return add(settings_.deliver_term);
    case option_exit_on_close: return add(settings_.exit_on_close);
    case option_high_watermark: return add_tcp(settings_.high_watermark);
    case option_low_watermark: return add_tcp(settings_.low_watermark);
    case option_send_timeout: return add_tcp(static_cast<uint32_t>(settings_.send_timeout_ms));
    case option_delay_send: return add_tcp(settings_.delay_send);
    case option_packet_size: return add(settings_.packet_size);
    case option_read_packets: return is_tcp() ? true : add(settings_.read_packets);
    case option_send_timeout_close: return add_tcp(settings_.send_timeout_close);
    case option_high_message_queue_watermark: return add(settings_.high_message_queue_watermark);
    case option_low_message_queue_watermark: return add(settings_.low_message_queue_watermark);
    case option_netns:
      if (!settings_.has_network_namespace) return true;
      add(static_cast<uint32_t>(settings_.network_namespace.size()));
      reply += settings_.network_namespace;
      return true;
    case option_show_econnreset: return add_tcp(settings_.show_econnreset);
    case option_debug: return add(settings_.debug);
    default: return false;
  }
}

bool InetDriver::append_socket_option(uint8_t code, std::string& reply) {
  auto add_code = [&] { reply.push_back(static_cast<char>(code)); };
  switch (code) {
    case option_linger: {
      linger value{};
      socklen_t size = sizeof value;
      if (getsockopt(socket_, SOL_SOCKET, SO_LINGER, &value, &size) != 0) return true;
      add_code();
      append_u32(reply, static_cast<uint32_t>(value.l_onoff));
      append_u32(reply, static_cast<uint32_t>(value.l_linger));
      return true;
    }
    case option_multicast_if: {
      // An address or an index, then the family.
      uint8_t value[4] = {};
      socklen_t size = sizeof value;
      bool inet6 = family_ == AF_INET6;
      int name = inet6 ? IPV6_MULTICAST_IF : IP_MULTICAST_IF;
      if (getsockopt(socket_, inet6 ? IPPROTO_IPV6 : IPPROTO_IP, name, value, &size) != 0) return true;
      add_code();
      if (inet6)
        append_u32(reply, load_unaligned<uint32_t>(value));
      else
        reply.append(reinterpret_cast<const char*>(value), 4);
      append_u32(reply, inet6 ? 2 : 1);
      return true;
    }
    case option_bind_to_device: {
      char name[IFNAMSIZ] = {};
      socklen_t size = sizeof name;
      if (getsockopt(socket_, SOL_SOCKET, SO_BINDTODEVICE, name, &size) != 0) return true;
      size_t length = strnlen(name, size);
      add_code();
      append_u32(reply, static_cast<uint32_t>(length));
      reply.append(name, length);
      return true;
    }
    case option_pktoptions: append_packet_options(reply); return true;
    default: break;
  }
  const IntegerOption* option = find_integer_option(code);
  if (option == nullptr) return false;
  if ((option->tcp_only && !is_tcp()) || (option->family != 0 && option->family != family_)) return true;
  int value = 0;
  socklen_t size = sizeof value;
  if (getsockopt(socket_, option->level, option->name, &value, &size) != 0) return true;
  add_code();
  append_u32(reply, static_cast<uint32_t>(value));
  return true;
}

int InetDriver::append_raw_option(RequestReader& request, std::string& reply) {
  int level = request.i32(), name = request.i32();
  std::string value;
  if (request.u8() != 0) {
    Bytes initial = request.take(request.u32());
    value.assign(reinterpret_cast<const char*>(initial.data()), initial.size());
  } else {
    uint32_t size = request.u32();
    if (size > 65536) return EINVAL;
    value.resize(size);
  }
  if (!request.ok()) return EINVAL;
  socklen_t size = static_cast<socklen_t>(value.size());
  if (getsockopt(socket_, level, name, value.data(), &size) != 0) return 0;
  reply.push_back(option_raw);
  append_u32(reply, static_cast<uint32_t>(level));
  append_u32(reply, static_cast<uint32_t>(name));
  append_u32(reply, size);
  reply.append(value, 0, size);
  return 0;
}

// Ancillary values of the latest packet of a stream socket (IP_PKTOPTIONS), as nested options.
void InetDriver::append_packet_options(std::string& reply) {
  if (!is_tcp() || (family_ != AF_INET && family_ != AF_INET6)) return;
  alignas(cmsghdr) char buffer[1024];
  socklen_t size = sizeof buffer;
  bool inet6 = family_ == AF_INET6;
  int name = inet6 ? IPV6_2292PKTOPTIONS : IP_PKTOPTIONS;
  if (getsockopt(socket_, inet6 ? IPPROTO_IPV6 : IPPROTO_IP, name, buffer, &size) != 0) return;
  std::string nested;
  msghdr message{};
  message.msg_control = buffer;
  message.msg_controllen = size;
  for (cmsghdr* item = CMSG_FIRSTHDR(&message); item != nullptr; item = CMSG_NXTHDR(&message, item)) {
    int value = 0;
    size_t length = item->cmsg_len - CMSG_LEN(0);
    std::memcpy(&value, CMSG_DATA(item), std::min(length, sizeof value));
    uint8_t code = item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_TOS       ? 9
                   : item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_TTL     ? 46
                   : item->cmsg_level == IPPROTO_IPV6 && item->cmsg_type == IPV6_TCLASS ? 41
                                                                                        : 0;
    if (code == 0) continue;
    nested.push_back(static_cast<char>(code));
    append_u32(nested, static_cast<uint32_t>(value));
  }
  reply.push_back(option_pktoptions);
  append_u32(reply, static_cast<uint32_t>(nested.size()));
  reply += nested;
}

}  // namespace hanse
