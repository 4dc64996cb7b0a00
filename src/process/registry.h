// Registered names of one machine. Any thread.
#pragma once

#include "term/term.h"

namespace hanse {

class Registry {};

}  // namespace hanse
