// The heap and stack of one process: one block, heap growing up from its start, stack growing down from its end; an old
// generation in a second block; fragments. Owned by its process, touched by the thread that runs it.
//
// Arena::top is the heap's top, Arena::limit the stack pointer: the room between them is free. The engine holds both in
// registers while guest code runs and stores them here before any C++ that allocates.
#pragma once

#include <span>

#include "heap/account.h"
#include "heap/fragment.h"

namespace hanse {

struct HeapSettings {
  uint32_t minimum_words = 233;
  uint32_t minimum_binary_words = 46422;
  uint32_t full_sweep_after = 65535;
  size_t maximum_words = 0;  // 0: no limit
  bool maximum_kills = true;
  bool maximum_logs = true;
  bool maximum_counts_shared_binaries = false;
};

class ProcessHeap final : public Arena {
 public:
  ProcessHeap(Account& account, const HeapSettings& settings);
  ~ProcessHeap();

  Word* stack_top() const { return limit; }
  Word* stack_bottom() const { return end_; }
  size_t stack_words() const { return static_cast<size_t>(end_ - limit); }
  size_t free_words() const { return static_cast<size_t>(limit - top); }
  size_t heap_words() const { return static_cast<size_t>(end_ - start_); }
  size_t young_used_words() const { return static_cast<size_t>(top - start_); }
  size_t old_used_words() const { return static_cast<size_t>(old_top_ - old_start_); }
  size_t old_heap_words() const { return static_cast<size_t>(old_end_ - old_start_); }
  size_t fragment_words() const { return fragment_words_; }
  uint32_t minor_collections() const { return minor_collections_; }
  // Bytes the process holds, without binaries off the heap.
  size_t total_bytes() const;
  size_t off_heap_bytes() const { return off_heap.bytes + old_off_heap_.bytes; }

  // Takes over a chain of fragments, with their off-heap references.
  void attach(Fragment* fragments);
  // True if a built-in function has left the heap in a state that the next safepoint should mend.
  bool wants_collection() const { return fragment_words_ > heap_words() / 2 || off_heap.bytes > binary_limit_bytes_; }

  HeapSettings settings;

 private:
  friend class Collector;
  Word* allocate_slow(size_t words) override;

  Account& account_;
  Word* start_ = nullptr;
  Word* end_ = nullptr;
  Word* high_water_ = nullptr;  // objects below survived a collection
  Word* old_start_ = nullptr;
  Word* old_top_ = nullptr;
  Word* old_end_ = nullptr;
  OffHeapList old_off_heap_;
  Fragment* fragments_ = nullptr;
  size_t fragment_words_ = 0;
  size_t binary_limit_bytes_ = 0;  // of binaries off the heap, above which a collection pays
  uint32_t minor_collections_ = 0;
};

}  // namespace hanse
