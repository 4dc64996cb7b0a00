#include "term/external_compress.h"

#include <zlib.h>

#include <algorithm>

namespace hanse {

// Deflate cannot do better than 1032 to 1 (zlib's technical notes); the rest is for header and trailer.
static constexpr size_t max_expansion = 1032;
static constexpr size_t first_room = 64 * 1024;

Inflated inflate_bounded(Bytes data, size_t claimed_size) {
  Inflated result;
  if (claimed_size / max_expansion > data.size()) return result;
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return result;
  stream.next_in = const_cast<uint8_t*>(data.data());
  auto available = static_cast<uInt>(std::min<size_t>(data.size(), UINT32_MAX));
  stream.avail_in = available;
  size_t produced = 0;
  int status = Z_OK;
  // One byte more than claimed may be asked for, to see that nothing follows.
  while (status == Z_OK && produced <= claimed_size) {
    size_t room = std::min(claimed_size + 1, std::max(first_room, result.bytes.size() * 2));
    if (produced == result.bytes.size()) result.bytes.resize(room);
    stream.next_out = result.bytes.data() + produced;
    stream.avail_out = static_cast<uInt>(std::min<size_t>(result.bytes.size() - produced, UINT32_MAX));
    uInt before = stream.avail_out;
    status = inflate(&stream, Z_NO_FLUSH);
    produced += before - stream.avail_out;
    if (before == stream.avail_out && status == Z_OK) break;  // truncated input
  }
  result.bytes_used = available - stream.avail_in;
  result.ok = status == Z_STREAM_END && produced == claimed_size;
  inflateEnd(&stream);
  result.bytes.resize(result.ok ? produced : 0);
  return result;
}

bool deflate_if_smaller(std::vector<uint8_t>& out, Bytes data, int level) {
  size_t start = out.size();
  out.resize(start + data.size());
  uLongf size = data.size();
  int status = compress2(out.data() + start, &size, data.data(), data.size(), level);
  // What goes in front costs five bytes; stock compresses from there on.
  bool smaller = status == Z_OK && size + 5 <= data.size();
  out.resize(smaller ? start + size : start);
  return smaller;
}

}  // namespace hanse
