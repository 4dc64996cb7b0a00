#include "driver/driver_queue.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "driver/linked_port.h"

namespace hanse::driver {

// offsetof is not for classes with bases, but clang knows what it does.
#pragma clang diagnostic ignored "-Winvalid-offsetof"
static_assert(offsetof(OffHeapBinary, elsewhere) + sizeof(OffHeapBinary::elsewhere) == sizeof(OffHeapBinary));
static_assert(sizeof(OffHeapBinary) % 16 == 0);  // so that the bytes follow it at once
static_assert(offsetof(ErlDrvBinary, orig_bytes) == sizeof(OffHeapBinary::elsewhere));

ErlDrvBinary* lend(OffHeapBinary* binary) {
  // Several may lend the same one at the same time.
  std::atomic_ref(binary->elsewhere).store(binary->size, std::memory_order_relaxed);
  return reinterpret_cast<ErlDrvBinary*>(&binary->elsewhere);
}

OffHeapBinary* borrowed(ErlDrvBinary* binary) {
  return reinterpret_cast<OffHeapBinary*>(reinterpret_cast<char*>(binary) - offsetof(OffHeapBinary, elsewhere));
}

bool DriverQueue::collect(const ErlIOVec& from, size_t skip, std::vector<Piece>& to) {
  if (skip > from.size) return false;
  for (int i = 0; i < from.vsize; i++) {
    SysIOVec bytes = from.iov[i];
    size_t skipped = std::min(skip, bytes.iov_len);
    skip -= skipped;
    bytes.iov_base = static_cast<char*>(bytes.iov_base) + skipped;
    bytes.iov_len -= skipped;
    if (bytes.iov_len == 0) continue;
    ErlDrvBinary* binary = from.binv != nullptr ? from.binv[i] : nullptr;
    if (binary != nullptr) {
      borrowed(binary)->retain();
    } else {
      binary = driver_alloc_binary(bytes.iov_len);
      if (binary == nullptr) return false;
      std::memcpy(binary->orig_bytes, bytes.iov_base, bytes.iov_len);
      bytes.iov_base = binary->orig_bytes;
    }
    to.push_back({bytes, binary});
  }
  return true;
}

void DriverQueue::add(Piece piece) {
  pieces_.push_back(piece.bytes);
  binaries_.push_back(piece.binary);
  size_.store(size() + piece.bytes.iov_len, std::memory_order_relaxed);
}

bool DriverQueue::enqueue(const ErlIOVec& from, size_t skip) {
  std::vector<Piece> pieces;
  if (!collect(from, skip, pieces)) return false;
  for (Piece& piece : pieces) add(piece);
  return true;
}

bool DriverQueue::push(const ErlIOVec& from, size_t skip) {
  std::vector<Piece> pieces;
  if (!collect(from, skip, pieces)) return false;
  insert_first(pieces);
  return true;
}

void DriverQueue::insert_first(const std::vector<Piece>& pieces) {
  if (first_ < pieces.size()) {
    size_t room = pieces.size() - first_;
    pieces_.insert(pieces_.begin(), room, SysIOVec{});
    binaries_.insert(binaries_.begin(), room, nullptr);
    first_ += room;
  }
  first_ -= pieces.size();
  for (size_t i = 0; i < pieces.size(); i++) {
    pieces_[first_ + i] = pieces[i].bytes;
    binaries_[first_ + i] = pieces[i].binary;
    size_.store(size() + pieces[i].bytes.iov_len, std::memory_order_relaxed);
  }
}

static ErlIOVec one_piece(SysIOVec& bytes) { return {1, bytes.iov_len, &bytes, nullptr}; }

bool DriverQueue::enqueue(const char* bytes, size_t size) {
  SysIOVec piece{const_cast<char*>(bytes), size};
  return enqueue(one_piece(piece), 0);
}
bool DriverQueue::push(const char* bytes, size_t size) {
  SysIOVec piece{const_cast<char*>(bytes), size};
  return push(one_piece(piece), 0);
}

bool DriverQueue::dequeue(size_t bytes) {
  if (bytes > size()) return false;
  size_.store(size() - bytes, std::memory_order_relaxed);
  while (bytes > 0) {
    SysIOVec& piece = pieces_[first_];
    size_t part = std::min(bytes, piece.iov_len);
    piece.iov_base = static_cast<char*>(piece.iov_base) + part;
    piece.iov_len -= part;
    bytes -= part;
    if (piece.iov_len > 0) break;
    borrowed(binaries_[first_])->release();
    first_++;
  }
  if (first_ == pieces_.size() || first_ > 1024) {
    pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<ptrdiff_t>(first_));
    binaries_.erase(binaries_.begin(), binaries_.begin() + static_cast<ptrdiff_t>(first_));
    first_ = 0;
  }
  return true;
}

void DriverQueue::clear() {
  for (size_t i = first_; i < binaries_.size(); i++) borrowed(binaries_[i])->release();
  pieces_.clear();
  binaries_.clear();
  first_ = 0;
  size_.store(0, std::memory_order_relaxed);
}

SysIOVec* DriverQueue::pieces(int& count) {
  count = static_cast<int>(pieces_.size() - first_);
  return count > 0 ? pieces_.data() + first_ : nullptr;
}

}  // namespace hanse::driver

using namespace hanse;
using namespace hanse::driver;

extern "C" {

// --- binaries ---

ErlDrvBinary* driver_alloc_binary(ErlDrvSizeT size) {
  OffHeapBinary* binary = OffHeapBinary::create(size);
  return binary != nullptr ? lend(binary) : nullptr;
}

ErlDrvBinary* driver_realloc_binary(ErlDrvBinary* binary, ErlDrvSizeT size) {
  if (binary == nullptr) return driver_alloc_binary(size);
  OffHeapBinary* old = borrowed(binary);
  if (old->reference_count() == 1) {
    OffHeapBinary* moved = OffHeapBinary::reallocate(old, size);
    if (moved == nullptr) return nullptr;
    moved->size = size;
    return lend(moved);
  }
  ErlDrvBinary* copied = driver_alloc_binary(size);
  if (copied == nullptr) return nullptr;
  std::memcpy(copied->orig_bytes, binary->orig_bytes, std::min<size_t>(size, old->size));
  old->release();
  return copied;
}

void driver_free_binary(ErlDrvBinary* binary) {
  if (binary != nullptr) borrowed(binary)->release();
}

ErlDrvSInt driver_binary_get_refc(ErlDrvBinary* binary) { return static_cast<ErlDrvSInt>(borrowed(binary)->reference_count()); }
ErlDrvSInt driver_binary_inc_refc(ErlDrvBinary* binary) {
  borrowed(binary)->retain();
  return driver_binary_get_refc(binary);
}
// The last reference goes with driver_free_binary().
ErlDrvSInt driver_binary_dec_refc(ErlDrvBinary* binary) {
  ErlDrvSInt left = driver_binary_get_refc(binary) - 1;
  borrowed(binary)->release();
  return left;
}

// --- queues ---

int driver_enqv(ErlDrvPort port, ErlIOVec* pieces, ErlDrvSizeT skip) {
  LinkedPort* linked = LinkedPort::of(port);
  return linked != nullptr && linked->queue.enqueue(*pieces, skip) ? 0 : -1;
}
int driver_pushqv(ErlDrvPort port, ErlIOVec* pieces, ErlDrvSizeT skip) {
  LinkedPort* linked = LinkedPort::of(port);
  return linked != nullptr && linked->queue.push(*pieces, skip) ? 0 : -1;
}
int driver_enq(ErlDrvPort port, char* bytes, ErlDrvSizeT size) {
  LinkedPort* linked = LinkedPort::of(port);
  return linked != nullptr && linked->queue.enqueue(bytes, size) ? 0 : -1;
}
int driver_pushq(ErlDrvPort port, char* bytes, ErlDrvSizeT size) {
  LinkedPort* linked = LinkedPort::of(port);
  return linked != nullptr && linked->queue.push(bytes, size) ? 0 : -1;
}

static ErlIOVec part_of(ErlDrvBinary*& binary, SysIOVec& bytes, ErlDrvSizeT offset, ErlDrvSizeT size) {
  bytes = {binary->orig_bytes + offset, size};
  return {1, size, &bytes, &binary};
}
int driver_enq_bin(ErlDrvPort port, ErlDrvBinary* binary, ErlDrvSizeT offset, ErlDrvSizeT size) {
  SysIOVec bytes;
  ErlIOVec piece = part_of(binary, bytes, offset, size);
  return driver_enqv(port, &piece, 0);
}
int driver_pushq_bin(ErlDrvPort port, ErlDrvBinary* binary, ErlDrvSizeT offset, ErlDrvSizeT size) {
  SysIOVec bytes;
  ErlIOVec piece = part_of(binary, bytes, offset, size);
  return driver_pushqv(port, &piece, 0);
}

// What is left; all ones: there are fewer.
ErlDrvSizeT driver_deq(ErlDrvPort port, ErlDrvSizeT size) {
  LinkedPort* linked = LinkedPort::of(port);
  if (linked == nullptr || !linked->queue.dequeue(size)) return static_cast<ErlDrvSizeT>(-1);
  return linked->queue.size();
}
ErlDrvSizeT driver_sizeq(ErlDrvPort port) {
  LinkedPort* linked = LinkedPort::of(port);
  return linked != nullptr ? linked->queue.size() : static_cast<ErlDrvSizeT>(-1);
}
SysIOVec* driver_peekq(ErlDrvPort port, int* count) {
  LinkedPort* linked = LinkedPort::of(port);
  if (linked == nullptr) return *count = -1, nullptr;
  return linked->queue.pieces(*count);
}
ErlDrvSizeT driver_peekqv(ErlDrvPort port, ErlIOVec* to) {
  LinkedPort* linked = LinkedPort::of(port);
  if (linked == nullptr) return static_cast<ErlDrvSizeT>(-1);
  to->iov = linked->queue.pieces(to->vsize);
  to->binv = linked->queue.binaries();
  to->size = linked->queue.size();
  return to->size;
}

}  // extern "C"
