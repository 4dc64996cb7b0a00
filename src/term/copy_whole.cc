// The copy is made in one block, which is its own queue of work (Cheney 1970, without the forwarding: what was shared is
// copied once for every use). Headers tell objects from bare terms when the block is walked.
#include "term/copy_whole.h"

#include "base/work_stack.h"
#include "term/budget.h"
#include "term/heap_binary.h"

namespace hanse {

static size_t terms_begin(Word header) {
  size_t raw = raw_words(header_kind(header));
  return raw == all_raw ? header_size(header) + 1 : raw + 1;
}

// A short part of a binary is copied as a binary of its own, and does not keep the (perhaps large) rest alive.
static bool becomes_heap_binary(const Word* object) {
  if (header_kind(*object) != Boxed::sub_binary) return false;
  auto* part = reinterpret_cast<const SubBinary*>(object);
  return part->bit_size <= heap_binary_limit * 8 && (part->bit_size & 7) == 0 && (part->bit_offset & 7) == 0;
}
size_t whole_size_bounded(Term term) {
  size_t words = 0;
  WorkStack<Term> pending;
  pending.push(term);
  WalkSteps steps;
  while (!pending.empty()) {
    if (!steps.go_on()) return too_many_words;
    Term next = pending.pop();
    for (; next.is_cons(); next = next.as_cons()->tail) {
      words += 2;
      steps.take(1);
      if (next.as_cons()->head.is_pointer()) pending.push(next.as_cons()->head);
    }
    if (!next.is_boxed()) continue;
    Word* object = next.as_boxed();
    if (becomes_heap_binary(object)) {
      words += heap_binary_words(reinterpret_cast<SubBinary*>(object)->bit_size / 8);
      continue;
    }
    size_t size = header_size(*object) + 1;
    words += size;
    steps.take(size);
    for (size_t i = terms_begin(*object); i < size; i++) {
      Term field = Term::from_word(object[i]);
      if (field.is_pointer()) pending.push(field);
    }
  }
  return words;
}
size_t whole_size(Term term) {
  size_t words = whole_size_bounded(term);
  if (thread_budget == nullptr || words <= thread_budget->most_words()) return words;
  thread_budget->gone_too_far();
  return too_many_words;
}

namespace {

class WholeCopy {
 public:
  WholeCopy(Arena& arena, size_t words) : arena_(arena), begin_(arena.allocate(words)), end_(begin_ + words), top_(begin_) {}
  Term run(Term term) {
    Term result = copy_outer(term);
    for (Word* scan = begin_; scan < top_;) {
      Term value = Term::from_word(*scan);
      if (value.is_header()) {
        scan += terms_begin(*scan);
        continue;
      }
      if (value.is_pointer() && !is_copied(value)) *scan = copy_outer(value).word();
      scan++;
    }
    DCHECK(top_ == end_);
    return result;
  }

 private:
  // The spine of a list is copied at once; its cells point into the copy already.
  bool is_copied(Term term) const {
    auto* object = reinterpret_cast<const Word*>(term.word() & ~Word{7});
    return object >= begin_ && object < end_;
  }
  Term copy_outer(Term term) {
    if (term.is_cons()) return copy_spine(term);
    Word* object = term.as_boxed();
    if (becomes_heap_binary(object)) {
      std::span<const uint8_t> bytes = bit_view(term).span();
      return write_heap_binary(take(heap_binary_words(bytes.size())), bytes);
    }
    size_t size = header_size(*object) + 1;
    Word* copy = take(size);
    std::memcpy(copy, object, size * sizeof(Word));
    Boxed kind = header_kind(*copy);
    if (is_off_heap_kind(kind)) {
      auto* off_heap = reinterpret_cast<OffHeapObject*>(copy);
      off_heap->value->retain();
      arena_.off_heap.push(off_heap);
    }
    // Nobody may append to the original behind a copy.
    if (kind == Boxed::refc_binary) reinterpret_cast<RefcBinary*>(copy)->flags = 0;
    if (kind == Boxed::sub_binary) reinterpret_cast<SubBinary*>(copy)->flags = 0;
    return Term::boxed(copy);
  }
  Term copy_spine(Term list) {
    auto* first = reinterpret_cast<Cons*>(top_);
    Cons* cell = nullptr;
    for (; list.is_cons(); list = list.as_cons()->tail) {
      auto* next = reinterpret_cast<Cons*>(take(2));
      if (cell != nullptr) cell->tail = Term::cons(next);
      cell = next;
      *cell = *list.as_cons();
    }
    return Term::cons(first);
  }
  Word* take(size_t words) {
    Word* block = top_;
    top_ += words;
    DCHECK(top_ <= end_);
    return block;
  }

  Arena& arena_;
  Word* begin_;
  Word* end_;
  Word* top_;
};

}  // namespace

Term copy_whole(Arena& arena, Term term, size_t words) {
  if (words >= too_many_words) return Term::nil();  // whose process ends
  return term.is_pointer() ? WholeCopy(arena, words).run(term) : term;
}

}  // namespace hanse
