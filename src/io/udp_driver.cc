// udp_inet: datagrams. Requests are sendto with a prefix, and recv (60); see prim_inet.
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <sys/epoll.h>

#include <algorithm>

#include "base/per_thread.h"
#include "io/built_in_drivers.h"
#include "io/inet_driver.h"
#include "io/posix_error.h"
#include "term/atom.h"
#include "term/build.h"

namespace hanse {

namespace {

constexpr size_t largest_datagram = 65536;
constexpr uint8_t datagram_code = 2;
constexpr uint32_t infinite = 0xffffffff;

struct Datagram {
  const uint8_t* bytes;
  size_t size;
  SocketAddress from;
  msghdr header;
};

class UdpDriver final : public InetDriver {
 public:
  explicit UdpDriver(Port& port) : InetDriver(port, SOCK_DGRAM, datagram_code) {}
  void output(Term caller, IoQueue data) override;
  void descriptor_ready(uint32_t role, uint32_t events) override;
  void deadline_passed(uint64_t timer) override;
  bool closing() override {
    if (waiting_) send_async_error(waiting_process_, waiting_id_, am::closed);
    waiting_ = false;
    deadline_.cancel();
    return true;
  }

 private:
  int control_more(Term caller, uint32_t operation, RequestReader& request, std::string& reply) override;
  int connect(Term caller, RequestReader& request, std::string& reply);
  int receive(Term caller, RequestReader& request, std::string& reply);
  void active_changed() override;
  bool is_tcp() const override { return false; }

  bool wants_input() const { return waiting_ || settings_.active != ActiveMode::passive; }
  // False: nothing there, or nobody wants more.
  bool read_one();
  void read_failed(int error);
  void deliver(const Datagram& datagram);
  void deliver_to_waiting(const Datagram& datagram);
  void deliver_to_owner(const Datagram& datagram);
  Term ancillary_term(Arena& arena, const Datagram& datagram);
  Term payload(Arena& arena, const Datagram& datagram);

  bool waiting_ = false;  // a recv is pending
  Term waiting_process_;
  uint16_t waiting_id_ = 0;
  size_t waiting_length_ = 0;
  Deadline deadline_;
};

// One ancillary value of an outgoing datagram, as setopts encodes it, as a control message.
bool add_control_message(RequestReader& reader, int family, std::string& control) {
  int level, type;
  switch (reader.u8()) {
    case 9: level = IPPROTO_IP, type = IP_TOS; break;
    case 41: level = IPPROTO_IPV6, type = IPV6_TCLASS; break;
    case 46: level = family == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP, type = family == AF_INET6 ? IPV6_HOPLIMIT : IP_TTL; break;
    default: return false;
  }
  int value = reader.i32();
  alignas(cmsghdr) char buffer[CMSG_SPACE(sizeof value)] = {};
  auto* item = reinterpret_cast<cmsghdr*>(buffer);
  item->cmsg_level = level;
  item->cmsg_type = type;
  item->cmsg_len = CMSG_LEN(sizeof value);
  std::memcpy(CMSG_DATA(item), &value, sizeof value);
  control.append(buffer, sizeof buffer);
  return reader.ok();
}

bool is_family(uint8_t code) { return code >= 1 && code <= 5; }

void UdpDriver::output(Term caller, IoQueue data) {
  port_.count_output(data.size());
  if (!has(is_open)) return send_reply_error(caller, am::eafnosupport);
  // The address and the ancillary data are at the front; the payload follows and is not copied.
  uint8_t prefix[320 + 512];
  size_t prefix_size = std::min(sizeof prefix, data.size());
  data.peek(prefix, prefix_size);
  Bytes rest(prefix, prefix_size);
  SocketAddress to;
  if (!take_address(rest, family_, to)) return send_reply_error(caller, is_family(prefix[0]) ? am::einval : am::eafnosupport);
  RequestReader reader(rest);
  uint32_t control_size = reader.u32();
  RequestReader control_reader(reader.take(control_size));
  std::string control;
  while (reader.ok() && !control_reader.empty())
    if (!add_control_message(control_reader, family_, control)) return send_reply_error(caller, am::einval);
  if (!reader.ok()) return send_reply_error(caller, am::einval);
  data.consume(prefix_size - reader.rest().size());

  iovec vectors[64];
  msghdr message{};
  std::string flat;
  int count = data.fill(vectors, 64);
  size_t covered = 0;
  for (int i = 0; i < count; i++) covered += vectors[i].iov_len;
  if (covered < data.size()) {
    flat = data.to_string();
    vectors[0] = {flat.data(), flat.size()};
    count = 1;
  }
  message.msg_iov = vectors;
  message.msg_iovlen = static_cast<size_t>(count);
  if (!has(is_connected)) {
    message.msg_name = &to.any;
    message.msg_namelen = to.length;
  }
  if (!control.empty()) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
  }
  sent_.add(data.size());
  ssize_t sent = sendmsg(socket_, &message, MSG_NOSIGNAL);
  if (sent < 0) return send_reply_error(caller, posix_error_atom(errno));
  send_reply(caller, am::ok);
}

int UdpDriver::control_more(Term caller, uint32_t operation, RequestReader& request, std::string& reply) {
  switch (operation) {
    case 3: return connect(caller, request, reply);
    case 60: return receive(caller, request, reply);
    default: return unknown_operation;
  }
}

int UdpDriver::connect(Term caller, RequestReader& request, std::string& reply) {
  if (!has(is_open)) return unknown_operation;
  request.u32();  // the timeout: connecting a datagram socket never waits
  Bytes rest = request.rest();
  SocketAddress address;
  if (!take_address(rest, family_, address)) return EINVAL;
  if (has(is_connected)) {  // otherwise it would keep the address that it sends from, which may not lead to the new peer
    sockaddr none{};
    none.sa_family = AF_UNSPEC;
    ::connect(socket_, &none, sizeof none);
    state_ &= ~is_connected;
  }
  if (::connect(socket_, &address.any, address.length) != 0) return errno;
  state_ |= is_connected;
  uint16_t id = next_async_id();
  append_u16(reply, id);
  send_async(caller, id, am::ok);
  return 0;
}

int UdpDriver::receive(Term caller, RequestReader& request, std::string& reply) {
  if (!has(is_open)) return EINVAL;
  uint32_t timeout = request.u32(), length = request.u32();
  if (!request.ok() || settings_.active != ActiveMode::passive) return EINVAL;
  if (waiting_) return EALREADY;
  waiting_ = true;
  waiting_process_ = caller;
  waiting_id_ = next_async_id();
  waiting_length_ = length;
  append_u16(reply, waiting_id_);
  if (ignored_ || read_one() || !waiting_) return 0;
  if (timeout == 0) {
    waiting_ = false;
    send_async_error(caller, waiting_id_, am::timeout);
    return 0;
  }
  if (timeout != infinite) deadline_.start(&port_, timeout);
  watch_.set(EPOLLIN);
  return 0;
}

void UdpDriver::deadline_passed(uint64_t timer) {
  if (!deadline_.passed(timer) || !waiting_) return;
  waiting_ = false;
  active_changed();
  send_async_error(waiting_process_, waiting_id_, am::timeout);
}

void UdpDriver::active_changed() {
  if (has(is_open)) watch_.set(wants_input() && !ignored_ ? EPOLLIN : 0u);
}

void UdpDriver::descriptor_ready(uint32_t, uint32_t) {
  for (uint32_t i = 0; i < settings_.read_packets && has(is_open) && wants_input(); i++)
    if (!read_one()) break;
  active_changed();
}

bool UdpDriver::read_one() {
  static thread_local PerThread<uint8_t[largest_datagram]> room;
  auto& buffer = room.get();
  alignas(cmsghdr) char control[512];
  Datagram datagram{.bytes = buffer};
  size_t capacity = waiting_ && waiting_length_ != 0 ? waiting_length_ : settings_.buffer;
  iovec vector{buffer, std::min(capacity, sizeof buffer)};
  datagram.header = {};
  datagram.header.msg_name = &datagram.from.any;
  datagram.header.msg_namelen = sizeof datagram.from.storage;
  datagram.header.msg_iov = &vector;
  datagram.header.msg_iovlen = 1;
  datagram.header.msg_control = control;
  datagram.header.msg_controllen = sizeof control;
  ssize_t size = recvmsg(socket_, &datagram.header, 0);
  if (size < 0) {
    if (errno == EAGAIN || errno == EINTR) return false;
    read_failed(errno);
    return true;
  }
  datagram.size = static_cast<size_t>(size);
  datagram.from.length = datagram.header.msg_namelen;
  received_.add(datagram.size);
  deliver(datagram);
  return true;
}

void UdpDriver::read_failed(int error) {
  Term reason = posix_error_atom(error);
  if (waiting_) {
    waiting_ = false;
    deadline_.cancel();
    send_async_error(waiting_process_, waiting_id_, reason);
  } else {
    send_error_to_owner(am::udp_error, reason);
  }
}

void UdpDriver::deliver(const Datagram& datagram) {
  if (waiting_) {
    waiting_ = false;
    deadline_.cancel();
    deliver_to_waiting(datagram);
  } else {
    deliver_to_owner(datagram);
    count_delivery(am::udp_passive);
  }
}

// The payload, with `header` bytes of it as a list in front.
Term UdpDriver::payload(Arena& arena, const Datagram& datagram) {
  std::string_view bytes(reinterpret_cast<const char*>(datagram.bytes), datagram.size);
  if (!settings_.binary) return make_string(arena, bytes);
  size_t listed = std::min<size_t>(settings_.header, bytes.size());
  Term tail = make_binary(arena, bytes.substr(listed));
  return listed == 0 ? tail : make_string(arena, bytes.substr(0, listed), tail);
}

// [{tos, 3}, ...] if any of recvtos, recvtclass and recvttl is on, else none().
Term UdpDriver::ancillary_term(Arena& arena, const Datagram& datagram) {
  auto& header = const_cast<msghdr&>(datagram.header);
  Term pairs[8];
  size_t count = 0;
  for (cmsghdr* item = CMSG_FIRSTHDR(&header); item != nullptr && count < 8; item = CMSG_NXTHDR(&header, item)) {
    Term name;
    if (item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_TOS)
      name = am::tos;
    else if (item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_TTL)
      name = am::ttl;
    else if (item->cmsg_level == IPPROTO_IPV6 && item->cmsg_type == IPV6_TCLASS)
      name = am::tclass;
    else
      continue;
    int value = 0;
    std::memcpy(&value, CMSG_DATA(item), std::min(item->cmsg_len - CMSG_LEN(0), sizeof value));
    pairs[count++] = make_tuple(arena, name, Term::small(value));
  }
  return count == 0 ? Term::none() : make_list(arena, std::span<const Term>(pairs, count));
}

static size_t message_words(const Datagram& datagram) { return 128 + 2 * std::min<size_t>(datagram.size, 64); }

void UdpDriver::deliver_to_waiting(const Datagram& datagram) {
  FragmentArena arena(message_words(datagram) + (settings_.binary ? 0 : 2 * datagram.size));
  std::string address;
  append_address(address, datagram.from);
  Term value = make_string(arena, address, payload(arena, datagram));
  Term ancillary = ancillary_term(arena, datagram);
  if (!ancillary.is_none()) value = make_tuple(arena, value, ancillary);
  send_async_ok(waiting_process_, waiting_id_, arena, value);
}

void UdpDriver::deliver_to_owner(const Datagram& datagram) {
  FragmentArena arena(message_words(datagram) + (settings_.binary ? 0 : 2 * datagram.size));
  if (!settings_.deliver_term) {
    std::string address;
    append_address(address, datagram.from);
    Term data = make_string(arena, address, payload(arena, datagram));
    Term content = make_tuple(arena, am::data, data);
    return port_.send_to_owner(arena, make_tuple(arena, port_.self, content));
  }
  Term elements[6] = {am::udp, port_.self, address_term(arena, datagram.from), Term::small(address_port(datagram.from))};
  size_t count = 4;
  Term ancillary = ancillary_term(arena, datagram);
  if (!ancillary.is_none()) elements[count++] = ancillary;
  elements[count++] = payload(arena, datagram);
  port_.send_to_owner(arena, hanse::make_tuple(arena, std::span<const Term>(elements, count)));
}

}  // namespace

std::unique_ptr<Driver> open_udp_driver(Port& port, const PortOptions& options, const std::string&, OpenFailure&) {
  (void)options;
  return std::make_unique<UdpDriver>(port);
}

}  // namespace hanse
