#include "ets/object.h"

#include <cstdlib>
#include <cstring>

#include "term/binary_view.h"
#include "term/copy_whole.h"

namespace hanse {

// Links a copied off-heap object into its new heap.
static void adopt_off_heap(Arena& arena, Word* object) {
  auto* off_heap = reinterpret_cast<OffHeapObject*>(object);
  off_heap->value->retain();
  if (header_kind(*object) == Boxed::refc_binary) reinterpret_cast<RefcBinary*>(object)->flags = 0;
  arena.off_heap.push(off_heap);
}

// A guest's table keeps no foreign bytes alive: what comes from outside is copied, and so charged to it. False: there is no room.
static bool make_own(OffHeapObject* object) {
  OffHeapBinary* foreign = object->value;
  if (foreign->owner == thread_budget || foreign->is_magic()) return true;
  OffHeapBinary* own = OffHeapBinary::create(foreign->size);
  if (own == nullptr) return false;
  std::memcpy(own->data, foreign->data, foreign->size);
  object->value = own;
  foreign->release();
  return true;
}

Object* Object::create(Term tuple) {
  size_t words = whole_size_bounded(tuple);
  if (!budget_admits_bytes(words * sizeof(Word))) return nullptr;
  auto* object = static_cast<Object*>(std::malloc(sizeof(Object) + words * sizeof(Word)));
  if (object == nullptr) return nullptr;
  object->next = nullptr;
  object->hash = 0;
  object->word_count = words;
  object->height = 1;
  object->deleted = false;
  object->flat = words == as_tuple(tuple)->arity() + 1;
  BlockArena arena(object->words, words);
  copy_whole(arena, tuple, words);
  object->off_heap = arena.off_heap.first;
  if (thread_budget == nullptr) [[likely]] return object;
  for (OffHeapObject* part = object->off_heap; part != nullptr; part = part->next)
    if (!make_own(part)) {
      destroy(object);
      return nullptr;
    }
  return object;
}

void Object::destroy(Object* object) {
  if (object->off_heap != nullptr) OffHeapList{object->off_heap}.release_all();
  std::free(object);
}

// Everything an object refers to lies in its own block: moving it is one pass that shifts pointers.
Term Object::copy_to(Arena& arena) const {
  size_t count = word_count;
  Word* to = arena.allocate(count);
  std::memcpy(to, words, count * sizeof(Word));
  if (flat) return Term::boxed(to);
  Word shift = reinterpret_cast<Word>(to) - reinterpret_cast<Word>(words);
  for (Word *scan = to, *end = to + count; scan < end;) {
    Term part = Term::from_word(*scan);
    if (part.is_header()) {
      Boxed kind = header_kind(*scan);
      size_t raw = raw_words(kind);
      if (is_off_heap_kind(kind)) adopt_off_heap(arena, scan);
      scan += 1 + (raw == all_raw ? header_size(*scan) : raw);
    } else {
      if (part.is_pointer()) *scan += shift;
      scan++;
    }
  }
  return Term::boxed(to);
}

Term Object::copy_element_to(Arena& arena, size_t position) const {
  Term value = element(position);
  return copy_whole(arena, value);
}

ScratchArena::ScratchArena() {
  top = inline_;
  limit = inline_ + std::size(inline_);
}

ScratchArena::~ScratchArena() { reset(); }

void ScratchArena::reset() {
  off_heap.release_all();
  while (chunks_ != nullptr) {
    Chunk* older = chunks_->older;
    std::free(chunks_);
    chunks_ = older;
  }
  top = inline_;
  limit = inline_ + std::size(inline_);
}

Word* ScratchArena::allocate_slow(size_t words) {
  size_t capacity = words > 2048 ? words : 4096;
  auto* chunk = static_cast<Chunk*>(std::malloc(sizeof(Chunk) + capacity * sizeof(Word)));
  CHECK(chunk != nullptr);
  chunk->older = chunks_;
  chunks_ = chunk;
  top = chunk->words + words;
  limit = chunk->words + capacity;
  return chunk->words;
}

}  // namespace hanse
