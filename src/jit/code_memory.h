// Memory for machine code, below 2 GB. The same pages are seen twice: where they run they cannot be written, and where they
// are written they cannot run.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hanse::jit {

struct CodeRange {
  uint8_t* write = nullptr;
  const uint8_t* run = nullptr;
  size_t bytes = 0;
};

// write is nullptr: there is no room, or the system does not allow it. Any thread.
CodeRange allocate_code(size_t bytes);
void free_code(CodeRange range);

}  // namespace hanse::jit
