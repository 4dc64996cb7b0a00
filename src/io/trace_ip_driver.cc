// trace_ip_drv: trace messages go to whoever connects (dbg:trace_port(ip, ...)), one client at a time.
//
//   trace_ip_drv PORT QUEUE FLAGS
//
// PORT 0 lets the system choose; operation `p` of port_control tells which it is. At most QUEUE messages wait for the client;
// what comes then is dropped, and a byte 1 and a number of four bytes tell the client how much. Messages have the form that
// trace_file_drv writes. With 2 in FLAGS the queue fills while nobody is connected, without it nothing waits then.
#include <errno.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <deque>

#include "io/built_in_drivers.h"
#include "io/inet_address.h"
#include "io/port.h"
#include "io/posix_error.h"
#include "io/trace_driver_command.h"
#include "term/atom.h"

namespace hanse {

namespace {

constexpr uint64_t most_queued = 1 << 20, fill_always = 2, all_flags = 3;
constexpr char is_message = 0, is_drop = 1;

class TraceIpDriver final : public Driver {
 public:
  TraceIpDriver(Port& port, size_t most_waiting, bool fills_always) : port_(port), most_waiting_(most_waiting), fills_always_(fills_always) {}
  ~TraceIpDriver() override { stop(); }

  // An error number, or 0.
  int listen(uint16_t number) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener_ < 0) return errno;
    int on = 1;
    (void)::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(number);
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(listener_, 1) != 0) return errno;
    socklen_t length = sizeof address;
    if (::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0) return errno;
    number_ = ntohs(address.sin_port);
    listener_watch_.start(&port_, listener_, listener_role);
    listener_watch_.set(EPOLLIN);
    return 0;
  }

  void output(Term, IoQueue data) override {
    if (data.empty()) return;
    port_.count_output(data.size());
    if (client_ < 0 && !fills_always_) return;
    add(data.to_string());
    send_waiting();
  }

  bool control(Term, uint32_t operation, Bytes, std::string& reply) override {
    if (operation != 'p') return false;
    reply.push_back('\0');
    append_u16(reply, number_);
    return true;
  }
  bool answers_binary() const override { return true; }

  void descriptor_ready(uint32_t role, uint32_t events) override {
    if (role == listener_role) return accept();
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) read_and_forget();
    send_waiting();
  }

  void stop() override {
    drop_client();
    listener_watch_.stop();
    if (listener_ >= 0) ::close(std::exchange(listener_, -1));
  }

 private:
  static constexpr uint32_t listener_role = 0, client_role = 1;
  struct Record {
    std::string bytes;
    uint32_t dropped = 0;  // not 0: it tells of that many
  };

  static std::string header(char kind, uint32_t number) {
    std::string bytes(1, kind);
    append_u32(bytes, number);
    return bytes;
  }

  void add(const std::string& message) {
    if (waiting_ < most_waiting_) {
      waiting_++;
      queue_.push_back({header(is_message, static_cast<uint32_t>(message.size())) + message});
      return;
    }
    // What has been sent in part cannot be changed any more.
    bool can_grow = !queue_.empty() && queue_.back().dropped != 0 && (queue_.size() > 1 || sent_ == 0);
    if (!can_grow) queue_.push_back({});
    Record& record = queue_.back();
    record.dropped++;
    record.bytes = header(is_drop, record.dropped);
  }

  void accept() {
    int accepted = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted < 0) return;
    if (client_ >= 0) {
      ::close(accepted);
      return;
    }
    client_ = accepted;
    client_watch_.start(&port_, client_, client_role);
    client_watch_.set(EPOLLIN);
    send_waiting();
  }

  // A client has nothing to say; that it has gone is seen by reading.
  void read_and_forget() {
    char buffer[1024];
    while (client_ >= 0) {
      ssize_t count = ::recv(client_, buffer, sizeof buffer, 0);
      if (count > 0) continue;
      if (count < 0 && errno == EINTR) continue;
      if (count < 0 && errno == EAGAIN) return;
      drop_client();
    }
  }

  void send_waiting() {
    while (client_ >= 0 && !queue_.empty()) {
      Record& record = queue_.front();
      ssize_t count = ::send(client_, record.bytes.data() + sent_, record.bytes.size() - sent_, MSG_NOSIGNAL);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0 && errno == EAGAIN) break;
      if (count < 0) return drop_client();
      sent_ += static_cast<size_t>(count);
      if (sent_ < record.bytes.size()) continue;
      if (record.dropped == 0) waiting_--;
      queue_.pop_front();
      sent_ = 0;
    }
    client_watch_.want(EPOLLOUT, client_ >= 0 && !queue_.empty());
  }

  // The next client gets what this one had got in part.
  void drop_client() {
    client_watch_.stop();
    if (client_ >= 0) ::close(std::exchange(client_, -1));
    sent_ = 0;
    if (fills_always_) return;
    queue_.clear();
    waiting_ = 0;
  }

  Port& port_;
  const size_t most_waiting_;
  const bool fills_always_;
  uint16_t number_ = 0;
  int listener_ = -1, client_ = -1;
  Watch listener_watch_, client_watch_;
  std::deque<Record> queue_;
  size_t waiting_ = 0;  // messages in the queue
  size_t sent_ = 0;     // bytes of the first record
};

}  // namespace

std::unique_ptr<Driver> open_trace_ip_driver(Port& port, const PortOptions&, const std::string& command, OpenFailure& failure) {
  TraceDriverCommand words(command);
  uint64_t number, most_waiting, flags;
  bool valid = words.next_number(number) && words.next_number(most_waiting) && words.next_number(flags) && words.rest().empty();
  if (!valid || number > UINT16_MAX || most_waiting == 0 || most_waiting > most_queued || flags > all_flags) {
    failure.reason = posix_error_atom(EINVAL);
    return nullptr;
  }
  auto driver = std::make_unique<TraceIpDriver>(port, most_waiting, (flags & fill_always) != 0);
  if (int error = driver->listen(static_cast<uint16_t>(number))) {
    failure.reason = posix_error_atom(error);
    return nullptr;
  }
  return driver;
}

}  // namespace hanse
