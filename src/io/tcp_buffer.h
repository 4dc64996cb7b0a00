// Input of a stream socket: bytes are read into an off-heap binary, and large packets are given to guests as parts of it,
// without a copy. One owner.
#pragma once

#include <algorithm>

#include "base/bytes.h"
#include "term/build.h"
#include "term/off_heap_binary.h"

namespace hanse {

class TcpBuffer {
 public:
  Bytes bytes() const { return {storage_ ? storage_->data + begin_ : nullptr, end_ - begin_}; }
  size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }

  // Room for `size` more bytes behind the present ones.
  uint8_t* reserve(size_t size) {
    if (storage_ && storage_->capacity - end_ >= size) return storage_->data + end_;
    bool shared = storage_ && storage_->reference_count() > 1;
    if (storage_ && !shared && storage_->capacity - this->size() >= size) {
      std::memmove(storage_->data, storage_->data + begin_, this->size());
    } else {
      OffHeapBinary* fresh = OffHeapBinary::create(this->size() + size);
      CHECK(fresh != nullptr);
      if (!empty()) std::memcpy(fresh->data, storage_->data + begin_, this->size());
      storage_ = Ref<OffHeapBinary>::adopt(fresh);
    }
    end_ -= begin_;
    begin_ = 0;
    return storage_->data + end_;
  }
  void commit(size_t size) { end_ += size; }
  void consume(size_t size) {
    begin_ += size;
    if (begin_ != end_) return;
    // A guest may still hold parts: then the next bytes get a new storage.
    if (storage_ && storage_->reference_count() > 1) storage_ = nullptr;
    begin_ = end_ = 0;
  }
  void clear() {
    storage_ = nullptr;
    begin_ = end_ = 0;
  }
  void push_front(Bytes bytes) {
    Ref<OffHeapBinary> fresh = Ref<OffHeapBinary>::adopt(OffHeapBinary::create(bytes.size() + size()));
    std::memcpy(fresh->data, bytes.data(), bytes.size());
    if (!empty()) std::memcpy(fresh->data + bytes.size(), storage_->data + begin_, size());
    end_ = bytes.size() + size();
    begin_ = 0;
    storage_ = std::move(fresh);
  }

  // A binary of the bytes [from, from + size): shares the storage if it is mostly that, else copies.
  Term share(Arena& arena, size_t from, size_t size) {
    if (size < 256 || size < storage_->capacity / 2) return make_binary(arena, bytes().subspan(from, size));
    storage_->retain();
    Term whole = make_refc_binary(arena, storage_.get(), storage_->capacity);
    return make_sub_binary(arena, whole, (begin_ + from) * 8, size * 8);
  }

 private:
  Ref<OffHeapBinary> storage_;
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace hanse
