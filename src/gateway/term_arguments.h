// Arguments of the gateway's natives.
#pragma once

#include <algorithm>
#include <optional>

#include "bif/iolist.h"
#include "gateway/crypto.h"
#include "process/call.h"

namespace hanse {

// A binary of 32 bytes.
inline std::optional<gateway::Bytes32> bytes32_argument(Term term) {
  IodataBytes given(term);
  gateway::Bytes32 bytes;
  if (!given.is_valid() || given.size() != bytes.size()) return std::nullopt;
  std::copy(given.data(), given.data() + given.size(), bytes.begin());
  return bytes;
}

}  // namespace hanse
