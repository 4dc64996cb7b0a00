// What the gateway refuses, as a problem document (RFC 9457).
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace hanse::gateway {

struct Problem {
  unsigned status;
  const char* kind;     // the end of the type: urn:hanse:problem:KIND
  std::string detail;   // printable ASCII: a text of ours, never one of the client's
  std::vector<std::pair<const char*, int64_t>> members = {};  // more of the document

  std::string json() const;
};

const char* reason_phrase(unsigned status);

}  // namespace hanse::gateway
