// prim_file: what is done to paths rather than to open files.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <vector>

#include "base/bytes.h"
#include "bif/tables.h"
#include "io/posix_error.h"
#include "io/prim_file_names.h"
#include "process/call.h"

namespace hanse {
namespace {

#define PATH_OR_RETURN(name, term)       \
  auto name = path_of_native_name(term); \
  if (!name) return raise_badarg(call)

Result ok_or_errno(Call& call, bool success) {
  if (success) return am::ok;
  return posix_error(call.arena(), errno);
}

// Entries without "." and "..", in the order of the directory.
Result prim_file_list_dir_nif_1(Call& call) {
  PATH_OR_RETURN(path, call.args[0]);
  DIR* directory = opendir(path->c_str());
  if (directory == nullptr) return posix_error(call.arena(), errno);
  Term names = Term::nil();
  size_t count = 0;
  for (;;) {
    errno = 0;
    dirent* entry = readdir(directory);
    if (entry == nullptr) break;
    std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    names = make_cons(call.arena(), make_binary(call.arena(), name), names);
    count++;
  }
  int error = errno;
  closedir(directory);
  call.charge(count);
  if (error != 0) return posix_error(call.arena(), error);
  return ok_tuple(call.arena(), names);
}

// The whole file; its length is only a hint (files under /proc say 0).
Result prim_file_read_file_nif_1(Call& call) {
  PATH_OR_RETURN(path, call.args[0]);
  int descriptor = open(path->c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return posix_error(call.arena(), errno);
  auto fail = [&](int error) -> Result {
    close(descriptor);
    return posix_error(call.arena(), error);
  };
  struct stat status;
  if (fstat(descriptor, &status) != 0) return fail(errno);
  if (S_ISDIR(status.st_mode)) return fail(EISDIR);
  size_t capacity = status.st_size > 0 && S_ISREG(status.st_mode) ? static_cast<size_t>(status.st_size) : 4096;
  OffHeapBinary* binary = OffHeapBinary::create(capacity);
  if (binary == nullptr) return fail(ENOMEM);
  size_t used = 0;
  for (;;) {
    if (used == capacity) {
      // A file of the expected size ends here: look before more memory is taken.
      uint8_t extra;
      ssize_t more = read(descriptor, &extra, 1);
      if (more < 0 && errno == EINTR) continue;
      if (more <= 0) break;
      OffHeapBinary* larger = OffHeapBinary::reallocate(binary, capacity * 2);
      if (larger == nullptr) {
        OffHeapBinary::destroy(binary);
        return fail(ENOMEM);
      }
      binary = larger;
      capacity *= 2;
      binary->data[used++] = extra;
    }
    ssize_t got = read(descriptor, binary->data + used, capacity - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      int error = errno;
      OffHeapBinary::destroy(binary);
      return fail(error);
    }
    if (got == 0) break;
    used += static_cast<size_t>(got);
  }
  close(descriptor);
  call.charge(used / 1024);
  Term contents;
  if (used <= heap_binary_limit) {
    contents = make_binary(call.arena(), Bytes(binary->data, used));
    OffHeapBinary::destroy(binary);
  } else {
    if (used < capacity)
      if (OffHeapBinary* smaller = OffHeapBinary::reallocate(binary, used)) binary = smaller;
    binary->size = used;
    contents = make_refc_binary(call.arena(), binary, used);
  }
  return ok_tuple(call.arena(), contents);
}

Result prim_file_read_link_nif_1(Call& call) {
  PATH_OR_RETURN(path, call.args[0]);
  std::vector<char> target(256);
  for (;;) {
    ssize_t length = readlink(path->c_str(), target.data(), target.size());
    if (length < 0) return posix_error(call.arena(), errno);
    if (static_cast<size_t>(length) < target.size())
      return ok_tuple(call.arena(), make_binary(call.arena(), std::string_view(target.data(), static_cast<size_t>(length))));
    target.resize(target.size() * 2);
  }
}

Result prim_file_make_hard_link_nif_2(Call& call) {
  PATH_OR_RETURN(existing, call.args[0]);
  PATH_OR_RETURN(created, call.args[1]);
  return ok_or_errno(call, link(existing->c_str(), created->c_str()) == 0);
}

Result prim_file_make_soft_link_nif_2(Call& call) {
  PATH_OR_RETURN(existing, call.args[0]);
  PATH_OR_RETURN(created, call.args[1]);
  return ok_or_errno(call, symlink(existing->c_str(), created->c_str()) == 0);
}

// Errors that POSIX leaves open are told as the file module documents them.
Result prim_file_rename_nif_2(Call& call) {
  PATH_OR_RETURN(source, call.args[0]);
  PATH_OR_RETURN(destination, call.args[1]);
  if (rename(source->c_str(), destination->c_str()) == 0) return am::ok;
  int error = errno;
  if (error == ENOTEMPTY) error = EEXIST;
  if (*source == "/") error = EINVAL;
  return posix_error(call.arena(), error);
}

Result prim_file_make_dir_nif_1(Call& call) {
  PATH_OR_RETURN(path, call.args[0]);
  if (mkdir(path->c_str(), 0777) == 0) return am::ok;
  return posix_error(call.arena(), errno == EISDIR ? EEXIST : errno);
}

Result prim_file_del_file_nif_1(Call& call) {
  PATH_OR_RETURN(path, call.args[0]);
  if (unlink(path->c_str()) == 0) return am::ok;
  return posix_error(call.arena(), errno == EISDIR ? EPERM : errno);
}

bool is_working_folder(const char* path) {
  struct stat its, own;
  return stat(path, &its) == 0 && stat(".", &own) == 0 && its.st_dev == own.st_dev && its.st_ino == own.st_ino;
}

Result prim_file_del_dir_nif_1(Call& call) {
  PATH_OR_RETURN(path, call.args[0]);
  if (rmdir(path->c_str()) == 0) return am::ok;
  int error = errno == ENOTEMPTY ? EEXIST : errno;
  if (error == EEXIST && is_working_folder(path->c_str())) error = EINVAL;
  return posix_error(call.arena(), error);
}

Result prim_file_set_cwd_nif_1(Call& call) {
  PATH_OR_RETURN(path, call.args[0]);
  return ok_or_errno(call, chdir(path->c_str()) == 0);
}

Result prim_file_get_cwd_nif_0(Call& call) {
  std::vector<char> path(1024);
  while (getcwd(path.data(), path.size()) == nullptr) {
    if (errno != ERANGE) return posix_error(call.arena(), errno);
    path.resize(path.size() * 2);
  }
  return ok_tuple(call.arena(), make_binary(call.arena(), std::string_view(path.data())));
}

// Drives and short names exist on Windows only.
Result prim_file_get_device_cwd_nif_1(Call& call) { return posix_error(call.arena(), ENOTSUP); }
Result prim_file_altname_nif_1(Call& call) { return posix_error(call.arena(), ENOTSUP); }

constexpr BifKind io = BifKind::dirty_io;
constexpr Authority host = Authority::host;
constexpr BifRow rows[] = {
    {"prim_file", "altname_nif", 1, prim_file_altname_nif_1, io, host},
    {"prim_file", "del_dir_nif", 1, prim_file_del_dir_nif_1, io, host},
    {"prim_file", "del_file_nif", 1, prim_file_del_file_nif_1, io, host},
    {"prim_file", "get_cwd_nif", 0, prim_file_get_cwd_nif_0, io, host},
    {"prim_file", "get_device_cwd_nif", 1, prim_file_get_device_cwd_nif_1, io, host},
    {"prim_file", "list_dir_nif", 1, prim_file_list_dir_nif_1, io, host},
    {"prim_file", "make_dir_nif", 1, prim_file_make_dir_nif_1, io, host},
    {"prim_file", "make_hard_link_nif", 2, prim_file_make_hard_link_nif_2, io, host},
    {"prim_file", "make_soft_link_nif", 2, prim_file_make_soft_link_nif_2, io, host},
    {"prim_file", "read_file_nif", 1, prim_file_read_file_nif_1, io, host},
    {"prim_file", "read_link_nif", 1, prim_file_read_link_nif_1, io, host},
    {"prim_file", "rename_nif", 2, prim_file_rename_nif_2, io, host},
    {"prim_file", "set_cwd_nif", 1, prim_file_set_cwd_nif_1, io, host},
};

}  // namespace
const BifTable prim_file_path_bifs = rows;

}  // namespace hanse
