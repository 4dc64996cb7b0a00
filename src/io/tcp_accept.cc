// Listening sockets of tcp_inet. Any number of processes may wait for connections, each with its own deadline; connections
// are given out in the order in which they asked.
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "base/epoch.h"
#include "io/posix_error.h"
#include "io/tcp_driver.h"
#include "process/process_table.h"
#include "process/send.h"
#include "term/atom.h"
#include "term/build.h"

namespace hanse {

static constexpr uint32_t infinite = 0xffffffff;

int TcpDriver::listen(RequestReader& request) {
  if (!has(is_open)) return unknown_operation;
  uint16_t backlog = request.u16();
  if (!request.ok()) return EINVAL;
  if (::listen(socket_, backlog) != 0) return errno;
  state_ |= is_listening;
  return 0;
}

int TcpDriver::accept(Term caller, RequestReader& request, std::string& reply) {
  if (!has(is_listening)) return EINVAL;
  uint32_t timeout = request.u32();
  if (!request.ok()) return EINVAL;
  uint16_t id = next_async_id();
  if (acceptors_.empty()) {
    int accepted = accept4(socket_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted >= 0) {
      append_u16(reply, id);
      give_connection(accepted, caller, id);
      return 0;
    }
    if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) return errno;
  }
  append_u16(reply, id);
  if (timeout == 0) {
    send_async_error(caller, id, am::timeout);
    return 0;
  }
  Acceptor acceptor{caller, id, nullptr};
  if (timeout != infinite) {
    acceptor.deadline = std::make_unique<Deadline>();
    acceptor.deadline->start(&port_, timeout);
  }
  acceptors_.push_back(std::move(acceptor));
  state_ |= is_accepting;
  update_interest();
  return 0;
}

static bool is_running(Term pid) {
  epoch::Guard guard;
  return find_process(pid) != nullptr;
}

void TcpDriver::forget_dead_acceptors() {
  std::erase_if(acceptors_, [](const Acceptor& acceptor) { return !is_running(acceptor.process); });
  if (acceptors_.empty()) state_ &= ~is_accepting;
}

void TcpDriver::accept_ready() {
  for (;;) {
    // Who has died meanwhile does not get a connection.
    while (!acceptors_.empty() && !is_running(acceptors_.front().process)) acceptors_.pop_front();
    if (acceptors_.empty()) break;
    int accepted = accept4(socket_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted < 0 && (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)) break;
    int error = errno;
    Acceptor acceptor = std::move(acceptors_.front());
    acceptors_.pop_front();
    if (accepted >= 0)
      give_connection(accepted, acceptor.process, acceptor.id);
    else
      send_async_error(acceptor.process, acceptor.id, posix_error_atom(error));
  }
  if (acceptors_.empty()) state_ &= ~is_accepting;
  update_interest();
}

bool TcpDriver::accept_deadline_passed(uint64_t timer) {
  for (auto it = acceptors_.begin(); it != acceptors_.end(); ++it) {
    if (!it->deadline || !it->deadline->passed(timer)) continue;
    send_async_error(it->process, it->id, am::timeout);
    acceptors_.erase(it);
    if (acceptors_.empty()) state_ &= ~is_accepting;
    update_interest();
    return true;
  }
  return false;
}

// The new port belongs to the process that asked, and is linked to it.
void TcpDriver::give_connection(int descriptor, Term acceptor, uint16_t id) {
  Ref<Port> port = Port::create(port_.machine, acceptor, "tcp_inet");
  if (!port) {
    ::close(descriptor);
    return send_async_error(acceptor, id, am::system_limit);
  }
  auto driver = std::make_unique<TcpDriver>(*port, false);
  driver->adopt_connection(descriptor, *this);
  port->attach(std::move(driver));
  port->add_link(acceptor);
  // Nobody else knows the port yet: it needs no lock.
  port->publish();
  if (!send_link_signal(port->self, acceptor)) {
    // It has died since it was looked at. The listener's lock is held, and a thread never holds two.
    Poller::node().post([port] {
      PortLock lock(*port);
      port->close(am::normal);
    });
  }
  FragmentArena arena(16);
  send_async_ok(acceptor, id, arena, port->self);
}

void TcpDriver::adopt_connection(int descriptor, const TcpDriver& listener) {
  socket_ = descriptor;
  family_ = listener.family_;
  state_ = is_open | is_connected;
  settings_ = listener.settings_;
  settings_.active = ActiveMode::passive;
  settings_.active_count = 0;
  watch_.start(&port_, socket_, socket_role);
}

}  // namespace hanse
