#include "heap/fragment.h"

#include <cstdlib>
#include <new>

#include "base/check.h"

namespace hanse {

Fragment* Fragment::create(size_t words) { return create_with_prefix(words, 0); }

Fragment* Fragment::create_with_prefix(size_t words, uint32_t prefix_bytes) {
  void* memory = std::malloc(prefix_bytes + sizeof(Fragment) + words * sizeof(Word));
  CHECK(memory != nullptr);
  auto* fragment = new (static_cast<char*>(memory) + prefix_bytes) Fragment;
  fragment->size_words = words;
  fragment->prefix_bytes = prefix_bytes;
  fragment->parts_in_use = prefix_bytes == 0 ? 1 : 2;
  return fragment;
}

void Fragment::free(Fragment* fragment) {
  if (--fragment->parts_in_use == 0) std::free(fragment->prefix());
}

void Fragment::destroy(Fragment* fragment) {
  while (fragment != nullptr) {
    Fragment* next = fragment->next;
    fragment->off_heap.release_all();
    free(fragment);
    fragment = next;
  }
}

FragmentArena::FragmentArena(size_t words) {
  if (words > 0) {
    first_ = Fragment::create(words);
    top = first_->words;
    limit = first_->words + words;
  }
}

FragmentArena::~FragmentArena() {
  Fragment* fragments = take();
  Fragment::destroy(fragments);
}

void FragmentArena::close_current() {
  if (first_ != nullptr) first_->used_words = static_cast<size_t>(top - first_->words);
}

// The newest fragment is the first of the chain; all off-heap references end up with it.
Fragment* FragmentArena::take() {
  close_current();
  if (first_ != nullptr) {
    first_->off_heap = off_heap;
  }
  off_heap = {};
  Fragment* chain = first_;
  first_ = nullptr;
  top = limit = nullptr;
  return chain;
}

Word* FragmentArena::allocate_slow(size_t words) {
  close_current();
  size_t size = first_ == nullptr ? 32 : first_->size_words * 2;
  if (size > (size_t{1} << 20)) size = size_t{1} << 20;
  if (size < words) size = words;
  Fragment* fragment = Fragment::create(size);
  fragment->next = first_;
  first_ = fragment;
  top = fragment->words + words;
  limit = fragment->words + size;
  return fragment->words;
}

}  // namespace hanse
