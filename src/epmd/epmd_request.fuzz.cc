// The decoder of the port mapper's requests takes any bytes.
#include <cstdlib>

#include "epmd/epmd_request.h"

using namespace hanse::epmd;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto request = decode_request({data, size});
  if (!request) return 0;
  if (auto* registration = std::get_if<Registration>(&*request)) {
    if (registration->name.empty() || registration->name.size() > 4 * name_limit_characters) std::abort();
    if (port_answer(*registration).size() != 14 + registration->name.size() + registration->extra.size()) std::abort();
  }
  return 0;
}
