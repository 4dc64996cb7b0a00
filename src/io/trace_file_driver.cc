// trace_file_drv: trace messages go to a file (dbg:trace_port(file, ...)). Each is stored as a byte 0, its size in four bytes
// (most significant first), and the message in the external term format; dbg:trace_client/2 reads them.
//
//   trace_file_drv n NAME
//   trace_file_drv w SIZE COUNT TIME LENGTH n NAME
//
// The second form wraps: a number stands after the first LENGTH characters of NAME; the next file begins when one has SIZE
// bytes, or after TIME milliseconds (0: not for that reason). Numbers go from 0 to COUNT and begin again; the file after the
// current one is deleted, so that the missing number tells where the series begins.
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "io/built_in_drivers.h"
#include "io/inet_address.h"
#include "io/port.h"
#include "io/posix_error.h"
#include "io/trace_driver_command.h"
#include "term/atom.h"

namespace hanse {

namespace {

constexpr size_t buffer_size = 65536;

struct WrapSettings {
  uint64_t file_size = 0;   // bytes, 0: no limit
  uint64_t file_count = 0;  // 0: does not wrap
  uint64_t interval_ms = 0;
  size_t number_position = 0;
};

class TraceFileDriver final : public Driver {
 public:
  TraceFileDriver(Port& port, std::string name, WrapSettings wrap) : port_(port), name_(std::move(name)), wrap_(wrap) {}
  ~TraceFileDriver() override { stop(); }

  // An error number, or 0.
  int open() {
    file_ = ::open(file_name(number_).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file_ < 0) return errno;
    file_bytes_ = 0;
    if (wrap_.file_count != 0) (void)::unlink(file_name(next_number(number_)).c_str());
    if (wrap_.interval_ms != 0) deadline_.start(&port_, wrap_.interval_ms);
    return 0;
  }

  void output(Term, IoQueue data) override {
    if (data.empty()) return;
    port_.count_output(data.size());
    buffer_.push_back('\0');
    append_u32(buffer_, static_cast<uint32_t>(data.size()));
    buffer_ += data.to_string();
    file_bytes_ += trace_header_size + data.size();
    while (buffer_.size() >= buffer_size)
      if (!write(buffer_size)) return;
    if (wrap_.file_size != 0 && file_bytes_ >= wrap_.file_size) begin_next_file();
  }

  bool control(Term, uint32_t operation, Bytes, std::string& reply) override {
    if (operation != 'f') return false;
    reply.push_back('\0');
    (void)write(buffer_.size());
    return true;
  }

  void deadline_passed(uint64_t timer) override {
    if (deadline_.passed(timer) && port_.is_open()) begin_next_file();
  }

  bool closing() override {
    (void)write_bytes(buffer_.size());
    return true;
  }

  void stop() override {
    deadline_.cancel();
    if (file_ >= 0) ::close(std::exchange(file_, -1));
  }

 private:
  std::string file_name(uint64_t number) const {
    if (wrap_.file_count == 0) return name_;
    return name_.substr(0, wrap_.number_position) + std::to_string(number) + name_.substr(wrap_.number_position);
  }
  uint64_t next_number(uint64_t number) const { return number >= wrap_.file_count ? 0 : number + 1; }

  void begin_next_file() {
    if (!write(buffer_.size())) return;
    ::close(std::exchange(file_, -1));
    number_ = next_number(number_);
    if (int error = open()) fail(error);
  }

  // Takes that much off the front of the buffer. An error number, or 0.
  int write_bytes(size_t size) {
    size_t written = 0;
    while (written < size && file_ >= 0) {
      ssize_t count = ::write(file_, buffer_.data() + written, size - written);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return errno;
      written += static_cast<size_t>(count);
    }
    buffer_.erase(0, size);
    return 0;
  }
  // False: the port has ended, the error is its reason.
  bool write(size_t size) {
    int error = write_bytes(size);
    if (error != 0) fail(error);
    return error == 0;
  }
  void fail(int error) {
    buffer_.clear();
    port_.close(posix_error_atom(error));
  }

  Port& port_;
  const std::string name_;
  const WrapSettings wrap_;
  std::string buffer_;
  uint64_t number_ = 0;
  uint64_t file_bytes_ = 0;  // those in the buffer included
  int file_ = -1;
  Deadline deadline_;
};

}  // namespace

std::unique_ptr<Driver> open_trace_file_driver(Port& port, const PortOptions&, const std::string& command, OpenFailure& failure) {
  TraceDriverCommand words(command);
  WrapSettings wrap;
  std::string_view kind = words.next();
  bool valid = true;
  if (kind == "w") {
    valid = words.next_number(wrap.file_size) && words.next_number(wrap.file_count) && words.next_number(wrap.interval_ms) &&
            words.next_number(wrap.number_position) && wrap.file_count > 0;
    kind = words.next();
  }
  std::string name(words.rest());
  if (!valid || kind != "n" || name.empty() || wrap.number_position > name.size()) {
    failure.reason = am::badarg;
    return nullptr;
  }
  auto driver = std::make_unique<TraceFileDriver>(port, std::move(name), wrap);
  if (int error = driver->open()) {
    failure.reason = posix_error_atom(error);
    return nullptr;
  }
  return driver;
}

}  // namespace hanse
