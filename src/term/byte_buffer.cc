#include "term/byte_buffer.h"

#include <algorithm>

#include "term/build.h"

namespace hanse {

void ByteBuffer::put(const void* bytes, size_t size) {
  // What is only counted need not be copied either.
  if (mode_ == Mode::count) {
    dropped_ += size;
    return;
  }
  uint8_t* to = append(size);
  if (size > 0 && !failed_) std::memcpy(to, bytes, size);
}

// Appends of more than the scratch are made by put() only, which copies nothing once writing has failed.
uint8_t* ByteBuffer::append_slow(size_t size) {
  if (mode_ == Mode::count || failed_) {
    drop();
    if (size > sizeof(scratch_)) dropped_ += size;
    else next_ += size;
    return scratch_;
  }
  size_t used = this->size(), capacity = std::max(used + size, used * 2);
  OffHeapBinary* grown = nullptr;
  if (binary_ == nullptr) {
    grown = OffHeapBinary::create(capacity);
    if (grown != nullptr) std::memcpy(grown->data, scratch_, used);
  } else {
    grown = OffHeapBinary::reallocate(binary_, capacity);
  }
  if (grown == nullptr) {
    failed_ = true;
    drop();
    return append_slow(size);
  }
  binary_ = grown;
  begin_ = grown->data;
  next_ = begin_ + used + size;
  end_ = begin_ + capacity;
  return begin_ + used;
}

void ByteBuffer::drop() {
  dropped_ += size();
  begin_ = next_ = scratch_;
  end_ = scratch_ + sizeof(scratch_);
}

Ref<OffHeapBinary> ByteBuffer::take() {
  if (failed_) return nullptr;
  if (binary_ == nullptr) {
    OffHeapBinary* copy = OffHeapBinary::create(size());
    if (copy != nullptr) std::memcpy(copy->data, begin_, size());
    drop();
    return Ref<OffHeapBinary>::adopt(copy);
  }
  binary_->size = size();
  auto taken = Ref<OffHeapBinary>::adopt(std::exchange(binary_, nullptr));
  drop();
  return taken;
}

Term ByteBuffer::take(Arena& arena) {
  if (failed_) return Term::none();
  size_t used = size();
  Term result;
  if (binary_ == nullptr || used <= heap_binary_limit) {
    result = make_binary(arena, bytes());
  } else {
    binary_->size = used;
    // Gives back the room that was not needed.
    if (OffHeapBinary* fitted = OffHeapBinary::reallocate(binary_, used)) binary_ = fitted;
    result = make_refc_binary(arena, std::exchange(binary_, nullptr), used);
  }
  drop();
  return result;
}

}  // namespace hanse
