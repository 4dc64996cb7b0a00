// See stream_driver.h.
#include "io/stream_driver.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "heap/fragment.h"
#include "base/per_thread.h"
#include "io/port.h"
#include "io/posix_error.h"
#include "term/atom.h"
#include "term/build.h"

namespace hanse {

static constexpr size_t read_size = 65536;

void InputFraming::feed(Bytes data) {
  if (packet_ != 0)
    feed_packets(data);
  else if (line_ != 0)
    feed_lines(data);
  else if (!data.empty())
    port_.send_data(data, binary_);
}

void InputFraming::feed_packets(Bytes data) {
  rest_.append(reinterpret_cast<const char*>(data.data()), data.size());
  size_t position = 0;
  while (rest_.size() - position >= packet_) {
    auto* header = reinterpret_cast<const uint8_t*>(rest_.data()) + position;
    size_t length = packet_ == 1 ? header[0] : packet_ == 2 ? load_be16(header) : load_be32(header);
    if (rest_.size() - position - packet_ < length) break;
    port_.send_data({header + packet_, length}, binary_);
    position += packet_ + length;
  }
  rest_.erase(0, position);
}

void InputFraming::send_line(Term kind, Bytes line, Bytes header) {
  port_.count_input(header.size() + line.size());
  FragmentArena arena(24 + 2 * (header.size() + line.size()));
  Term text = binary_ ? make_binary(arena, line)
                      : make_string(arena, {reinterpret_cast<const char*>(line.data()), line.size()});
  text = make_string(arena, {reinterpret_cast<const char*>(header.data()), header.size()}, text);
  Term content = make_tuple(arena, am::data, make_tuple(arena, kind, text));
  port_.send_to_owner(arena, make_tuple(arena, port_.self, content));
}

void InputFraming::feed_lines(Bytes data, Bytes header) {
  size_t scanned = rest_.size();
  rest_.append(reinterpret_cast<const char*>(data.data()), data.size());
  size_t start = 0;
  for (size_t i = scanned; i < rest_.size(); i++) {
    auto* line = reinterpret_cast<const uint8_t*>(rest_.data()) + start;
    if (rest_[i] == '\n') {
      size_t length = i - start;
      if (length > 0 && rest_[i - 1] == '\r') length--;
      port_.count_input(i + 1 - start - length);  // the newline
      send_line(am::eol, {line, length}, header);
      start = i + 1;
    } else if (i - start == line_) {
      send_line(am::noeol, {line, line_}, header);
      start = i;
    }
  }
  rest_.erase(0, start);
}

void InputFraming::flush() {
  if (line_ != 0 && !rest_.empty())
    send_line(am::noeol, {reinterpret_cast<const uint8_t*>(rest_.data()), rest_.size()});
  rest_.clear();
}

StreamDriver::StreamDriver(Port& port, const PortOptions& options, Channel channel)
    : port_(port), options_(options), channel_(channel), framing_(port, options) {}

StreamDriver::~StreamDriver() { stop(); }

void StreamDriver::start_reading() {
  if (channel_.output >= 0) output_watch_.start(&port_, channel_.output, output_role);
  if (channel_.input < 0) return;
  input_watch_.start(&port_, channel_.input, input_role);
  input_watch_.set(EPOLLIN);
}

void StreamDriver::stop_reading() { input_watch_.stop(); }

static bool is_ready(int descriptor, short events) {
  pollfd poll_descriptor{descriptor, events, 0};
  return poll(&poll_descriptor, 1, 0) > 0;
}

// Without O_NONBLOCK a read or write must be preceded by a question, and a write be small enough not to block.
static bool may_block(int descriptor) { return (fcntl(descriptor, F_GETFL) & O_NONBLOCK) == 0; }

// A pipe that carries much gets more room: the programs at its ends take turns less often. Only once, as the system allows a
// user a certain amount; where it refuses, the pipe stays as it is.
static void widen(int descriptor, bool& widened) {
  static constexpr int pipe_bytes = 1 << 20;
  if (std::exchange(widened, true)) return;
  if (fcntl(descriptor, F_GETPIPE_SZ) < pipe_bytes) (void)fcntl(descriptor, F_SETPIPE_SZ, pipe_bytes);
}

ssize_t StreamDriver::read_much() {
  static constexpr size_t most_bytes = 1 << 20;
  int waiting = 0;
  if (ioctl(channel_.input, FIONREAD, &waiting) != 0 || waiting < static_cast<int>(read_size)) return 0;
  OffHeapBinary* binary = OffHeapBinary::create(std::min<size_t>(static_cast<size_t>(waiting), most_bytes));
  if (binary == nullptr) return 0;
  Ref<OffHeapBinary> data = Ref<OffHeapBinary>::adopt(binary);
  ssize_t count = read(channel_.input, binary->data, binary->size);
  if (count <= 0) return 0;
  binary->size = static_cast<size_t>(count);
  framing_.pass_on(std::move(data));
  return count;
}

StreamDriver::ReadEnd StreamDriver::read_available(size_t max_reads) {
  static thread_local PerThread<uint8_t[read_size]> room;
  auto& buffer = room.get();
  bool ask_first = may_block(channel_.input);
  for (size_t i = 0; i < max_reads; i++) {
    if (ask_first && !is_ready(channel_.input, POLLIN)) return ReadEnd::would_block;
    if (much_input_ && framing_.passes_on() && read_much() > 0) continue;
    ssize_t count = read(channel_.input, buffer, read_size);
    if (count > 0) {
      framing_.feed({buffer, static_cast<size_t>(count)});
      much_input_ = static_cast<size_t>(count) == read_size;
      if (much_input_ && channel_.owns_input) widen(channel_.input, input_widened_);
      if (static_cast<size_t>(count) < read_size && !ask_first) return ReadEnd::would_block;
      continue;
    }
    if (count == 0) return ReadEnd::end;
    if (errno == EAGAIN || errno == EINTR) return ReadEnd::would_block;
    // The other side of a pseudo terminal is gone.
    if (errno == EIO) return ReadEnd::end;
    fail(errno);
    return ReadEnd::failed;
  }
  return ReadEnd::would_block;
}

void StreamDriver::end_of_input() {
  framing_.flush();
  report_end();
}

void StreamDriver::report_end() {
  stop_reading();
  framing_.flush();
  if (!options_.eof) {
    port_.close(am::normal);
    return;
  }
  FragmentArena arena(8);
  port_.send_to_owner(arena, make_tuple(arena, port_.self, am::eof));
}

void StreamDriver::fail(int error) {
  queue_.clear();
  output_watch_.stop();
  port_.close(posix_error_atom(error));
  port_.finish();
}

bool StreamDriver::write_queue() {
  bool ask_first = may_block(channel_.output);
  while (!queue_.empty()) {
    if (ask_first && !is_ready(channel_.output, POLLOUT)) return true;
    iovec vectors[64];
    int count = queue_.fill(vectors, 64);
    if (ask_first) {
      // PIPE_BUF bytes fit wherever poll() says that there is room.
      count = 1;
      vectors[0].iov_len = std::min<size_t>(vectors[0].iov_len, 4096);
    }
    ssize_t written = writev(channel_.output, vectors, count);
    if (written < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN) {
        if (queue_.size() > 4 * read_size && channel_.owns_output) widen(channel_.output, output_widened_);
        return true;
      }
      fail(errno);
      return false;
    }
    queue_.consume(static_cast<size_t>(written));
  }
  return true;
}

void StreamDriver::output(Term, IoQueue data) {
  if (channel_.output < 0) return fail(EBADF);
  size_t size = data.size();
  if (options_.packet != 0) {
    if (options_.packet < 4 && size >> (8 * options_.packet) != 0) return fail(EINVAL);
    uint8_t header[4];
    store_be32(header, static_cast<uint32_t>(size));
    queue_.append({header + 4 - options_.packet, options_.packet});
  }
  queue_.append(std::move(data));
  port_.count_output(size);
  if ((output_watch_.events() & EPOLLOUT) == 0 && !write_queue()) return;
  if (queue_.empty()) return;
  output_watch_.set(EPOLLOUT);
  if (queue_.size() >= options_.high_watermark) port_.set_busy(true);
}

void StreamDriver::descriptor_ready(uint32_t role, uint32_t) {
  if (role == input_role) {
    if (input_watch_.events() == 0) return;  // the event was under way when reading was stopped
    ReadEnd end = read_available(8);
    if (end == ReadEnd::end) end_of_input();
    return;
  }
  if (!write_queue()) return;
  if (queue_.empty()) {
    output_watch_.set(0);
    port_.finish();  // no effect unless the port is closing
  }
  if (port_.is_busy() && queue_.size() < options_.low_watermark) port_.set_busy(false);
}

bool StreamDriver::closing() {
  stop_reading();
  return queue_.empty();
}

void StreamDriver::stop() {
  input_watch_.stop();
  output_watch_.stop();
  queue_.clear();
  if (channel_.owns_input) ::close(channel_.input);
  if (channel_.owns_output) ::close(channel_.output);
  channel_ = {};
}

SharedDescriptor open_shared(int descriptor, bool for_writing) {
  struct stat status;
  if (fstat(descriptor, &status) != 0) return {descriptor, false};
  if (!S_ISFIFO(status.st_mode) && !isatty(descriptor)) return {descriptor, false};
  std::string path = "/proc/self/fd/" + std::to_string(descriptor);
  int opened = open(path.c_str(), (for_writing ? O_WRONLY : O_RDONLY) | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  return opened >= 0 ? SharedDescriptor{opened, true} : SharedDescriptor{descriptor, false};
}

}  // namespace hanse
