#include "heap/process_heap.h"

#include <cstdlib>

#include "base/check.h"
#include "heap/heap_sizes.h"

namespace hanse {

ProcessHeap::ProcessHeap(Account& account, const HeapSettings& heap_settings) : settings(heap_settings), account_(account) {
  size_t words = next_heap_size(settings.minimum_words);
  start_ = static_cast<Word*>(std::malloc(words * sizeof(Word)));
  CHECK(start_ != nullptr);
  end_ = start_ + words;
  high_water_ = start_;
  set_top_and_stack(start_, end_);
  binary_limit_bytes_ = settings.minimum_binary_words * sizeof(Word);
  account_.charge(MemoryKind::heap, static_cast<int64_t>(words * sizeof(Word)));
}

ProcessHeap::~ProcessHeap() {
  off_heap.release_all();
  old_off_heap_.release_all();
  Fragment::destroy(fragments_);
  account_.charge(MemoryKind::heap, -static_cast<int64_t>((heap_words() + old_heap_words()) * sizeof(Word)));
  account_.charge(MemoryKind::fragment, -static_cast<int64_t>(fragment_words_ * sizeof(Word)));
  std::free(start_);
  std::free(old_start_);
}

size_t ProcessHeap::total_bytes() const {
  return (heap_words() + old_heap_words() + fragment_words_) * sizeof(Word);
}

void ProcessHeap::attach(Fragment* fragments) {
  while (fragments != nullptr) {
    Fragment* next = fragments->next;
    if (OffHeapObject* first = fragments->off_heap.first; first != nullptr) {
      OffHeapObject* last = first;
      while (last->next != nullptr) last = last->next;
      last->next = off_heap.first;
      off_heap.first = first;
      off_heap.bytes += fragments->off_heap.bytes;
      fragments->off_heap = {};
    }
    fragments->next = fragments_;
    fragments_ = fragments;
    fragment_words_ += fragments->size_words;
    account_.charge(MemoryKind::fragment, static_cast<int64_t>(fragments->size_words * sizeof(Word)));
    fragments = next;
  }
}

// The heap is full: what a built-in function builds goes to fragments until the next safepoint.
Word* ProcessHeap::allocate_slow(size_t words) {
  Fragment* fragment = fragments_;
  if (fragment == nullptr || fragment->size_words - fragment->used_words < words) {
    size_t size = fragment_words_ < 64 ? 64 : fragment_words_;
    if (size > (size_t{1} << 16)) size = size_t{1} << 16;
    if (size < words) size = words;
    fragment = Fragment::create(size);
    attach(fragment);
  }
  Word* block = fragment->words + fragment->used_words;
  fragment->used_words += words;
  return block;
}

}  // namespace hanse
