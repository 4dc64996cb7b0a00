// Words of Hanse's own at the start of the command line; everything else is erl's.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace hanse {

// What to do instead of starting a node: print a text and exit.
struct VerbAnswer {
  std::string text;
  int status = 0;
};

// `arguments` is the command line without the program's name. `run` is rewritten to flags of erl; --help, --version and
// mistakes have an answer.
std::optional<VerbAnswer> take_verb(std::vector<std::string>& arguments);

}  // namespace hanse
