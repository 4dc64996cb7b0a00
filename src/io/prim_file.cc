// prim_file: open files. A file is a magic reference owned by the process that opened it; nobody else may use it. It is
// closed by close_nif, or when the last reference to it is collected.
#include "io/prim_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <vector>

#include "bif/tables.h"
#include "code/stub.h"
#include "io/contiguous_bytes.h"
#include "io/posix_error.h"
#include "io/prim_file_names.h"
#include "io/prim_file_info.h"
#include "process/call.h"
#include "process/scheduler.h"
#include "term/big.h"

namespace hanse {
namespace {

struct OpenFile {
  OpenFile(int d, Term o, bool r) : descriptor(d), owner(o), regular(r) {}
  ~OpenFile() {
    if (descriptor >= 0) ::close(descriptor);
  }
  int descriptor;    // -1: closed
  const Term owner;  // local pid; only it touches the others
  const bool regular;
};
using MagicFile = Magic<OpenFile>;

OpenFile* file_argument(Term term) {
  if (!term.is_boxed_kind(Boxed::magic_reference)) return nullptr;
  return MagicFile::get(term.as<MagicReference>()->off_heap.value);
}

// The open file in the first argument, or an early return.
#define FILE_OR_RETURN(name)                                                             \
  OpenFile* name = file_argument(call.args[0]);                                          \
  if (name == nullptr) return raise_badarg(call);                                        \
  if (name->descriptor < 0 || name->owner != call.process.self) return posix_error(call.arena(), EINVAL)

Result ok_or_errno(Call& call, bool success) {
  if (success) return am::ok;
  return posix_error(call.arena(), errno);
}

// An integer from 0 to 2^63-1; other integers are einval, anything else badarg.
enum class Number : uint8_t { good, out_of_range, not_integer };
Number number_argument(Term term, int64_t& out) {
  if (!term.is_integer()) return Number::not_integer;
  if (!integer_fits_int64(term, out) || out < 0) return Number::out_of_range;
  return Number::good;
}
#define NUMBER_OR_RETURN(name, term)                                            \
  int64_t name = 0;                                                             \
  switch (number_argument(term, name)) {                                        \
    case Number::good: break;                                                   \
    case Number::out_of_range: return posix_error(call.arena(), EINVAL);        \
    case Number::not_integer: return raise_badarg(call);                        \
  }                                                                             \
  static_assert(true)

Term new_file(Call& call, int descriptor, bool regular) {
  return make_magic_reference(call.arena(), MagicFile::create(descriptor, call.process.self, regular));
}

struct Modes {
  bool read = false, write = false, append = false, exclusive = false, sync = false;
  bool directory = false, skip_type_check = false;
};

// Unknown modes are for other layers of the file modules and ignored. False: not a proper list.
bool parse_modes(Term list, Modes& modes) {
  for (; list.is_cons(); list = list.as_cons()->tail) {
    Term mode = list.as_cons()->head;
    if (mode == am::read) modes.read = true;
    else if (mode == am::write) modes.write = true;
    else if (mode == am::append) modes.append = modes.write = true;
    else if (mode == am::exclusive) modes.exclusive = modes.write = true;
    else if (mode == am::sync) modes.sync = true;
    else if (mode == am::directory) modes.directory = true;
    else if (mode == am::skip_type_check) modes.skip_type_check = true;
  }
  return list.is_nil();
}

int open_flags(const Modes& modes) {
  int flags = O_CLOEXEC | (modes.read && modes.write ? O_RDWR : modes.write ? O_WRONLY : O_RDONLY);
  if (modes.write) flags |= O_CREAT;
  if (modes.append) flags |= O_APPEND;
  else if (modes.write && !modes.read && !modes.exclusive) flags |= O_TRUNC;
  if (modes.exclusive) flags |= O_EXCL;
  if (modes.sync) flags |= O_SYNC;
  if (modes.directory) flags |= O_DIRECTORY;
  return flags;
}

Result prim_file_open_nif_2(Call& call) {
  auto path = path_of_native_name(call.args[0]);
  Modes modes;
  if (!path || !parse_modes(call.args[1], modes)) return raise_badarg(call);
  int descriptor;
  do descriptor = ::open(path->c_str(), open_flags(modes), 0666);
  while (descriptor < 0 && errno == EINTR);
  if (descriptor < 0) return posix_error(call.arena(), errno);
  struct stat status;
  if (fstat(descriptor, &status) != 0) {
    int error = errno;
    ::close(descriptor);
    return posix_error(call.arena(), error);
  }
  if (S_ISDIR(status.st_mode) && !modes.directory && !modes.skip_type_check) {
    ::close(descriptor);
    return posix_error(call.arena(), EISDIR);
  }
  return ok_tuple(call.arena(), new_file(call, descriptor, S_ISREG(status.st_mode)));
}

Result prim_file_file_desc_to_ref_nif_1(Call& call) {
  if (!call.args[0].is_small()) return raise_badarg(call);
  int64_t descriptor = call.args[0].as_small();
  struct stat status;
  if (descriptor < 0 || descriptor > INT_MAX || fstat(static_cast<int>(descriptor), &status) != 0)
    return posix_error(call.arena(), EBADF);
  return ok_tuple(call.arena(), new_file(call, static_cast<int>(descriptor), S_ISREG(status.st_mode)));
}

Result prim_file_close_nif_1(Call& call) {
  FILE_OR_RETURN(file);
  int descriptor = file->descriptor;
  file->descriptor = -1;
  // After EINTR the descriptor is gone all the same on Linux.
  return ok_or_errno(call, ::close(descriptor) == 0 || errno == EINTR);
}

// Used by the helper process for files whose owner has died: by then nobody else can use them.
Result prim_file_delayed_close_nif_1(Call& call) {
  OpenFile* file = file_argument(call.args[0]);
  if (file == nullptr) return raise_badarg(call);
  if (file->descriptor >= 0) {
    ::close(file->descriptor);
    file->descriptor = -1;
  }
  return am::ok;
}

// on_the_spot: only what the system has in memory, without waiting for the disk.
enum class Read : uint8_t { on_the_spot, waits };

// Reads up to `size` bytes at `offset` (-1: the current position). Regular files are read until the size is reached.
// Returns the number of bytes or -1: then, if it must not wait, the position is where it was.
ssize_t read_fully(const OpenFile& file, uint8_t* to, size_t size, int64_t offset, Read how) {
  size_t total = 0;
  while (total < size) {
    iovec vector{to + total, std::min(size - total, size_t{1} << 30)};
    int64_t where = offset < 0 ? -1 : offset + static_cast<int64_t>(total);
    ssize_t got = ::preadv2(file.descriptor, &vector, 1, where, how == Read::on_the_spot ? RWF_NOWAIT : 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      if (how == Read::waits) return total > 0 ? static_cast<ssize_t>(total) : -1;
      if (total > 0 && offset < 0) ::lseek(file.descriptor, -static_cast<off_t>(total), SEEK_CUR);
      return -1;
    }
    if (got == 0) break;
    total += static_cast<size_t>(got);
    if (!file.regular) break;
  }
  return static_cast<ssize_t>(total);
}

// A binary of what is read; none() with errno set, or with errno 0 at the end of the file.
Term read_binary(Call& call, const OpenFile& file, size_t size, int64_t offset, Read how) {
  constexpr size_t small_read = 8192;
  if (size <= small_read) {
    uint8_t buffer[small_read];
    ssize_t got = read_fully(file, buffer, size, offset, how);
    if (got <= 0 && size != 0) {
      if (got == 0) errno = 0;
      return Term::none();
    }
    return make_binary(call.arena(), Bytes(buffer, static_cast<size_t>(got)));
  }
  OffHeapBinary* binary = size > (size_t{1} << 38) ? nullptr : OffHeapBinary::create(size);
  if (binary == nullptr) {
    errno = ENOMEM;
    return Term::none();
  }
  ssize_t got = read_fully(file, binary->data, size, offset, how);
  if (got <= 0) {
    int error = got == 0 ? 0 : errno;
    OffHeapBinary::destroy(binary);
    errno = error;
    return Term::none();
  }
  auto used = static_cast<size_t>(got);
  if (used <= heap_binary_limit) {
    Term copy = make_binary(call.arena(), Bytes(binary->data, used));
    OffHeapBinary::destroy(binary);
    return copy;
  }
  if (used < size)
    if (OffHeapBinary* smaller = OffHeapBinary::reallocate(binary, used)) binary = smaller;
  binary->size = used;
  return make_refc_binary(call.arena(), binary, used);
}

Result read_result(Call& call, Term data) {
  if (!data.is_none()) return ok_tuple(call.arena(), data);
  if (errno == 0) return am::eof;
  return posix_error(call.arena(), errno);
}

Result prim_file_read_nif_2(Call& call);
Result prim_file_pread_nif_3(Call& call);
constexpr BifRow waiting_rows[] = {
    {"prim_file", "read_nif", 2, prim_file_read_nif_2, BifKind::dirty_io, Authority::host},
    {"prim_file", "pread_nif", 3, prim_file_pread_nif_3, BifKind::dirty_io, Authority::host},
};

Export* export_of(const BifRow& row) {
  auto* target = new Export(make_atom(row.module), make_atom(row.name), row.arity);
  lead_to(*target, row);
  return target;
}

// What is in memory is read here: the way to a thread that may wait, and back, takes longer than that.
Result read(Call& call, const OpenFile& file, size_t size, int64_t offset) {
  constexpr size_t largest_on_the_spot = 65536, bytes_per_reduction = 256;
  SchedulerThread* thread = this_scheduler_thread();
  if (thread != nullptr && thread->is_dirty) return read_result(call, read_binary(call, file, size, offset, Read::waits));
  if (file.regular && size <= largest_on_the_spot) {
    Term data = read_binary(call, file, size, offset, Read::on_the_spot);
    call.charge(size / bytes_per_reduction + 1);
    if (!data.is_none() || errno == 0) return read_result(call, data);
  }
  static Export* const waiting[] = {export_of(waiting_rows[0]), export_of(waiting_rows[1])};
  call.process.trap_target = waiting[call.row->arity - waiting_rows[0].arity];
  return Result::trap();
}

Result prim_file_read_nif_2(Call& call) {
  if (call.args[1].is_integer() && integer_sign(call.args[1]) < 0) return raise_badarg(call);
  NUMBER_OR_RETURN(size, call.args[1]);
  FILE_OR_RETURN(file);
  return read(call, *file, static_cast<size_t>(size), -1);
}

Result prim_file_pread_nif_3(Call& call) {
  NUMBER_OR_RETURN(offset, call.args[1]);
  NUMBER_OR_RETURN(size, call.args[2]);
  FILE_OR_RETURN(file);
  if (size == 0) return am::eof;
  return read(call, *file, static_cast<size_t>(size), offset);
}

// Writes all of `bytes` at `offset` (-1: the current position).
bool write_fully(int descriptor, Bytes bytes, int64_t offset) {
  while (!bytes.empty()) {
    size_t count = std::min(bytes.size(), size_t{1} << 30);
    ssize_t put = offset < 0 ? ::write(descriptor, bytes.data(), count) : ::pwrite(descriptor, bytes.data(), count, offset);
    if (put < 0) {
      if (errno == EINTR) continue;
      return false;
    }
    bytes = bytes.subspan(static_cast<size_t>(put));
    if (offset >= 0) offset += put;
  }
  return true;
}

bool is_list_of_binaries(Term list) {
  for (; list.is_cons(); list = list.as_cons()->tail)
    if (!list.as_cons()->head.is_binary()) return false;
  return list.is_nil();
}

// Several aligned binaries go out in one system call, so that appends of several writers do not mix within a batch.
Result write_vector(Call& call, const OpenFile& file, Term list, int64_t offset) {
  constexpr size_t batch = 64;
  while (list.is_cons()) {
    iovec vector[batch];
    std::vector<ContiguousBytes> copies;
    copies.reserve(batch);
    size_t count = 0, total = 0;
    for (; list.is_cons() && count < batch; list = list.as_cons()->tail, count++) {
      copies.emplace_back(list.as_cons()->head);
      Bytes bytes = copies.back().bytes();
      vector[count] = {const_cast<uint8_t*>(bytes.data()), bytes.size()};
      total += bytes.size();
    }
    ssize_t put;
    do put = offset < 0 ? ::writev(file.descriptor, vector, static_cast<int>(count))
                        : ::pwritev(file.descriptor, vector, static_cast<int>(count), offset);
    while (put < 0 && errno == EINTR);
    if (put < 0) return posix_error(call.arena(), errno);
    call.charge(total / 1024);
    // Whatever the call left over (large vectors, pipes) is written one by one.
    auto skip = static_cast<size_t>(put);
    int64_t position = offset < 0 ? -1 : offset + put;
    for (size_t i = 0; i < count; i++) {
      Bytes rest = copies[i].bytes();
      size_t done = std::min(skip, rest.size());
      skip -= done;
      rest = rest.subspan(done);
      if (!write_fully(file.descriptor, rest, position)) return posix_error(call.arena(), errno);
      if (position >= 0) position += static_cast<int64_t>(rest.size());
    }
    offset = position;
  }
  return am::ok;
}

Result prim_file_write_nif_2(Call& call) {
  if (!is_list_of_binaries(call.args[1])) return raise_badarg(call);
  FILE_OR_RETURN(file);
  return write_vector(call, *file, call.args[1], -1);
}

Result prim_file_pwrite_nif_3(Call& call) {
  NUMBER_OR_RETURN(offset, call.args[1]);
  if (!is_list_of_binaries(call.args[2])) return raise_badarg(call);
  FILE_OR_RETURN(file);
  return write_vector(call, *file, call.args[2], offset);
}

Result prim_file_seek_nif_3(Call& call) {
  int64_t offset;
  if (!call.args[2].is_integer() || !integer_fits_int64(call.args[2], offset)) return raise_badarg(call);
  int whence;
  if (call.args[1] == am::bof) whence = SEEK_SET;
  else if (call.args[1] == am::cur) whence = SEEK_CUR;
  else if (call.args[1] == am::eof) whence = SEEK_END;
  else return raise_badarg(call);
  FILE_OR_RETURN(file);
  off_t position = lseek(file->descriptor, offset, whence);
  if (position < 0) return posix_error(call.arena(), errno);
  return ok_tuple(call.arena(), make_integer(call.arena(), position));
}

Result prim_file_sync_nif_2(Call& call) {
  if (!call.args[1].is_small()) return raise_badarg(call);
  FILE_OR_RETURN(file);
  return ok_or_errno(call, (call.args[1].as_small() != 0 ? fdatasync(file->descriptor) : fsync(file->descriptor)) == 0);
}

Result prim_file_truncate_nif_1(Call& call) {
  FILE_OR_RETURN(file);
  off_t position = lseek(file->descriptor, 0, SEEK_CUR);
  return ok_or_errno(call, position >= 0 && ftruncate(file->descriptor, position) == 0);
}

Result prim_file_allocate_nif_3(Call& call) {
  NUMBER_OR_RETURN(offset, call.args[1]);
  NUMBER_OR_RETURN(length, call.args[2]);
  FILE_OR_RETURN(file);
  int error = posix_fallocate(file->descriptor, offset, length);
  errno = error;
  return ok_or_errno(call, error == 0);
}

Result prim_file_advise_nif_4(Call& call) {
  NUMBER_OR_RETURN(offset, call.args[1]);
  NUMBER_OR_RETURN(length, call.args[2]);
  static constexpr struct { Term name; int advice; } advices[] = {
      {am::normal, POSIX_FADV_NORMAL},       {am::random, POSIX_FADV_RANDOM},   {am::sequential, POSIX_FADV_SEQUENTIAL},
      {am::will_need, POSIX_FADV_WILLNEED},  {am::dont_need, POSIX_FADV_DONTNEED}, {am::no_reuse, POSIX_FADV_NOREUSE},
  };
  FILE_OR_RETURN(file);
  for (auto& [name, advice] : advices) {
    if (name != call.args[3]) continue;
    int error = posix_fadvise(file->descriptor, offset, length, advice);
    errno = error;
    return ok_or_errno(call, error == 0);
  }
  return posix_error(call.arena(), EINVAL);
}

Result prim_file_get_handle_nif_1(Call& call) {
  FILE_OR_RETURN(file);
  return make_binary(call.arena(), Bytes(reinterpret_cast<const uint8_t*>(&file->descriptor), sizeof(int)));
}

Result prim_file_read_handle_info_nif_1(Call& call) {
  FILE_OR_RETURN(file);
  struct stat status;
  if (fstat(file->descriptor, &status) != 0) return posix_error(call.arena(), errno);
  return make_file_info(call.arena(), status, access_by_mode(status));
}

// Follows a pointer in the file: at `offset` are a size and a position, both 32 bits, big-endian; the data they point at is
// returned. dets keeps its objects that way.
Result prim_file_ipread_s32bu_p32bu_nif_3(Call& call) {
  NUMBER_OR_RETURN(offset, call.args[1]);
  NUMBER_OR_RETURN(maximum, call.args[2]);
  if (maximum >= int64_t{1} << 31) return posix_error(call.arena(), EINVAL);
  FILE_OR_RETURN(file);
  uint8_t header[8];
  ssize_t got = read_fully(*file, header, sizeof(header), offset, Read::waits);
  if (got < 0) return posix_error(call.arena(), errno);
  if (got < static_cast<ssize_t>(sizeof(header))) return am::eof;
  uint32_t size = load_be32(header), position = load_be32(header + 4);
  if (size > maximum) return am::eof;
  Term data = am::eof;
  if (size > 0) {
    Term bytes = read_binary(call, *file, size, position, Read::waits);
    if (!bytes.is_none()) data = bytes;
    else if (errno != 0) return posix_error(call.arena(), errno);
  }
  Term triple = make_tuple(call.arena(), Term::small(size), Term::small(position), data);
  return ok_tuple(call.arena(), triple);
}

constexpr BifKind io = BifKind::dirty_io;
constexpr Authority host = Authority::host;
constexpr BifRow rows[] = {
    {"prim_file", "advise_nif", 4, prim_file_advise_nif_4, io, host},
    {"prim_file", "allocate_nif", 3, prim_file_allocate_nif_3, io, host},
    {"prim_file", "close_nif", 1, prim_file_close_nif_1, io, host},
    {"prim_file", "delayed_close_nif", 1, prim_file_delayed_close_nif_1, io, host},
    {"prim_file", "file_desc_to_ref_nif", 1, prim_file_file_desc_to_ref_nif_1, io, host},
    {"prim_file", "get_handle_nif", 1, prim_file_get_handle_nif_1, BifKind::plain, host},
    {"prim_file", "ipread_s32bu_p32bu_nif", 3, prim_file_ipread_s32bu_p32bu_nif_3, io, host},
    {"prim_file", "open_nif", 2, prim_file_open_nif_2, io, host},
    {"prim_file", "pread_nif", 3, prim_file_pread_nif_3, BifKind::plain, host},
    {"prim_file", "pwrite_nif", 3, prim_file_pwrite_nif_3, io, host},
    {"prim_file", "read_handle_info_nif", 1, prim_file_read_handle_info_nif_1, io, host},
    {"prim_file", "read_nif", 2, prim_file_read_nif_2, BifKind::plain, host},
    {"prim_file", "seek_nif", 3, prim_file_seek_nif_3, io, host},
    {"prim_file", "sync_nif", 2, prim_file_sync_nif_2, io, host},
    {"prim_file", "truncate_nif", 1, prim_file_truncate_nif_1, io, host},
    {"prim_file", "write_nif", 2, prim_file_write_nif_2, io, host},
};

}  // namespace
const BifTable prim_file_bifs = rows;

int descriptor_of_file(Term file, Term owner) {
  OpenFile* open = file_argument(file);
  if (open == nullptr) return -1;
  return open->descriptor >= 0 && open->owner == owner ? open->descriptor : -2;
}

}  // namespace hanse
