// Where terms are built: a bump allocator that everything which makes terms takes by reference. A process heap, a message
// fragment, an ETS object and a literal area are arenas. Allocation never moves or collects anything: C++ code may hold
// terms across allocations. One thread at a time.
#pragma once

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
    if (static_cast<size_t>(limit - block) < words) [[unlikely]] return allocate_slow(words);
    top = block + words;
    return block;
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
