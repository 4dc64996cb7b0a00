// The zlib part of compressed external terms. Owns nothing; any thread.
#pragma once

#include <vector>

#include "base/bytes.h"

namespace hanse {

struct Inflated {
  std::vector<uint8_t> bytes;
  size_t bytes_used = 0;  // of the input
  bool ok = false;        // exactly the claimed size came out
};
// claimed_size is a stranger's: room is made only as data arrives, and never more than zlib can expand the input to.
Inflated inflate_bounded(Bytes data, size_t claimed_size);

// zlib stream of data appended to out; false if it would not save five bytes.
bool deflate_if_smaller(std::vector<uint8_t>& out, Bytes data, int level);

}  // namespace hanse
