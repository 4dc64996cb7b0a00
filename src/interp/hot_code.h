// Who is told where processes spend their time.
#pragma once

#include "code/module.h"

namespace hanse {

// A slice was used up in the module; nullptr: nobody wants to know. Called on a scheduler's thread, within its epoch guard.
using HotCode = void (*)(Module& module);
extern HotCode hot_code;

}  // namespace hanse
