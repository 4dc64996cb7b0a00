// Control operations of tcp_inet, and how a connection ends.
#include "io/tcp_driver.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "io/built_in_drivers.h"
#include "io/posix_error.h"
#include "term/atom.h"

namespace hanse {

static constexpr uint32_t infinite = 0xffffffff;

int TcpDriver::control_more(Term caller, uint32_t operation, RequestReader& request, std::string& reply) {
  switch (operation) {
    case 3: return connect(caller, request, reply);
    case 26: return accept(caller, request, reply);
    case 27: return listen(request);
    case 42: return receive(caller, request, reply);
    case 43: return unreceive(request);
    case 44: return shut_down(request);
    case 45: return start_sendfile(caller, request);
    default: return unknown_operation;
  }
}

int TcpDriver::connect(Term caller, RequestReader& request, std::string& reply) {
  if (!has(is_open)) return unknown_operation;
  if (has(is_connected)) return EISCONN;
  if (has(is_connecting) || has(is_listening)) return EINVAL;
  uint32_t timeout = request.u32();
  Bytes rest = request.rest();
  SocketAddress address;
  if (!request.ok() || !take_address(rest, family_, address)) return EINVAL;
  int result = ::connect(socket_, &address.any, address.length);
  if (result != 0 && errno != EINPROGRESS) return errno;
  connecting_process_ = caller;
  connecting_id_ = next_async_id();
  append_u16(reply, connecting_id_);
  if (result == 0) {
    state_ |= is_connected;
    send_async(caller, connecting_id_, am::ok);
    active_changed();
    return 0;
  }
  state_ |= is_connecting;
  if (timeout != infinite) deadline_.start(&port_, timeout);
  update_interest();
  return 0;
}

void TcpDriver::finish_connecting() {
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  deadline_.cancel();
  state_ &= ~is_connecting;
  if (error != 0) {
    update_interest();
    return send_async_error(connecting_process_, connecting_id_, posix_error_atom(error));
  }
  state_ |= is_connected;
  send_async(connecting_process_, connecting_id_, am::ok);
  active_changed();
}

void TcpDriver::deadline_passed(uint64_t timer) {
  if (deadline_.passed(timer)) {
    if (has(is_connecting)) {
      // The attempt cannot be taken back: the socket goes.
      send_async_error(connecting_process_, connecting_id_, am::timeout);
      close_connection();
    } else if (waiting_) {
      fail_waiting(am::timeout);
      update_interest();
    }
  } else if (send_deadline_.passed(timer)) {
    end_busy(am::timeout);
    if (!settings_.send_timeout_close) return;
    queue_.clear();
    if (settings_.exit_on_close)
      end_port(am::normal);
    else
      close_connection();
  } else {
    accept_deadline_passed(timer);
  }
}

int TcpDriver::shut_down(RequestReader& request) {
  uint8_t how = request.u8();
  if (!request.ok() || how > 2) return EINVAL;
  if (!has(is_connected)) return ENOTCONN;
  if (how != SHUT_RD && !queue_.empty()) {
    shut_down_when_drained_ = true;
    if (how == SHUT_WR) return 0;
    how = SHUT_RD;
  }
  return ::shutdown(socket_, how) == 0 ? 0 : errno;
}

void TcpDriver::update_interest() {
  uint32_t events = 0;
  if (is_readable() && !ignored_ && wants_input()) events |= EPOLLIN;
  if (has(is_listening) && !acceptors_.empty()) events |= EPOLLIN;
  if (has(is_connecting) || (has(is_connected) && (!queue_.empty() || sendfile_ || carrier_blocked_))) events |= EPOLLOUT;
  watch_.set(events);
}

void TcpDriver::active_changed() {
  if (end_untold_ && settings_.active != ActiveMode::passive) return tell_end();
  if (!has(is_open)) return;
  // Input that waits already is delivered without the detour through the poller.
  if (is_readable() && settings_.active != ActiveMode::passive && !ignored_) receive_available(1);
  if (carrier_ && !carrier_blocked_ && has(is_connected) && !write_carrier()) return;
  update_interest();
}

void TcpDriver::descriptor_ready(uint32_t, uint32_t events) {
  if (has(is_connecting)) return finish_connecting();
  if (has(is_listening)) return accept_ready();
  if ((events & EPOLLOUT) != 0 && !write_queue()) return;
  if ((events & EPOLLOUT) != 0 && carrier_ && !write_carrier()) return;
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && wants_input()) receive_available(4);
  // What came in may have been answered.
  if (carrier_ && !carrier_blocked_ && has(is_connected) && !write_carrier()) return;
  update_interest();
}

// A reset is an ordinary close unless show_econnreset is set.
Term TcpDriver::visible_error(int error) const {
  if (error == ECONNRESET && !settings_.show_econnreset) return am::closed;
  return posix_error_atom(error);
}

void TcpDriver::close_connection() {
  deadline_.cancel();
  send_deadline_.cancel();
  if (sendfile_) end_sendfile(am::closed);
  queue_.clear();
  if (port_.is_open()) queue_drained();
  buffer_.clear();
  close_socket();
}

// The port ends by itself: its owner has been told by a message and gets no exit signal.
void TcpDriver::end_port(Term reason) {
  queue_.clear();
  port_.unlink_owner();
  port_.close(reason);
}

// Nobody asks a port that carries a connection to another node how it is: it must tell, also before it is made active.
bool TcpDriver::is_passive() const { return settings_.active == ActiveMode::passive && !carrier_; }

// The connection ended while the socket was passive; whoever makes it active now gets no input, but that message.
void TcpDriver::tell_end() {
  end_untold_ = false;
  if (std::exchange(delayed_reset_, false)) send_error_to_owner(am::tcp_error, am::econnreset);
  send_to_owner(am::tcp_closed);
  if (settings_.exit_on_close) end_port(am::normal);
}

void TcpDriver::peer_closed() {
  end_busy(am::closed);
  buffer_.clear();
  if (is_passive()) {
    end_untold_ = true;
    fail_waiting(am::closed);
    if (settings_.exit_on_close) {
      close_connection();
      delayed_close_send_ = true;
    } else {
      read_closed_ = true;
    }
  } else {
    send_to_owner(am::tcp_closed);
    if (settings_.exit_on_close)
      end_port(am::normal);
    else
      read_closed_ = true;
  }
  update_interest();
}

void TcpDriver::receive_failed(int error) {
  if (error == ECONNRESET && !settings_.show_econnreset) return peer_closed();
  Term reason = posix_error_atom(error);
  end_busy(reason);
  buffer_.clear();
  if (is_passive()) {
    end_untold_ = true;
    fail_waiting(reason);
    if (settings_.exit_on_close)
      close_connection();
    else
      read_closed_ = true;
    return update_interest();
  }
  send_error_to_owner(am::tcp_error, reason);
  send_to_owner(am::tcp_closed);
  if (settings_.exit_on_close)
    end_port(reason);
  else
    close_connection();
}

void TcpDriver::send_failed(int error) {
  // The system says EPIPE where the other side had closed before it reset the connection.
  bool reset = settings_.show_econnreset && (error == ECONNRESET || error == EPIPE);
  bool told = sender_waits_;
  end_busy(reset ? am::econnreset : am::closed);
  queue_.clear();
  if (!is_passive()) {
    if (reset) send_error_to_owner(am::tcp_error, am::econnreset);
    if (!read_closed_) send_to_owner(am::tcp_closed);
    if (settings_.exit_on_close)
      end_port(am::normal);
    else
      close_connection();
    return;
  }
  end_untold_ = true;
  bool receiver_told = waiting_;
  fail_waiting(reset ? am::econnreset : am::closed);
  close_connection();
  delayed_close_receive_ = !receiver_told;
  delayed_close_send_ = !told;
  delayed_reset_ = reset;
}

bool TcpDriver::closing() {
  // Whoever waits for something is told.
  for (Acceptor& acceptor : std::exchange(acceptors_, {})) send_async_error(acceptor.process, acceptor.id, am::closed);
  fail_waiting(am::closed);
  if (has(is_connecting)) send_async_error(connecting_process_, connecting_id_, am::closed);
  end_busy(am::closed);
  deadline_.cancel();
  if (has(is_connected) && !queue_.empty()) {
    // A linger time of zero throws away what is not sent.
    linger value{};
    socklen_t size = sizeof value;
    bool discard = getsockopt(socket_, SOL_SOCKET, SO_LINGER, &value, &size) == 0 && value.l_onoff && value.l_linger == 0;
    if (!discard) {
      settings_.active = ActiveMode::passive;
      update_interest();
      return false;
    }
  }
  queue_.clear();
  return true;
}

void TcpDriver::stop() {
  deadline_.cancel();
  send_deadline_.cancel();
  acceptors_.clear();
  queue_.clear();
  buffer_.clear();
  if (sendfile_) end_sendfile(am::closed);
  close_socket();
}

std::unique_ptr<Driver> open_tcp_driver(Port& port, const PortOptions& options, const std::string&, OpenFailure&) {
  return std::make_unique<TcpDriver>(port, options.binary);
}

}  // namespace hanse
