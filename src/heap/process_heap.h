// The heap and stack of one process: one block, heap growing up from its start, stack growing down from its end; an old
// generation in a second block; fragments. Owned by its process, touched by the thread that runs it.
//
// Arena::top is the heap's top; the room between it and the stack is free. The engine holds both in registers while guest
// code runs and stores them here (set_top_and_stack) before any C++ that allocates. C++ leaves `stack_slack` words below the
// stack alone, so that a call can always push its return address.
#pragma once

#include <span>

#include "heap/account.h"
#include "heap/fragment.h"
#include "term/budget.h"

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

  static constexpr size_t stack_slack = 4;
  void set_top_and_stack(Word* new_top, Word* new_stack) {
    top = new_top;
    stack_ = new_stack;
    limit = new_stack - stack_slack;
  }
  Word* stack_top() const { return stack_; }
  Word* stack_bottom() const { return end_; }
  size_t stack_words() const { return static_cast<size_t>(end_ - stack_); }
  // Negative when the slack is in use.
  ptrdiff_t free_words() const { return limit - top; }
  size_t heap_words() const { return static_cast<size_t>(end_ - start_); }
  size_t young_used_words() const { return static_cast<size_t>(top - start_); }
  size_t old_used_words() const { return static_cast<size_t>(old_top_ - old_start_); }
  size_t old_heap_words() const { return static_cast<size_t>(old_end_ - old_start_); }
  size_t fragment_words() const { return fragment_words_; }
  // Of both generations, garbage included.
  size_t used_words() const { return young_used_words() + old_used_words() + fragment_words_; }
  uint32_t minor_collections() const { return minor_collections_; }
  // Bytes the process holds, without binaries off the heap.
  size_t total_bytes() const;
  // Those of the old generation.
  const OffHeapList& old_off_heap() const { return old_off_heap_; }
  size_t off_heap_bytes() const { return off_heap.bytes + old_off_heap_.bytes; }

  // Takes over a chain of fragments, with their off-heap references.
  void attach(Fragment* fragments);
  // Copies what a fragment without references off the heap holds behind the heap's top, and leads `root`, which refers to it,
  // to the copy. False: there is no room. The fragment stays the caller's.
  bool absorb(const Fragment& fragment, Term& root);
  // True if a built-in function has left the heap in a state that the next safepoint should mend.
  bool wants_collection() const { return fragment_words_ > heap_words() / 2 || off_heap.bytes > binary_limit_bytes_; }

  HeapSettings settings;
  // Of the guest whose heap it is, or nullptr. What it has made itself off the heap is charged already.
  const Budget* budget = nullptr;

 private:
  friend class Collector;
  Word* allocate_slow(size_t words) override;

  Account& account_;
  Word* start_ = nullptr;
  Word* end_ = nullptr;
  Word* stack_ = nullptr;
  Word* high_water_ = nullptr;  // objects below survived a collection
  Word* old_start_ = nullptr;
  Word* old_top_ = nullptr;
  Word* old_end_ = nullptr;
  OffHeapList old_off_heap_;
  Fragment* fragments_ = nullptr;
  size_t fragment_words_ = 0;
  // Charges what the binaries off the heap are worth now.
  void settle_binaries();
  size_t charged_binary_bytes_ = 0;
  size_t binary_limit_bytes_ = 0;  // of binaries off the heap, above which a collection pays
  uint32_t minor_collections_ = 0;
};

}  // namespace hanse
