// How much of a .beam file is taken on trust.
#pragma once

#include <cstdint>

namespace hanse {

enum class Trust : uint8_t {
  trusted,   // from the compiler: shape, frames and initialisation are checked, types are what the compiler says they are
  verified,  // from anybody (code of jailed machines): whatever the bytes, the code can do nothing but compute and raise
};

}  // namespace hanse
