// A block of heap outside a process heap: the payload of a message, or what a built-in function could not fit. Fragments
// are attached to the receiving process and evacuated by its next collection.
#pragma once

#include "term/arena.h"

namespace hanse {

struct Fragment {
  Fragment* next = nullptr;
  size_t size_words = 0;  // allocated
  size_t used_words = 0;
  OffHeapList off_heap;
  // Bytes of the same block before the fragment (a message and its payload are one block), and how many of the two parts
  // are still in use. Both are used by one thread.
  uint32_t prefix_bytes = 0;
  uint32_t parts_in_use = 1;
  Word words[];

  static Fragment* create(size_t words);
  // A block with room for `prefix_bytes` (a multiple of 8) before the fragment; it goes when both have been freed.
  static Fragment* create_with_prefix(size_t words, uint32_t prefix_bytes);
  void* prefix() { return reinterpret_cast<char*>(this) - prefix_bytes; }
  // Frees this fragment alone, or its prefix; its off-heap references must have been moved or released.
  static void free(Fragment* fragment);
  // Releases the off-heap references too. For messages that nobody will receive.
  static void destroy(Fragment* fragment);
  // Allocated words of a chain.
  static size_t words_of_chain(const Fragment* fragment) {
    size_t words = 0;
    for (; fragment != nullptr; fragment = fragment->next) words += fragment->size_words;
    return words;
  }
};

// Builds terms in fragments: a first one of `words`, more as needed. take() hands the chain over.
class FragmentArena final : public Arena {
 public:
  explicit FragmentArena(size_t words);
  ~FragmentArena();  // destroys what was not taken
  Fragment* take();

 private:
  Word* allocate_slow(size_t words) override;
  void close_current();
  Fragment* first_ = nullptr;
};

}  // namespace hanse
