// Stands before the built-in functions of the gateway in their tables.
#pragma once

#include "gateway/libraries.h"
#include "process/call.h"

namespace hanse {

// error:{load_failed, Text} if the gateway's libraries are not there.
HANSE_COLD inline Result raise_load_failed(Call& call, const std::string& text) {
  return raise_error(call, make_tuple(call.arena(), am::load_failed, make_binary(call.arena(), text)));
}

template <BifFunction function>
Result with_libraries(Call& call) {
  const auto& libraries = gateway::open_libraries();
  if (!libraries) [[unlikely]] return raise_load_failed(call, libraries.error());
  return function(call);
}

}  // namespace hanse
