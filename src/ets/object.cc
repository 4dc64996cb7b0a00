#include "ets/object.h"

#include <cstdlib>
#include <cstring>

#include "base/work_stack.h"
#include "term/binary_view.h"

namespace hanse {

size_t deep_size(Term term) {
  if (!term.is_pointer()) return 0;
  size_t words = 0;
  WorkStack<Term> pending;
  pending.push(term);
  while (!pending.empty()) {
    Term next = pending.pop();
    while (next.is_cons()) {
      words += 2;
      Cons* cell = next.as_cons();
      if (cell->head.is_pointer()) pending.push(cell->head);
      next = cell->tail;
    }
    if (!next.is_boxed()) continue;
    Word* object = next.as_boxed();
    size_t size = header_size(*object), raw = raw_words(header_kind(*object));
    words += 1 + size;
    for (size_t i = raw; i < size; i++) {
      Term part = Term::from_word(object[1 + i]);
      if (part.is_pointer()) pending.push(part);
    }
  }
  return words;
}

// Links a copied off-heap object into its new heap.
static void adopt_off_heap(Arena& arena, Word* object) {
  auto* off_heap = reinterpret_cast<OffHeapObject*>(object);
  off_heap->value->retain();
  if (header_kind(*object) == Boxed::refc_binary) reinterpret_cast<RefcBinary*>(object)->flags = 0;
  arena.off_heap.push(off_heap);
}

// One object, without what it refers to.
static Term copy_shallow(Arena& arena, Word*& top, Term term) {
  Word* to = top;
  if (term.is_cons()) {
    std::memcpy(to, term.as_cons(), sizeof(Cons));
    top += 2;
    return Term::cons(reinterpret_cast<Cons*>(to));
  }
  Word* from = term.as_boxed();
  size_t size = 1 + header_size(*from);
  std::memcpy(to, from, size * sizeof(Word));
  top += size;
  if (is_off_heap_kind(header_kind(*to))) adopt_off_heap(arena, to);
  return Term::boxed(to);
}

// The block itself is the queue of what remains to be looked at, so that no stack is needed.
Term deep_copy(Arena& arena, Term term, size_t words) {
  if (!term.is_pointer()) return term;
  Word* scan = arena.allocate(words);
  Word* top = scan;
  Term root = copy_shallow(arena, top, term);
  while (scan < top) {
    Term part = Term::from_word(*scan);
    if (part.is_header()) {
      size_t raw = raw_words(header_kind(*scan));
      scan += 1 + (raw == all_raw ? header_size(*scan) : raw);
    } else {
      if (part.is_pointer()) *scan = copy_shallow(arena, top, part).word();
      scan++;
    }
  }
  return root;
}

Object* Object::create(Term tuple) {
  size_t words = deep_size(tuple);
  auto* object = static_cast<Object*>(std::malloc(sizeof(Object) + words * sizeof(Word)));
  if (object == nullptr) return nullptr;
  object->next = nullptr;
  object->hash = 0;
  object->word_count = words;
  object->height = 1;
  object->deleted = false;
  object->flat = words == as_tuple(tuple)->arity() + 1;
  BlockArena arena(object->words, words);
  deep_copy(arena, tuple, words);
  object->off_heap = arena.off_heap.first;
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
  return value.is_pointer() ? deep_copy(arena, value, deep_size(value)) : value;
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
