// The #file_info{} record of kernel's file.hrl.
#pragma once

#include <sys/stat.h>

#include "term/arena.h"

namespace hanse {

// Times are POSIX seconds. access: read | write | read_write | none.
Term make_file_info(Arena& arena, const struct stat& status, Term access);
// What the mode says of the user of this node, as stock tells it of open files; not what that user may do (root).
Term access_by_mode(const struct stat& status);

}  // namespace hanse
