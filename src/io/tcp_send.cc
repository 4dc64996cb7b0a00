// Output of tcp_inet: a queue with watermarks, timeouts for senders, files.
#include <errno.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "io/posix_error.h"
#include "io/tcp_driver.h"
#include "term/atom.h"
#include "term/build.h"

namespace hanse {

void TcpDriver::output(Term caller, IoQueue data) {
  size_t size = data.size();
  port_.count_output(size);
  if (!has(is_connected)) {
    if (!delayed_close_send_) return send_reply_error(caller, am::enotconn);
    delayed_close_send_ = delayed_close_receive_ = false;
    return send_reply_error(caller, delayed_reset_ ? am::econnreset : am::closed);
  }
  if (carrier_) return send_past_carrier(caller, data);
  size_t header_size = packet_header_size(static_cast<PacketType>(settings_.packet));
  bool was_empty = queue_.empty();
  if (header_size != 0) {
    uint8_t header[4];
    store_be32(header, static_cast<uint32_t>(size));
    queue_.append({header + 4 - header_size, header_size});
  }
  queue_.append(std::move(data));
  sent_.add(size + header_size);
  if (was_empty && !settings_.delay_send && !sendfile_) {
    sender_waits_ = true;
    waiting_sender_ = caller;
    if (!write_queue()) return;  // the sender has been told
    sender_waits_ = false;
    update_interest();
    return send_reply(caller, am::ok);
  }
  update_interest();
  if (queue_.size() < settings_.high_watermark) return send_reply(caller, am::ok);
  state_ |= is_busy_bit;
  sender_waits_ = true;
  waiting_sender_ = caller;
  port_.set_busy(true);
  if (settings_.send_timeout_ms >= 0) send_deadline_.start(&port_, static_cast<uint64_t>(settings_.send_timeout_ms));
}

// The sender that waits gets its answer: am::ok or the reason of an error.
void TcpDriver::end_busy(Term outcome) {
  if (!sender_waits_) return;
  sender_waits_ = false;
  send_deadline_.cancel();
  state_ &= ~is_busy_bit;
  if (outcome == am::ok)
    send_reply(waiting_sender_, am::ok);
  else
    send_reply_error(waiting_sender_, outcome);
  if (port_.is_busy()) port_.set_busy(false);
}

void TcpDriver::queue_drained() {
  for (Term subscriber : std::exchange(empty_queue_subscribers_, {})) {
    FragmentArena arena(4);
    port_.send_to(subscriber, arena, make_tuple(arena, am::empty_out_q, port_.self));
  }
}

// False: the connection failed, or the port has ended.
bool TcpDriver::write_queue() {
  for (;;) {
    if (sendfile_ && sendfile_->queued_before == 0) {
      if (!continue_sendfile()) return false;
      if (sendfile_) break;
    }
    if (queue_.empty()) break;
    iovec vectors[64];
    msghdr message{};
    message.msg_iov = vectors;
    message.msg_iovlen = static_cast<size_t>(queue_.fill(vectors, 64, sendfile_ ? sendfile_->queued_before : SIZE_MAX));
    ssize_t written = sendmsg(socket_, &message, MSG_NOSIGNAL);
    if (written < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN) break;
      send_failed(errno);
      port_.finish();
      return false;
    }
    queue_.consume(static_cast<size_t>(written));
    if (sendfile_) sendfile_->queued_before -= static_cast<size_t>(written);
  }
  if (port_.is_busy() && queue_.size() < settings_.low_watermark) end_busy(am::ok);
  if (!queue_.empty() || sendfile_) return true;
  queue_drained();
  if (shut_down_when_drained_) {
    shut_down_when_drained_ = false;
    ::shutdown(socket_, SHUT_WR);
  }
  port_.finish();  // no effect unless the port is closing
  return has(is_connected);
}

// tcp sendfile: descriptor (native int, from prim_file:get_handle), offset u64, length u64.
int TcpDriver::start_sendfile(Term caller, RequestReader& request) {
  if (!has(is_connected)) return ENOTCONN;
  Bytes rest = request.rest();
  if (rest.size() != sizeof(int) + 16) return EINVAL;
  if (sendfile_) return EALREADY;
  int file = load_unaligned<int>(request.take(sizeof(int)).data());
  uint64_t offset = request.u64(), length = request.u64();
  if (offset > INT64_MAX || length > INT64_MAX) return EINVAL;
  // Of our own, as the file may be closed meanwhile.
  int copied = fcntl(file, F_DUPFD_CLOEXEC, 0);
  if (copied < 0) return errno;
  sendfile_ = std::make_unique<Sendfile>(Sendfile{caller, copied, offset, length, 0, queue_.size()});
  if (queue_.empty()) continue_sendfile();
  if (has(is_connected)) update_interest();
  return 0;
}

bool TcpDriver::continue_sendfile() {
  while (sendfile_->remaining > 0) {
    auto position = static_cast<off_t>(sendfile_->offset);
    size_t part = std::min<uint64_t>(sendfile_->remaining, 1 << 20);
    ssize_t count = ::sendfile(socket_, sendfile_->descriptor, &position, part);
    if (count < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN) return true;
      int error = errno;
      end_sendfile(visible_error(error));
      if (error != EPIPE && error != ECONNRESET && error != ENOTCONN) return true;
      send_failed(error);
      return false;
    }
    if (count == 0) break;
    sendfile_->offset += static_cast<uint64_t>(count);
    sendfile_->remaining -= static_cast<uint64_t>(count);
    sendfile_->sent += static_cast<uint64_t>(count);
  }
  end_sendfile(Term::none());
  return true;
}

// {sendfile, Port, {ok, Low, High}} or {error, Reason}}.
void TcpDriver::end_sendfile(Term error) {
  std::unique_ptr<Sendfile> ended = std::move(sendfile_);
  ::close(ended->descriptor);
  FragmentArena arena(16);
  Term result = error.is_none() ? make_tuple(arena, am::ok, Term::small(static_cast<int64_t>(ended->sent & 0xffffffff)),
                                             Term::small(static_cast<int64_t>(ended->sent >> 32)))
                                : make_tuple(arena, am::error, error);
  port_.send_to(ended->caller, arena, make_tuple(arena, am::sendfile, port_.self, result));
}

}  // namespace hanse
