// Two generations. The young block holds everything allocated since the last collection above `high_water_`, and what
// survived exactly one collection below it. A minor collection copies the part above the mark to a new young block and
// promotes the part below it into the old block; a full one copies everything to one new young block.
//
// Invariant: an object refers only to objects that are older than itself (terms are immutable), hence old objects never refer
// to young ones and a minor collection need not look at the old block. A copied object is replaced by where it went:
// a cell by {none, new cell}, a boxed object by the new pointer in place of its header.
//
// The new block is as large as the worst case needs, then cut to what the survivors need; untouched pages cost nothing.
#include "heap/collector.h"

#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#include "base/check.h"
#include "heap/heap_sizes.h"
#include "heap/hibernation.h"

namespace hanse {

namespace {

// Most objects are small: a call of memcpy costs more than the copy.
inline void copy_object(Word* to, const Word* from, size_t words) {
  switch (words) {
    case 2: std::memcpy(to, from, 2 * sizeof(Word)); break;
    case 3: std::memcpy(to, from, 3 * sizeof(Word)); break;
    case 4: std::memcpy(to, from, 4 * sizeof(Word)); break;
    case 5: std::memcpy(to, from, 5 * sizeof(Word)); break;
    default: std::memcpy(to, from, words * sizeof(Word));
  }
}

}  // namespace

class Collector final : public RootVisitor {
 public:
  Collector(ProcessHeap& heap, CollectionKind kind, size_t need_words, const LiteralArea* evacuate)
      : heap_(heap), need_words_(need_words), evacuate_(evacuate), full_(kind == CollectionKind::full) {
    if (evacuate_ != nullptr) literal_moves_.resize(evacuate_->bytes() / sizeof(Word));
  }

  // Leaves no room but what the stack needs.
  void fit_exactly() { fits_exactly_ = true; }

  CollectionResult run(RootSet& roots) {
    choose_kind();
    if (CollectionResult refused; !prepare(refused)) return refused;
    visit({reinterpret_cast<Term*>(heap_.stack_), heap_.stack_words()});
    roots.visit_roots(*this);
    scan();
    sweep_off_heap();
    return finish();
  }

  void visit(std::span<Term> roots) override {
    for (Term& root : roots) evacuate(root);
  }

 private:
  size_t mature_words() const { return static_cast<size_t>(heap_.high_water_ - heap_.start_); }

  void choose_kind() {
    if (evacuate_ != nullptr || heap_.minor_collections_ >= heap_.settings.full_sweep_after ||
        heap_.old_off_heap_.bytes > heap_.binary_limit_bytes_)
      full_ = true;
    if (full_ || mature_words() == 0) return;
    if (heap_.old_start_ != nullptr && static_cast<size_t>(heap_.old_end_ - heap_.old_top_) < mature_words()) full_ = true;
  }

  size_t worst_case_words() const {
    size_t words = heap_.young_used_words() + heap_.fragment_words_;
    if (full_) words += heap_.old_used_words();
    if (evacuate_ != nullptr) words += evacuate_->bytes() / sizeof(Word);
    return words;
  }

  bool prepare(CollectionResult& refused) {
    size_t worst = worst_case_words() + heap_.stack_words() + need_words_ + ProcessHeap::stack_slack;
    size_t limit = heap_.settings.maximum_words;
    if (limit != 0 && worst > limit && over_limit(limit)) {
      refused.heap_limit_exceeded = true;
      return false;
    }
    capacity_ = next_heap_size(worst + worst / 3 + 1);
    if (capacity_ < heap_.heap_words()) capacity_ = heap_.heap_words();
    new_start_ = static_cast<Word*>(std::malloc(capacity_ * sizeof(Word)));
    if (new_start_ == nullptr) {
      refused.out_of_memory = true;
      return false;
    }
    if (!full_ && mature_words() > 0 && heap_.old_start_ == nullptr && !allocate_old()) {
      std::free(new_start_);
      refused.out_of_memory = true;
      return false;
    }
    young_top_ = new_start_;
    old_scan_ = heap_.old_top_;
    young_begin_ = heap_.start_;
    young_end_ = heap_.top;
    return true;
  }

  bool over_limit(size_t limit) const {
    size_t words = heap_.heap_words() + heap_.old_heap_words() + heap_.fragment_words_ + need_words_;
    if (evacuate_ != nullptr) words += evacuate_->bytes() / sizeof(Word);
    if (heap_.settings.maximum_counts_shared_binaries) words += heap_.off_heap_bytes() / sizeof(Word);
    return words > limit;
  }

  bool allocate_old() {
    size_t words = next_heap_size(heap_.heap_words() + mature_words());
    heap_.old_start_ = static_cast<Word*>(std::malloc(words * sizeof(Word)));
    if (heap_.old_start_ == nullptr) return false;
    heap_.old_top_ = heap_.old_start_;
    heap_.old_end_ = heap_.old_start_ + words;
    heap_.account_.charge(MemoryKind::heap, static_cast<int64_t>(words * sizeof(Word)));
    return true;
  }

  static bool within(const Word* pointer, const Word* begin, const Word* end) { return pointer >= begin && pointer < end; }

  // Where a live object at `from` goes: the top to bump, or nullptr if it stays.
  Word** destination(const Word* from) {
    if (within(from, young_begin_, young_end_)) {
      if (!full_ && from < heap_.high_water_) return &heap_.old_top_;
      return &young_top_;
    }
    if (is_literal_pointer(from)) return nullptr;
    if (within(from, heap_.old_start_, heap_.old_end_)) return full_ ? &young_top_ : nullptr;
    return &young_top_;  // a fragment
  }

  // Other processes still read the area: where its objects went is noted beside it, one word for each of the area's.
  void evacuate_literal(Term& term, const Word* from) {
    Word& moved = literal_moves_[static_cast<size_t>(from - evacuate_->begin())];
    if (moved == 0) {
      size_t words = term.is_cons() ? 2 : header_size(*from) + 1;
      Word* copy = young_top_;
      young_top_ += words;
      copy_object(copy, from, words);
      moved = (term.is_cons() ? Term::cons(reinterpret_cast<Cons*>(copy)) : Term::boxed(copy)).word();
      if (term.is_boxed() && is_off_heap_kind(header_kind(*copy))) {
        auto* object = reinterpret_cast<OffHeapObject*>(copy);
        object->value->retain();
        literal_copies_.push_back(object);
      }
    }
    term = Term::from_word(moved);
  }

  void evacuate(Term& term) {
    if (evacuate_ != nullptr && term.is_pointer()) {
      auto* from = reinterpret_cast<const Word*>(term.word() & ~Word{7});
      if (evacuate_->contains(from)) return evacuate_literal(term, from);
    }
    if (term.is_cons()) {
      Cons* cell = term.as_cons();
      Word** top = destination(reinterpret_cast<Word*>(cell));
      if (top == nullptr) return;
      if (cell->head.is_none()) {
        term = cell->tail;
        return;
      }
      auto* copy = reinterpret_cast<Cons*>(*top);
      *top += 2;
      *copy = *cell;
      term = Term::cons(copy);
      cell->head = Term::none();
      cell->tail = term;
    } else if (term.is_boxed()) {
      Word* object = term.as_boxed();
      Word** top = destination(object);
      if (top == nullptr) return;
      Word header = *object;
      if ((header & 7) != 0) {
        term = Term::from_word(header);
        return;
      }
      size_t words = header_size(header) + 1;
      Word* copy = *top;
      *top += words;
      copy_object(copy, object, words);
      term = Term::boxed(copy);
      *object = term.word();
    }
  }

  // Looks at every object between scan and top; what it refers to may raise either top.
  void scan_range(Word*& scan, Word* const& top) {
    while (scan < top) {
      if ((*scan & 7) != 0) {  // a cell, or the rest of one: any word that is no header is a term
        evacuate(*reinterpret_cast<Term*>(scan));
        scan++;
        continue;
      }
      Word header = *scan;
      size_t size = header_size(header);
      size_t raw = raw_words(header_kind(header));
      if (raw > size) raw = size;
      Word* end = scan + 1 + size;
      for (Word* field = scan + 1 + raw; field < end; field++) evacuate(*reinterpret_cast<Term*>(field));
      scan = end;
    }
  }

  void scan() {
    Word* young_scan = new_start_;
    while (young_scan < young_top_ || old_scan_ < heap_.old_top_) {
      scan_range(young_scan, young_top_);
      scan_range(old_scan_, heap_.old_top_);
    }
  }

  static OffHeapObject* reversed(OffHeapObject* object) {
    OffHeapObject* before = nullptr;
    while (object != nullptr) {
      OffHeapObject* next = std::exchange(object->next, before);
      before = std::exchange(object, next);
    }
    return before;
  }

  // Moved objects join the list of where they went, in their order; values of the dead are released.
  void sweep_list(OffHeapList list, OffHeapList& young, OffHeapList& old) {
    for (OffHeapObject* object = reversed(list.first); object != nullptr;) {
      OffHeapObject* next = object->next;
      if ((object->header & 7) == 0) {
        object->value->release();
      } else {
        auto* moved = Term::from_word(object->header).as<OffHeapObject>();
        bool is_old = !full_ && within(&moved->header, heap_.old_start_, heap_.old_end_);
        (is_old ? old : young).push(moved);
      }
      object = next;
    }
  }

  void sweep_off_heap() {
    OffHeapList young = heap_.off_heap, old = heap_.old_off_heap_;
    heap_.off_heap = {};
    if (full_) {
      heap_.old_off_heap_ = {};
      sweep_list(old, heap_.off_heap, heap_.old_off_heap_);
    }
    sweep_list(young, heap_.off_heap, heap_.old_off_heap_);
    for (OffHeapObject* copy : literal_copies_) heap_.off_heap.push(copy);
    size_t minimum = heap_.settings.minimum_binary_words * sizeof(Word);
    size_t live = heap_.off_heap_bytes();
    if (full_ || live > heap_.binary_limit_bytes_) heap_.binary_limit_bytes_ = live * 2 > minimum ? live * 2 : minimum;
  }

  CollectionResult finish() {
    size_t used = static_cast<size_t>(young_top_ - new_start_);
    size_t stack = heap_.stack_words();
    size_t size = final_size(used + stack + need_words_ + ProcessHeap::stack_slack);
    Word* new_end = new_start_ + size;
    std::memcpy(new_end - stack, heap_.stack_, stack * sizeof(Word));
    int64_t charged = static_cast<int64_t>(size) - static_cast<int64_t>(heap_.heap_words());
    release_sources(charged);
    shrink_block(size);
    heap_.start_ = new_start_;
    heap_.end_ = new_end;
    heap_.high_water_ = young_top_;
    heap_.set_top_and_stack(young_top_, new_end - stack);
    if (full_) heap_.minor_collections_ = 0;
    else heap_.minor_collections_++;
    return {.work_words = used};
  }

  // As BEAM: grow when three quarters are used, shrink when less than a quarter is.
  size_t final_size(size_t needed) const {
    if (fits_exactly_) return needed;
    size_t size = heap_.heap_words();
    if (size > capacity_) size = capacity_;
    if (needed * 4 > size * 3) size = next_heap_size(needed + needed / 3);
    else if (needed * 4 < size) size = next_heap_size(needed * 2 > heap_.settings.minimum_words ? needed * 2 : heap_.settings.minimum_words);
    return size > capacity_ ? capacity_ : size;
  }

  void release_sources(int64_t charged) {
    std::free(heap_.start_);
    if (full_ && heap_.old_start_ != nullptr) {
      charged -= static_cast<int64_t>(heap_.old_heap_words());
      std::free(heap_.old_start_);
      heap_.old_start_ = heap_.old_top_ = heap_.old_end_ = nullptr;
    }
    heap_.account_.charge(MemoryKind::heap, charged * static_cast<int64_t>(sizeof(Word)));
    heap_.account_.charge(MemoryKind::fragment, -static_cast<int64_t>(heap_.fragment_words_ * sizeof(Word)));
    for (Fragment* fragment = heap_.fragments_; fragment != nullptr;) {
      Fragment* next = fragment->next;
      Fragment::free(fragment);
      fragment = next;
    }
    heap_.fragments_ = nullptr;
    heap_.fragment_words_ = 0;
  }

  // glibc shrinks blocks in place; where an allocator does not, the block stays as it is.
  void shrink_block(size_t size) {
#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer) && defined(__GLIBC__)
    if (size < capacity_) CHECK(std::realloc(new_start_, size * sizeof(Word)) == new_start_);
#else
    (void)size;
#endif
  }

  ProcessHeap& heap_;
  const size_t need_words_;
  const LiteralArea* evacuate_;
  bool full_;
  bool fits_exactly_ = false;
  std::vector<Word> literal_moves_;
  std::vector<OffHeapObject*> literal_copies_;
  size_t capacity_ = 0;
  Word* new_start_ = nullptr;
  Word* young_top_ = nullptr;
  Word* old_scan_ = nullptr;
  Word* young_begin_ = nullptr;
  Word* young_end_ = nullptr;
};

CollectionResult collect(Safepoint, ProcessHeap& heap, RootSet& roots, CollectionKind kind, size_t need_words,
                         const LiteralArea* evacuate) {
  return Collector(heap, kind, need_words, evacuate).run(roots);
}

CollectionResult collect_to_fit(Safepoint, ProcessHeap& heap, RootSet& roots) {
  Collector collector(heap, CollectionKind::full, 0, nullptr);
  collector.fit_exactly();
  return collector.run(roots);
}

}  // namespace hanse
