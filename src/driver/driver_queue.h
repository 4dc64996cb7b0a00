// A driver's queue (driver_enq and others) and its binaries. A binary of the driver's is one of ours: ErlDrvBinary begins with the
// size, where OffHeapBinary ends with a word that plain bytes have no other use for.
#pragma once

#include <erl_driver.h>

#include <atomic>
#include <vector>

#include "term/off_heap_binary.h"

namespace hanse::driver {

// The binary as drivers know it; the caller's reference stays the caller's.
ErlDrvBinary* lend(OffHeapBinary* binary);
OffHeapBinary* borrowed(ErlDrvBinary* binary);

// Pieces lie side by side, as drivers want to look at them. Holds a reference to each binary; a piece without one is the queue's own copy.
class DriverQueue {
 public:
  DriverQueue() = default;
  DriverQueue(const DriverQueue&) = delete;
  DriverQueue& operator=(const DriverQueue&) = delete;
  ~DriverQueue() { clear(); }

  size_t size() const { return size_.load(std::memory_order_relaxed); }
  // Behind all others, or before them, without the first `skip` bytes. False: there are not so many.
  bool enqueue(const ErlIOVec& pieces, size_t skip);
  bool push(const ErlIOVec& pieces, size_t skip);
  bool enqueue(const char* bytes, size_t size);
  bool push(const char* bytes, size_t size);
  // False, with nothing done: there are fewer.
  bool dequeue(size_t bytes);
  void clear();
  SysIOVec* pieces(int& count);
  ErlDrvBinary** binaries() { return binaries_.data() + first_; }

 private:
  struct Piece {
    SysIOVec bytes;
    ErlDrvBinary* binary;
  };
  // Those of a vector, with a reference to each.
  static bool collect(const ErlIOVec& from, size_t skip, std::vector<Piece>& to);
  void add(Piece piece);
  void insert_first(const std::vector<Piece>& pieces);

  std::vector<SysIOVec> pieces_;
  std::vector<ErlDrvBinary*> binaries_;
  size_t first_ = 0;             // pieces before it have been taken
  std::atomic<size_t> size_{0};  // of the bytes; read by whoever asks about the port
};

}  // namespace hanse::driver
