// The tables of built-in functions of every layer. tables.def is the only list; main/ collects them.
#pragma once

#include "code/bif.h"

namespace hanse {

#define TABLE(name) extern const BifTable name;
#include "bif/tables.def"
#undef TABLE

}  // namespace hanse
