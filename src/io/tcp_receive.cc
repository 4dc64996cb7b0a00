// Input of tcp_inet: bytes become packets, packets become messages or answers to recv.
#include <errno.h>
#include <sys/socket.h>

#include <algorithm>

#include "io/posix_error.h"
#include "io/tcp_driver.h"
#include "term/atom.h"
#include "term/build.h"

namespace hanse {

static constexpr uint32_t infinite = 0xffffffff;
static constexpr size_t largest_receive = 0x4000000;

int TcpDriver::receive(Term caller, RequestReader& request, std::string& reply) {
  if (!has(is_connected)) {
    if (!delayed_close_receive_) return ENOTCONN;
    delayed_close_receive_ = delayed_close_send_ = false;
    return std::exchange(delayed_reset_, false) ? ECONNRESET : closed_error;
  }
  uint32_t timeout = request.u32(), length = request.u32();
  if (!request.ok() || settings_.active != ActiveMode::passive) return EINVAL;
  if (settings_.packet != 0 && length != 0) return EINVAL;
  if (length > largest_receive) return ENOMEM;
  if (waiting_) return EALREADY;
  waiting_ = true;
  waiting_process_ = caller;
  waiting_id_ = next_async_id();
  waiting_length_ = length;
  wanted_ = length;  // 0: the packet will tell
  append_u16(reply, waiting_id_);
  if (read_closed_) {
    fail_waiting(am::closed);
    return 0;
  }
  if (!ignored_) receive_available(2);
  if (!waiting_) return 0;
  if (timeout == 0)
    fail_waiting(am::timeout);
  else if (timeout != infinite)
    deadline_.start(&port_, timeout);
  update_interest();
  return 0;
}

int TcpDriver::unreceive(RequestReader& request) {
  if (!has(is_connected)) return ENOTCONN;
  Bytes data = request.take(request.rest().size());
  if (!data.empty()) buffer_.push_front(data);
  if (settings_.active != ActiveMode::passive) active_changed();
  return 0;
}

void TcpDriver::fail_waiting(Term reason) {
  if (!waiting_) return;
  waiting_ = false;
  deadline_.cancel();
  send_async_error(waiting_process_, waiting_id_, reason);
}

void TcpDriver::receive_available(int max_reads) {
  // One wake-up delivers a bounded number of packets: other sockets wait for the same thread.
  int deliveries = 64;
  while (is_readable() && wants_input()) {
    Framing framing = buffer_.empty() ? Framing::incomplete : carrier_ ? deliver_frame() : deliver_packet();
    if (framing == Framing::failed) return;
    if (framing == Framing::delivered) {
      // Buffered packets are not announced by the poller: all of them are delivered.
      deliveries--;
      if (deliveries > 0 || !buffer_.empty()) continue;
      return;
    }
    if (max_reads-- <= 0) return;
    size_t room = wanted_bytes(wanted_);
    uint8_t* space = buffer_.reserve(room);
    ssize_t count = recv(socket_, space, room, 0);
    if (count > 0) {
      buffer_.commit(static_cast<size_t>(count));
      continue;
    }
    if (count == 0) return peer_closed();
    if (errno == EAGAIN || errno == EINTR) return;
    return receive_failed(errno);
  }
}

// How many bytes to ask for. A length that a stranger announced is not allocated before a part of it has come.
size_t TcpDriver::wanted_bytes(size_t packet) const {
  size_t have = buffer_.size();
  if (packet > have) return std::min(packet - have, std::max<size_t>(have, 262144));
  return carrier_ ? 65536 : settings_.buffer;
}

PacketType TcpDriver::packet_type() const {
  auto type = static_cast<PacketType>(settings_.packet);
  if (!http_headers_) return type;
  if (type == PacketType::http) return PacketType::httph;
  if (type == PacketType::http_bin) return PacketType::httph_bin;
  return type;
}

TcpDriver::Framing TcpDriver::deliver_packet() {
  Bytes data = buffer_.bytes();
  if (settings_.packet == 0) {
    size_t size = data.size();
    if (waiting_ && waiting_length_ != 0) {
      wanted_ = waiting_length_;
      if (size < wanted_) return Framing::incomplete;
      size = wanted_;
    }
    deliver(size);
    return Framing::delivered;
  }
  PacketLimits limits{.packet_size = settings_.packet_size, .line_length = settings_.buffer, .line_delimiter = settings_.line_delimiter};
  int64_t length = packet_length(packet_type(), data, limits);
  if (length < 0) {
    receive_failed(EMSGSIZE);
    return Framing::failed;
  }
  wanted_ = static_cast<size_t>(length);
  if (wanted_ == 0 || wanted_ > data.size()) return Framing::incomplete;
  deliver(wanted_);
  return Framing::delivered;
}

// The first `size` bytes as the guest sees them. tag: `tcp`, or what replaces it.
Term TcpDriver::packet_content(FragmentArena& arena, size_t size, Term& tag) {
  PacketType type = packet_type();
  Term special = packet_term(arena, type, buffer_.bytes().first(size));
  if (!special.is_none()) {
    tag = type == PacketType::ssl_tls ? am::ssl_tls : am::http;
    if (type != PacketType::ssl_tls) {
      // Headers follow a first line until the empty one.
      if (special == am::http_eoh)
        http_headers_ = false;
      else if (is_tuple_of_arity(special, 4) || is_tuple_of_arity(special, 5))
        http_headers_ = as_tuple(special)->elements[0] != am::http_error;
    }
    return special;
  }
  size_t start = packet_header_size(type);
  size -= start;
  if (!settings_.binary) {
    Bytes bytes = buffer_.bytes().subspan(start, size);
    return make_string(arena, {reinterpret_cast<const char*>(bytes.data()), size});
  }
  size_t listed = std::min<size_t>(settings_.header, size);
  if (listed == 0) return buffer_.share(arena, start, size);
  Bytes front = buffer_.bytes().subspan(start, listed);
  Term tail = size < settings_.header ? Term::nil() : buffer_.share(arena, start + listed, size - listed);
  return make_string(arena, {reinterpret_cast<const char*>(front.data()), listed}, tail);
}

void TcpDriver::deliver(size_t size) {
  received_.add(size);
  wanted_ = 0;
  size_t content_end = size - packet_trailer_size(packet_type(), buffer_.bytes().first(size));
  size_t words = 32 + (settings_.binary ? 16 : 2 * size);
  FragmentArena arena(words);
  if (waiting_) {
    waiting_ = false;
    deadline_.cancel();
    Term tag;
    Term content = packet_content(arena, content_end, tag);
    buffer_.consume(size);
    send_async_ok(waiting_process_, waiting_id_, arena, content);
    return;
  }
  if (!settings_.deliver_term) {
    size_t start = packet_header_size(packet_type());
    Bytes bytes = buffer_.bytes().subspan(start, content_end - start);
    Term data = port_binary_ && settings_.binary ? make_binary(arena, bytes)
                             : make_string(arena, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    Term content = make_tuple(arena, am::data, data);
    buffer_.consume(size);
    port_.send_to_owner(arena, make_tuple(arena, port_.self, content));
  } else {
    Term tag = am::tcp;
    Term content = packet_content(arena, content_end, tag);
    buffer_.consume(size);
    port_.send_to_owner(arena, make_tuple(arena, tag, port_.self, content));
  }
  count_delivery(am::tcp_passive);
}

}  // namespace hanse
