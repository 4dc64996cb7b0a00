// tcp_inet as the carrier of a connection to another node: frames of four bytes of length go to and come from the
// distribution instead of a process.
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "io/tcp_driver.h"
#include "term/atom.h"

namespace hanse {

bool TcpDriver::attach_carrier(CarrierClient* client) {
  if (carrier_ || !has(is_connected)) return false;
  carrier_ = CarrierRef(client);
  // What the system holds back cannot be overtaken any more. Without the option large transfers delay others by more.
  static constexpr int max_unsent_bytes = 256 * 1024;
  (void)setsockopt(socket_, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &max_unsent_bytes, sizeof max_unsent_bytes);
  return true;
}

void TcpDriver::ending(Term reason) {
  if (!carrier_) return;
  CarrierRef ended = std::move(carrier_);
  carrier_blocked_ = false;
  ended->closed(reason);
}

TcpDriver::Framing TcpDriver::deliver_frame() {
  Bytes data = buffer_.bytes();
  if (data.size() < 4) return Framing::incomplete;
  size_t length = load_be32(data.data());
  wanted_ = length + 4;
  if (data.size() < wanted_) return Framing::incomplete;
  received_.add(wanted_);
  port_.count_input(wanted_);
  bool fine = carrier_->input(data.subspan(4, length));
  buffer_.consume(wanted_);
  wanted_ = 0;
  if (fine) return Framing::delivered;
  queue_.clear();
  port_.close(am::killed);  // its owner, who waits for the end, is still linked
  return Framing::failed;
}

void TcpDriver::carrier_output() {
  if (!carrier_ || carrier_blocked_ || !has(is_connected)) return;
  if (write_carrier()) update_interest();
}

// So much is written before the poller looks for input again, however fast the peer reads.
static constexpr size_t write_turn_bytes = 256 * 1024;

// False: the connection failed, or the port has ended.
bool TcpDriver::write_carrier() {
  carrier_blocked_ = false;
  iovec pieces[64];
  size_t total = 0;
  while (int count = carrier_->output(pieces, 64)) {
    msghdr message{};
    message.msg_iov = pieces;
    message.msg_iovlen = static_cast<size_t>(count);
    ssize_t written = sendmsg(socket_, &message, MSG_NOSIGNAL);
    if (written < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN) {
        send_failed(errno);
        return false;
      }
      carrier_blocked_ = true;
      break;
    }
    total += static_cast<size_t>(written);
    carrier_->consume_output(static_cast<size_t>(written));
    port_.count_output(static_cast<size_t>(written));
    if (port_.is_busy() && !carrier_->is_full()) port_.set_busy(false);
    size_t frames = carrier_->take_frame_count();
    for (size_t i = 0; i < frames; i++) sent_.add(static_cast<size_t>(written) / frames);
    if (total >= write_turn_bytes) {
      carrier_blocked_ = true;
      break;
    }
  }
  return true;
}

// What processes send over such a port is nothing, a sign of life; OTP's tests send frames that peers must not like.
void TcpDriver::send_past_carrier(Term caller, const IoQueue& data) {
  std::vector<uint8_t> frame(data.size());
  data.peek(frame.data(), frame.size());
  carrier_->send_raw(frame);
  send_reply(caller, am::ok);
  if (!carrier_blocked_ && !write_carrier()) return;
  if (carrier_->is_full()) port_.set_busy(true);
  update_interest();
}

}  // namespace hanse
