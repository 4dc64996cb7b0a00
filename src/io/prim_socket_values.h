// Values of socket options between guests and the system.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "io/prim_socket_options.h"
#include "term/arena.h"

namespace hanse {

struct OptionValue {
  alignas(8) uint8_t data[256] = {};
  size_t size = 0;
  std::vector<uint8_t> large;  // instead of data, for values of any length
  Bytes bytes() const { return large.empty() ? Bytes(data, size) : Bytes(large); }
  template <class T>
  void set(const T& value) {
    static_assert(sizeof(T) <= sizeof(data));
    std::memcpy(data, &value, sizeof(T));
    size = sizeof(T);
  }
};

// False: the value is not of that shape.
bool encode_option(OptionShape shape, Term value, int domain, OptionValue& out);
// Room that getsockopt needs.
size_t option_size(OptionShape shape);
Term decode_option(Arena& arena, OptionShape shape, const OptionValue& value);

// [#{level, type, data, value}] of the control messages (cmsghdr) in a buffer aligned for them.
Term encode_control(Arena& arena, Bytes buffer);

Term encode_type_of_service(int value);
bool decode_type_of_service(Term term, int& value);

}  // namespace hanse
