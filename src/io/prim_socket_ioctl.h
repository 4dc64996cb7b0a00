// Names and numbers of the requests that socket:ioctl/2,3,4 knows.
#pragma once

#include "term/arena.h"

namespace hanse {

Term ioctl_requests(Arena& arena);
Term ioctl_flags(Arena& arena);

}  // namespace hanse
