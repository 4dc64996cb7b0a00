// Text of a module's generic code, for people.
#pragma once

#include <string>

#include "code/generic_code.h"

namespace hanse {

std::string disassemble(const GenericModule& module);
std::string disassemble(const GenericModule& module, const GenericInstruction& instruction);

}  // namespace hanse
