// Bytes being written that will become a binary: they grow in an off-heap binary, so that taking them copies nothing. In
// counting mode they are thrown away and only their number is kept. One thread at a time.
#pragma once

#include "base/bytes.h"
#include "term/arena.h"

namespace hanse {

class ByteBuffer {
 public:
  enum class Mode : uint8_t { keep, count };
  explicit ByteBuffer(Mode mode = Mode::keep) : mode_(mode), begin_(scratch_), next_(scratch_), end_(scratch_ + sizeof(scratch_)) {}
  ByteBuffer(const ByteBuffer&) = delete;
  ByteBuffer& operator=(const ByteBuffer&) = delete;
  ~ByteBuffer() {
    if (binary_ != nullptr) binary_->release();
  }

  // Room for `size` bytes, all of which the caller fills. With no memory left the bytes are lost and failed() says so.
  uint8_t* append(size_t size) {
    if (static_cast<size_t>(end_ - next_) < size) [[unlikely]] return append_slow(size);
    uint8_t* room = next_;
    next_ += size;
    return room;
  }
  void put8(uint8_t value) { *append(1) = value; }
  void put16(uint16_t value) { store_be16(append(2), value); }
  void put32(uint32_t value) { store_be32(append(4), value); }
  void put64(uint64_t value) { store_be64(append(8), value); }
  void put(const void* bytes, size_t size);
  // Bytes that a reader will see here, but that are not in the buffer.
  void count_elsewhere(size_t size) { elsewhere_ += size; }

  // Of all bytes so far, with those elsewhere.
  size_t position() const { return dropped_ + elsewhere_ + size(); }
  size_t size() const { return static_cast<size_t>(next_ - begin_); }
  const uint8_t* data() const { return begin_; }
  Bytes bytes() const { return {begin_, size()}; }
  // Overwrites four bytes at `offset` of the buffer itself.
  void patch32(size_t offset, uint32_t value) {
    if (mode_ == Mode::keep && !failed_) store_be32(begin_ + offset, value);
  }
  bool failed() const { return failed_; }
  // The bytes; the buffer is empty afterwards. nullptr if failed().
  Ref<OffHeapBinary> take();
  // The bytes as a binary; the buffer is empty afterwards. none() if failed().
  Term take(Arena& arena);

 private:
  uint8_t* append_slow(size_t size);
  void drop();

  Mode mode_;
  bool failed_ = false;
  uint8_t* begin_;
  uint8_t* next_;
  uint8_t* end_;
  OffHeapBinary* binary_ = nullptr;  // nullptr while the scratch is enough
  size_t dropped_ = 0;
  size_t elsewhere_ = 0;
  uint8_t scratch_[512];
};

}  // namespace hanse
