// The container of .beam files: an IFF form ("FOR1" size "BEAM") of named chunks (beam_lib, "Chunks"). Views into bytes that
// the caller keeps; pure.
#pragma once

#include <expected>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/md5.h"
#include "code/beam_error.h"

namespace hanse {

struct BeamChunk {
  std::string_view name;  // four characters
  Bytes data;
};

class BeamContainer {
 public:
  // Bytes after the form are ignored, as in stock.
  static std::expected<BeamContainer, BeamError> parse(Bytes file);

  // nullopt if there is none; the first one if there are several.
  std::optional<Bytes> find(std::string_view name) const;
  std::span<const BeamChunk> chunks() const { return chunks_; }
  // What Module:module_info(md5) and beam_lib:md5/1 are: the digest of the chunks that make a difference when running.
  // nullopt if one of the required chunks is missing or the table of funs is cut short.
  std::optional<Md5::Digest> md5() const;

 private:
  std::vector<BeamChunk> chunks_;
};

// Compressed parts of a file may be a thousand times as large as the file: so much may come of all of them together.
inline constexpr size_t inflated_limit_bytes = size_t{1} << 30;

bool is_gzip(Bytes data);
// A whole gzip file, of at most `limit` bytes.
std::expected<std::vector<uint8_t>, BeamError> gunzip(Bytes data, size_t limit);
// A zlib stream whose size is known.
std::expected<std::vector<uint8_t>, BeamError> inflate_exactly(Bytes data, size_t size, std::string_view chunk);

// Reads fields of one chunk in order. The first failure sticks: later reads return zero and change nothing, so that callers
// check once per record.
class ChunkReader {
 public:
  ChunkReader(std::string_view chunk, Bytes data, size_t base = 0) : chunk_(chunk), data_(data), base_(base) {}

  uint8_t u8() { return need(1) ? data_[at_++] : 0; }
  uint16_t u16() {
    if (!need(2)) return 0;
    at_ += 2;
    return load_be16(data_.data() + at_ - 2);
  }
  uint32_t u32() {
    if (!need(4)) return 0;
    at_ += 4;
    return load_be32(data_.data() + at_ - 4);
  }
  uint64_t u64() {
    if (!need(8)) return 0;
    at_ += 8;
    return load_be64(data_.data() + at_ - 8);
  }
  Bytes bytes(size_t count) {
    if (!need(count)) return {};
    at_ += count;
    return data_.subspan(at_ - count, count);
  }
  // A count of records that follow, each at least `record_bytes` long.
  uint32_t count(size_t record_bytes);

  bool at_end() const { return at_ >= data_.size(); }
  size_t offset() const { return base_ + at_; }
  size_t left() const { return data_.size() - at_; }
  bool failed() const { return failed_; }
  void fail(std::string reason);
  void fail_at(size_t offset, std::string reason);
  BeamError take_error() { return std::move(error_); }

 private:
  bool need(size_t count) {
    if (failed_) return false;
    if (data_.size() - at_ >= count) [[likely]] return true;
    fail_short(count);
    return false;
  }
  void fail_short(size_t count);

  std::string_view chunk_;
  Bytes data_;
  size_t base_;  // added to offsets in messages
  size_t at_ = 0;
  bool failed_ = false;
  BeamError error_;
};

}  // namespace hanse
