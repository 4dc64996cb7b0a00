// Machine code that takes the place of a module's instructions (jit/).
#pragma once

#include <cstdint>

namespace hanse {

class NativeCode {
 public:
  virtual ~NativeCode() = default;
  // What the word at that offset, which leads into this code now, was before; `word` if it does not.
  virtual uint32_t original_word(uint32_t offset, uint32_t word) const = 0;
};

}  // namespace hanse
