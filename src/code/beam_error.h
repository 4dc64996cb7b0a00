// Why a .beam file is refused: where, and what was expected.
#pragma once

#include <cstddef>
#include <string>

namespace hanse {

struct BeamError {
  std::string chunk;   // "Code", "AtU8", ...; empty: the file as a whole
  size_t offset = 0;   // byte in the chunk's data
  std::string reason;

  // "chunk Code, byte 123: register x(1024) is out of range, at most 1023"
  std::string message() const;
};

}  // namespace hanse
