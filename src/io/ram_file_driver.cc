// ram_file_drv: files in memory (module ram_file). Requests arrive as port commands, the answer is a port message that
// begins with a code.
#include <errno.h>

#include <algorithm>

#include "heap/fragment.h"
#include "io/built_in_drivers.h"
#include "io/inet_address.h"
#include "io/port.h"
#include "io/posix_error.h"
#include "term/atom.h"
#include "term/build.h"

namespace hanse {

namespace {

enum class Request : uint8_t {
  open = 1, read = 2, seek = 3, write = 4, sync = 9, truncate = 14, pread = 17, pwrite = 18, datasync = 19,
  contents = 30, size = 37, advise = 38, allocate = 39,
};
enum : char { answer_ok = 0, answer_error = 1, answer_data = 2, answer_number = 3 };

// A guest's mistake may not fill the memory.
constexpr size_t largest_file = size_t{1} << 31;

class RamFileDriver final : public Driver {
 public:
  RamFileDriver(Port& port, bool binary) : port_(port), binary_(binary) {}
  void output(Term, IoQueue data) override {
    std::string request = data.to_string();
    port_.count_output(request.size());
    if (request.empty()) return fail(EINVAL);
    RequestReader reader(Bytes(reinterpret_cast<const uint8_t*>(request.data()), request.size()));
    handle(static_cast<Request>(reader.u8()), reader);
  }

 private:
  void handle(Request request, RequestReader& reader);
  void open(RequestReader& reader);
  void seek(RequestReader& reader);
  void write(size_t position, Bytes data, bool moves);
  void read(size_t position, size_t count, bool moves);

  void answer(char code, std::string_view rest);
  void answer_count(size_t number) {
    std::string rest;
    append_u32(rest, static_cast<uint32_t>(number));
    answer(answer_number, rest);
  }
  void fail(int error) { answer(answer_error, atom_name(posix_error_atom(error))); }

  Port& port_;
  const bool binary_;
  bool readable_ = false, writable_ = false, opened_ = false;
  std::string contents_;
  size_t position_ = 0;
};

// [Code | Rest]; with the binary option what follows the first five bytes is a binary tail.
void RamFileDriver::answer(char code, std::string_view rest) {
  port_.count_input(1 + rest.size());
  FragmentArena arena(32 + 2 * (binary_ ? 16 : rest.size()));
  Term list;
  if (binary_ && code == answer_data)
    list = make_string(arena, rest.substr(0, 4), make_binary(arena, rest.substr(4)));
  else
    list = make_string(arena, rest);
  list = make_cons(arena, Term::small(code), list);
  Term content = make_tuple(arena, am::data, list);
  port_.send_to_owner(arena, make_tuple(arena, port_.self, content));
}

void RamFileDriver::handle(Request request, RequestReader& reader) {
  if (request == Request::open) return open(reader);
  if (!opened_) return fail(EBADF);
  switch (request) {
    case Request::read: {
      size_t count = reader.u32();
      return reader.ok() ? read(position_, count, true) : fail(EINVAL);
    }
    case Request::pread: {
      int32_t position = reader.i32();
      size_t count = reader.u32();
      return reader.ok() && position >= 0 ? read(static_cast<size_t>(position), count, false) : fail(EINVAL);
    }
    case Request::seek: return seek(reader);
    case Request::write: return write(position_, reader.rest(), true);
    case Request::pwrite: {
      int32_t position = reader.i32();
      return reader.ok() && position >= 0 ? write(static_cast<size_t>(position), reader.rest(), false) : fail(EINVAL);
    }
    case Request::truncate:
      if (!writable_) return fail(EACCES);
      contents_.resize(position_, '\0');
      return answer(answer_ok, {});
    case Request::sync:
    case Request::datasync:
    case Request::advise: return answer(answer_ok, {});
    case Request::allocate: {
      uint64_t offset = reader.u64(), length = reader.u64();
      if (!reader.ok() || offset > largest_file || length > largest_file) return fail(EINVAL);
      contents_.reserve(offset + length);
      return answer(answer_ok, {});
    }
    case Request::contents: {
      std::string rest;
      append_u32(rest, static_cast<uint32_t>(contents_.size()));
      return answer(answer_data, rest + contents_);
    }
    case Request::size: return answer_count(contents_.size());
    default: return fail(EINVAL);
  }
}

void RamFileDriver::open(RequestReader& reader) {
  uint32_t mode = reader.u32();
  if (!reader.ok()) return fail(EINVAL);
  readable_ = (mode & 1) != 0;
  writable_ = (mode & 2) != 0;
  opened_ = true;
  position_ = 0;
  contents_.assign(reinterpret_cast<const char*>(reader.rest().data()), reader.rest().size());
  answer_count(0);
}

void RamFileDriver::seek(RequestReader& reader) {
  int64_t offset = reader.i32();
  uint32_t whence = reader.u32();
  if (!reader.ok() || whence > 2) return fail(EINVAL);
  int64_t base = whence == 0 ? 0 : whence == 1 ? static_cast<int64_t>(position_) : static_cast<int64_t>(contents_.size());
  if (base + offset < 0) return fail(EINVAL);
  position_ = static_cast<size_t>(base + offset);
  answer_count(position_);
}

void RamFileDriver::write(size_t position, Bytes data, bool moves) {
  if (!writable_) return fail(EBADF);
  size_t end = position + data.size();
  if (end > largest_file) return fail(EFBIG);
  if (end > contents_.size()) contents_.resize(end, '\0');
  std::memcpy(contents_.data() + position, data.data(), data.size());
  if (moves) position_ = end;
  answer_count(data.size());
}

void RamFileDriver::read(size_t position, size_t count, bool moves) {
  if (!readable_) return fail(EBADF);
  size_t available = position < contents_.size() ? contents_.size() - position : 0;
  count = std::min(count, available);
  std::string rest;
  append_u32(rest, static_cast<uint32_t>(count));
  if (count > 0) rest.append(contents_, position, count);
  if (moves) position_ += count;
  answer(answer_data, rest);
}

}  // namespace

std::unique_ptr<Driver> open_ram_file_driver(Port& port, const PortOptions& options, const std::string&, OpenFailure&) {
  return std::make_unique<RamFileDriver>(port, options.binary);
}

}  // namespace hanse
