// tty_sl: the terminal as user_drv uses it. Keys arrive byte by byte; commands edit the line at the cursor (tty_line.h).
#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clocale>
#include <cstdlib>

#include "heap/fragment.h"
#include "io/built_in_drivers.h"
#include "io/child_keeper.h"
#include "io/port.h"
#include "io/stream_driver.h"
#include "io/terminal.h"
#include "io/tty_line.h"
#include "term/atom.h"
#include "term/build.h"

namespace hanse {

namespace {

constexpr uint32_t control_base = 0x018b0900;
constexpr uint32_t input_role = 0, output_role = 1;
constexpr size_t busy_limit = 16384;

class TtyDriver final : public Driver {
 public:
  TtyDriver(Port& port, bool eof) : port_(port), eof_(eof) {
    input_ = open_shared(STDIN_FILENO, false);
    output_ = open_shared(STDOUT_FILENO, true);
    const char* charset = setlocale(LC_CTYPE, "");
    line_.unicode = charset != nullptr && std::string_view(charset).find("UTF-8") != std::string_view::npos;
    // The width of characters is asked for in any case.
    if (!line_.unicode) setlocale(LC_CTYPE, "C.UTF-8");
    input_watch_.start(&port_, input_.descriptor, input_role);
    input_watch_.set(EPOLLIN);
    output_watch_.start(&port_, output_.descriptor, output_role);
  }

  void output(Term caller, IoQueue data) override;
  bool control(Term caller, uint32_t operation, Bytes request, std::string& reply) override;
  void descriptor_ready(uint32_t role, uint32_t events) override;
  size_t queue_size() const override { return queue_.size(); }
  bool closing() override {
    input_watch_.stop();
    return queue_.empty();
  }
  void stop() override;

 private:
  void read_keys();
  bool write_queue();
  void end_of_input();

  Port& port_;
  const bool eof_;
  SharedDescriptor input_, output_;
  Watch input_watch_, output_watch_;
  TtyLine line_;
  IoQueue queue_;
};

void TtyDriver::output(Term, IoQueue data) {
  std::string command = data.to_string();
  port_.count_output(command.size());
  if (command.empty()) return;
  TerminalSize size = terminal_size(output_.descriptor);
  if (size.columns > 0) line_.width = static_cast<int>(size.columns);
  std::string_view text = std::string_view(command).substr(1);
  auto number = [&]() -> int {
    return text.size() < 2 ? 0 : static_cast<int16_t>(load_be16(reinterpret_cast<const uint8_t*>(text.data())));
  };
  bool synchronous = false;
  switch (command[0]) {
    case 0: line_.put(text); break;
    case 1: line_.move(number()); break;
    case 2: line_.insert(text); break;
    case 3: line_.erase(number()); break;
    case 4: line_.beep(); break;
    case 5:
      line_.put(text);
      synchronous = true;
      break;
    default: break;
  }
  queue_.append(line_.out);
  line_.out.clear();
  if (!write_queue()) return;
  if (!queue_.empty()) output_watch_.set(EPOLLOUT);
  if (queue_.size() > busy_limit) port_.set_busy(true);
  if (!synchronous) return;
  FragmentArena arena(4);
  port_.send_to_owner(arena, make_tuple(arena, port_.self, am::ok));
}

bool TtyDriver::control(Term, uint32_t operation, Bytes request, std::string& reply) {
  switch (operation - control_base) {
    case 100: {
      TerminalSize size = terminal_size(output_.descriptor);
      if (size.columns == 0 || size.rows == 0) size = {80, 24};  // a terminal that does not know: as most descriptions say
      uint32_t numbers[2] = {size.columns, size.rows};
      reply.assign(reinterpret_cast<const char*>(numbers), sizeof numbers);
      return true;
    }
    case 101: reply = line_.unicode ? '\1' : '\0'; return true;
    case 102:
      if (request.size() != 1) return false;
      reply = line_.unicode ? '\1' : '\0';
      line_.unicode = request[0] != 0;
      return true;
    default: return false;
  }
}

static bool is_ready(int descriptor, short events) {
  pollfd poll_descriptor{descriptor, events, 0};
  return poll(&poll_descriptor, 1, 0) > 0;
}

void TtyDriver::read_keys() {
  uint8_t buffer[1024];
  if (!is_ready(input_.descriptor, POLLIN)) return;
  ssize_t count = read(input_.descriptor, buffer, sizeof buffer);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) {
    spare_no_children();  // a terminal in raw mode ends only when it goes away; SIGHUP may come later than the orderly end
    return end_of_input();
  }
  port_.send_data({buffer, static_cast<size_t>(count)}, false);
}

void TtyDriver::end_of_input() {
  input_watch_.stop();
  if (!eof_) return port_.close(am::normal);
  FragmentArena arena(4);
  port_.send_to_owner(arena, make_tuple(arena, port_.self, am::eof));
}

// False: the terminal is gone, and the port with it.
bool TtyDriver::write_queue() {
  while (!queue_.empty()) {
    if (!output_.owned && !is_ready(output_.descriptor, POLLOUT)) return true;
    iovec vectors[16];
    int count = queue_.fill(vectors, 16);
    if (!output_.owned) count = 1, vectors[0].iov_len = std::min<size_t>(vectors[0].iov_len, 1024);
    ssize_t written = writev(output_.descriptor, vectors, count);
    if (written < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN) return true;
      spare_no_children();  // here, too, the terminal is gone, and SIGHUP may come later
      queue_.clear();
      port_.close(am::normal);
      port_.finish();
      return false;
    }
    queue_.consume(static_cast<size_t>(written));
  }
  return true;
}

void TtyDriver::descriptor_ready(uint32_t role, uint32_t) {
  if (role == input_role) {
    if (input_watch_.events() != 0) read_keys();  // else the event was under way when reading was stopped
    return;
  }
  if (!write_queue()) return;
  if (queue_.empty()) {
    output_watch_.set(0);
    port_.finish();  // no effect unless the port is closing
  }
  if (port_.is_busy() && queue_.size() < busy_limit / 2) port_.set_busy(false);
}

void TtyDriver::stop() {
  input_watch_.stop();
  output_watch_.stop();
  release_terminal();
  for (SharedDescriptor* shared : {&input_, &output_}) {
    if (shared->owned) ::close(shared->descriptor);
    *shared = {-1, false};
  }
}

// Whether the terminal can move its cursor: known to the terminfo database, and not one of the mere printers.
bool terminal_is_usable() {
  const char* name = getenv("TERM");
  if (name == nullptr || *name == '\0' || std::string_view(name).find('/') != std::string_view::npos) return false;
  std::string_view type = name;
  if (type == "dumb" || type == "unknown" || type == "network") return false;
  for (const char* common : {"xterm", "screen", "tmux", "linux", "vt100", "vt220", "ansi", "rxvt", "alacritty", "kitty"})
    if (type.starts_with(common)) return true;
  std::string suffix = std::string("/") + name[0] + "/" + name;
  std::string home = getenv("HOME") ? std::string(getenv("HOME")) + "/.terminfo" : "";
  const char* own = getenv("TERMINFO");
  for (const std::string& directory :
       {std::string(own ? own : ""), home, std::string("/etc/terminfo"), std::string("/lib/terminfo"), std::string("/usr/share/terminfo")}) {
    struct stat status;
    if (!directory.empty() && stat((directory + suffix).c_str(), &status) == 0) return true;
  }
  return false;
}

}  // namespace

std::unique_ptr<Driver> open_tty_driver(Port& port, const PortOptions& options, const std::string&, OpenFailure& failure) {
  if (!terminal_is_present() || !terminal_is_usable() || !set_raw_terminal(!interrupt_key_to_guest())) {
    failure.reason = am::einval;
    return nullptr;
  }
  return std::make_unique<TtyDriver>(port, options.eof);
}

}  // namespace hanse
