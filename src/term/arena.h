// Where terms are built: a bump allocator that everything which makes terms takes by reference. A process heap, a message
// fragment, an ETS object and a literal area are arenas. Allocation never moves or collects anything: C++ code may hold
// terms across allocations. One thread at a time.
#pragma once

#include <cstddef>

#include "term/views.h"

namespace hanse {

// All off-heap objects in one heap, newest first. The list owns one reference to each object's value.
struct OffHeapList {
  OffHeapObject* first = nullptr;
  size_t bytes = 0;  // sum of the sizes of the values, as each holder sees them

  // Takes over the caller's reference to object->value.
  void push(OffHeapObject* object) {
    object->next = first;
    first = object;
    bytes += object->value->size;
  }
  void release_all();
};

class Arena {
 public:
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Room for `words` words, uninitialised: the caller fills all of it before anything can collect.
  Word* allocate(size_t words) {
    Word* block = top;
    if (limit - block < static_cast<ptrdiff_t>(words)) [[unlikely]] return allocate_slow(words);
    top = block + words;
    return block;
  }
  // Gives back the unused end of a block: `from` up to the block's end. Where it cannot be used again (the block was not
  // the latest one, or lies apart) it becomes a filler that walks over the heap step over.
  void trim(Word* from, Word* block_end) {
    if (from == block_end) return;
    if (top == block_end) {
      top = from;
    } else {
      *from = make_header(Boxed::positive_big, static_cast<size_t>(block_end - from) - 1);
    }
  }
  // The engine keeps these two in machine registers while guest code runs.
  Word* top = nullptr;
  Word* limit = nullptr;
  OffHeapList off_heap;

 protected:
  Arena() = default;
  ~Arena() = default;
  virtual Word* allocate_slow(size_t words) = 0;
};

}  // namespace hanse
