// Bytes on their way out: a queue of pieces that share off-heap binaries instead of copying them. One owner, one thread at
// a time.
#pragma once

#include <sys/uio.h>

#include <deque>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "term/off_heap_binary.h"
#include "term/term.h"

namespace hanse {

class IoQueue {
 public:
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // Copies.
  void append(Bytes bytes);
  void append(std::string_view text) { append(Bytes(reinterpret_cast<const uint8_t*>(text.data()), text.size())); }
  // Moves everything from the other queue behind this one.
  void append(IoQueue&& other);
  // Large off-heap binaries are shared, all else is copied. False, with the queue in any state, if `data` is no iodata.
  [[nodiscard]] bool append_iodata(Term data);

  // Up to `capacity` pieces from the front, of at most `limit_bytes` together. Returns how many.
  int fill(iovec* vectors, int capacity, size_t limit_bytes = SIZE_MAX) const;
  size_t piece_count() const { return pieces_.size(); }
  // All pieces, and what keeps each of them alive.
  void fill(iovec* vectors, OffHeapBinary** owners) const;
  void consume(size_t bytes);
  void clear();
  // Copies `size` bytes at the front (there must be as many) without consuming them.
  void peek(uint8_t* out, size_t size) const;
  std::string to_string() const;

 private:
  struct Piece {
    Ref<OffHeapBinary> owner;
    const uint8_t* data;
    size_t size;
  };
  std::deque<Piece> pieces_;
  size_t size_ = 0;
};

}  // namespace hanse
