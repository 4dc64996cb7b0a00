// A machine for unit tests that run no code: nobody may call its realm.
#pragma once

#include "process/machine.h"

namespace hanse {

struct TestMachine {
  alignas(16) unsigned char nothing[16] = {};
  Machine machine{"test", 1, *reinterpret_cast<Realm*>(nothing)};
};

}  // namespace hanse
