// prim_file: reading and changing what the file system says about files.
#include "io/prim_file_info.h"

#include <fcntl.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <climits>

#include "bif/tables.h"
#include "io/posix_error.h"
#include "io/prim_file_names.h"
#include "process/call.h"
#include "term/big.h"

namespace hanse {

Term make_file_info(Arena& arena, const struct stat& status, Term access) {
  Term type = S_ISREG(status.st_mode)                                    ? am::regular
              : S_ISDIR(status.st_mode)                                  ? am::directory
              : S_ISLNK(status.st_mode)                                  ? am::symlink
              : S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode)       ? am::device
                                                                         : am::other;
  Term fields[] = {
      am::file_info,
      make_integer(arena, status.st_size),
      type,
      access,
      make_integer(arena, status.st_atime),
      make_integer(arena, status.st_mtime),
      make_integer(arena, status.st_ctime),
      Term::small(status.st_mode),
      make_unsigned(arena, status.st_nlink),
      make_unsigned(arena, status.st_dev),
      make_unsigned(arena, status.st_rdev),
      make_unsigned(arena, status.st_ino),
      Term::small(status.st_uid),
      Term::small(status.st_gid),
  };
  return make_tuple(arena, std::span<const Term>(fields));
}

static Term access_of(const char* path) {
  bool readable = access(path, R_OK) == 0, writable = access(path, W_OK) == 0;
  if (readable) return writable ? am::read_write : am::read;
  return writable ? am::write : am::none;
}

Term access_by_mode(const struct stat& status) {
  mode_t bits = status.st_mode;
  if (status.st_uid == geteuid()) bits >>= 6;
  else if (status.st_gid == getegid() || group_member(status.st_gid)) bits >>= 3;
  if ((bits & 4) != 0) return (bits & 2) != 0 ? am::read_write : am::read;
  return (bits & 2) != 0 ? am::write : am::none;
}

static Result ok_or_errno(Call& call, bool success) {
  if (success) return am::ok;
  return posix_error(call.arena(), errno);
}

// Second argument: 0 looks at a symbolic link itself.
static Result prim_file_read_info_nif_2(Call& call) {
  auto path = path_of_native_name(call.args[0]);
  if (!path || !call.args[1].is_small()) return raise_badarg(call);
  struct stat status;
  int result = call.args[1].as_small() != 0 ? stat(path->c_str(), &status) : lstat(path->c_str(), &status);
  if (result != 0) return posix_error(call.arena(), errno);
  return make_file_info(call.arena(), status, access_of(path->c_str()));
}

static Result prim_file_set_permissions_nif_2(Call& call) {
  auto path = path_of_native_name(call.args[0]);
  if (!path || !call.args[1].is_small() || call.args[1].as_small() < 0) return raise_badarg(call);
  auto mode = static_cast<mode_t>(call.args[1].as_small());
  return ok_or_errno(call, chmod(path->c_str(), mode & 07777) == 0);
}

// -1 leaves the owner or group as it is.
static Result prim_file_set_owner_nif_3(Call& call) {
  auto path = path_of_native_name(call.args[0]);
  auto is_id = [](Term id) { return id.is_small() && id.as_small() >= -1 && id.as_small() <= INT_MAX; };
  if (!path || !is_id(call.args[1]) || !is_id(call.args[2])) return raise_badarg(call);
  auto owner = static_cast<uid_t>(call.args[1].as_small());
  auto group = static_cast<gid_t>(call.args[2].as_small());
  return ok_or_errno(call, chown(path->c_str(), owner, group) == 0);
}

// Access, modification and creation time; the last cannot be set here.
static Result prim_file_set_time_nif_4(Call& call) {
  auto path = path_of_native_name(call.args[0]);
  int64_t accessed, modified, created;
  if (!path || !call.args[1].is_integer() || !integer_fits_int64(call.args[1], accessed) ||
      !call.args[2].is_integer() || !integer_fits_int64(call.args[2], modified) ||
      !call.args[3].is_integer() || !integer_fits_int64(call.args[3], created))
    return raise_badarg(call);
  timespec times[2] = {{accessed, 0}, {modified, 0}};
  return ok_or_errno(call, utimensat(AT_FDCWD, path->c_str(), times, 0) == 0);
}

static constexpr BifRow rows[] = {
    {"prim_file", "read_info_nif", 2, prim_file_read_info_nif_2, BifKind::dirty_io, Authority::host},
    {"prim_file", "set_owner_nif", 3, prim_file_set_owner_nif_3, BifKind::dirty_io, Authority::host},
    {"prim_file", "set_permissions_nif", 2, prim_file_set_permissions_nif_2, BifKind::dirty_io, Authority::host},
    {"prim_file", "set_time_nif", 4, prim_file_set_time_nif_4, BifKind::dirty_io, Authority::host},
};
const BifTable prim_file_info_bifs = rows;

}  // namespace hanse
