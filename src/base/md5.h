// MD5 (RFC 1321), incremental. Not for security: identity of modules, erlang:md5. One thread at a time.
#pragma once

#include <array>

#include "base/bytes.h"

namespace hanse {

class Md5 {
 public:
  using Digest = std::array<uint8_t, 16>;

  void update(Bytes data);
  // Ends the computation.
  Digest finish();
  static Digest of(Bytes data) {
    Md5 md5;
    md5.update(data);
    return md5.finish();
  }

  // The whole state as bytes, for erlang:md5_init/update/final: trivially copyable.
  uint32_t state[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  uint64_t length = 0;  // bytes so far; the last length % 64 of them wait in `block`
  uint8_t block[64] = {};

 private:
  void transform(const uint8_t* data);
};

}  // namespace hanse
