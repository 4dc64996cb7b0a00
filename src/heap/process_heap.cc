#include "heap/process_heap.h"

#include <cstdlib>

#include "base/check.h"
#include "heap/heap_sizes.h"
#include "term/header.h"

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
  if (charged_binary_bytes_ != 0) account_.charge(MemoryKind::binary, -static_cast<int64_t>(charged_binary_bytes_));
  off_heap.release_all();
  old_off_heap_.release_all();
  Fragment::destroy(fragments_);
  account_.charge(MemoryKind::heap, -static_cast<int64_t>((heap_words() + old_heap_words()) * sizeof(Word)));
  account_.charge(MemoryKind::fragment, -static_cast<int64_t>(fragment_words_ * sizeof(Word)));
  std::free(start_);
  std::free(old_start_);
}

static size_t foreign_bytes(const OffHeapList& list, const Budget* own) {
  size_t bytes = 0;
  for (const OffHeapObject* object = list.first; object != nullptr; object = object->next)
    if (object->value->owner != own) bytes += object->value->size;
  return bytes;
}

void ProcessHeap::settle_binaries() {
  size_t bytes = off_heap_bytes();
  if (budget != nullptr) [[unlikely]] bytes = foreign_bytes(off_heap, budget) + foreign_bytes(old_off_heap_, budget);
  if (bytes == charged_binary_bytes_) return;
  account_.charge(MemoryKind::binary, static_cast<int64_t>(bytes) - static_cast<int64_t>(charged_binary_bytes_));
  charged_binary_bytes_ = bytes;
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

bool ProcessHeap::absorb(const Fragment& fragment, Term& root) {
  DCHECK(fragment.off_heap.first == nullptr);
  size_t words = fragment.used_words;
  if (free_words() < static_cast<ptrdiff_t>(words)) return false;
  Word* const block = top;
  const Word from = reinterpret_cast<Word>(fragment.words), shift = reinterpret_cast<Word>(block) - from;
  auto moved = [&](Word word) {
    bool inside = Term::from_word(word).is_pointer() && word - from < words * sizeof(Word);
    return inside ? word + shift : word;
  };
  for (size_t i = 0; i < words;) {
    Word word = fragment.words[i];
    if (!Term::from_word(word).is_header()) {
      block[i++] = moved(word);
      continue;
    }
    size_t size = header_size(word), raw = raw_words(header_kind(word));
    size_t end_of_raw = i + 1 + (raw == all_raw ? size : raw);
    for (; i < end_of_raw; i++) block[i] = fragment.words[i];
  }
  root = Term::from_word(moved(root.word()));
  top = block + words;
  return true;
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
