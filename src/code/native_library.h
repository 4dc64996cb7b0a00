// The library whose functions stand in for some of a module's (Module::native_library()). It goes with the module.
#pragma once

#include "term/fun.h"

namespace hanse {

class NativeLibrary {
 public:
  virtual ~NativeLibrary() = default;
  // Whether who stands there is about to call one of its functions, or is in it.
  virtual bool contains(Ip ip) const = 0;
};

}  // namespace hanse
