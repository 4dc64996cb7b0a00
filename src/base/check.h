// Broken invariants of the host. A guest's mistake is never one of these: it is a Result (term/result.h).
#pragma once

#include "base/compiler.h"

namespace hanse {

// Prints the message with its place and aborts the node.
[[noreturn]] HANSE_COLD void check_failed(const char* condition, const char* file, int line);

}  // namespace hanse

#define CHECK(condition)                                                          \
  do {                                                                            \
    if (!(condition)) [[unlikely]]                                                \
      ::hanse::check_failed(#condition, __FILE__, __LINE__);                      \
  } while (false)

#ifdef NDEBUG
#define DCHECK(condition) \
  do {                    \
  } while (false && (condition))
#else
#define DCHECK(condition) CHECK(condition)
#endif
