#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace hanse {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "hanse: internal error: %s does not hold (%s:%d)\n", condition, file, line);
  std::fflush(stderr);
  std::abort();
}

}  // namespace hanse
