// The environment variables of the node, for whoever starts programs. Any thread.
#pragma once

#include <string>
#include <vector>

namespace hanse {

// "NAME=VALUE" of all variables now.
std::vector<std::string> environment_snapshot();

}  // namespace hanse
