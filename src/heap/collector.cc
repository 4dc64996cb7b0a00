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

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/compiler.h"
#include "base/freed_memory.h"
#include "heap/heap_sizes.h"
#include "heap/hibernation.h"

namespace hanse {

namespace {

// Most objects are small: a call of memcpy costs more than the copy, and so does a jump by size.
HANSE_INLINE void copy_object(Word* to, const Word* from, size_t words) {
#pragma clang loop vectorize(disable) unroll(disable)
  for (size_t i = 0; i < words; i++) to[i] = from[i];
}

// Which objects move, from the cheapest question to the dearest.
enum class Moving : uint8_t {
  young,                // those of the young block
  young_and_fragments,  // and those outside every block
  all,                  // all but literals
  all_and_area,         // and those of one area of literals
};

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
    moving_ = what_moves();
    visit({reinterpret_cast<Term*>(heap_.stack_), heap_.stack_words()});
    roots.visit_roots(*this);
    scan();
    sweep_off_heap();
    return finish();
  }

  void visit(std::span<Term> roots) override {
    switch (moving_) {
      case Moving::young: return visit_as<Moving::young>(roots);
      case Moving::young_and_fragments: return visit_as<Moving::young_and_fragments>(roots);
      case Moving::all: return visit_as<Moving::all>(roots);
      case Moving::all_and_area: return visit_as<Moving::all_and_area>(roots);
    }
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
    roomy_ = worst > heap_.heap_words() ? next_heap_size(worst) : heap_.heap_words();
    capacity_ = std::max(roomy_, next_heap_size(worst + worst / 3 + 1));
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

  Moving what_moves() const {
    if (evacuate_ != nullptr) return Moving::all_and_area;
    if (full_) return Moving::all;
    return heap_.fragments_ != nullptr ? Moving::young_and_fragments : Moving::young;
  }

  // What every step reads and writes. A loop holds it in a local variable, that is in registers: words of the heap are
  // written in between, which as far as the compiler knows could change any member.
  struct Work {
    Word* young_top;
    Word* old_top;
    const Word* young_begin;
    size_t young_words;
    const Word* high_water;
  };
  Work begin_work() const {
    return {young_top_, heap_.old_top_, young_begin_, static_cast<size_t>(young_end_ - young_begin_), heap_.high_water_};
  }
  void end_work(const Work& work) {
    young_top_ = work.young_top;
    heap_.old_top_ = work.old_top;
  }

  // Other processes still read the area: where its objects went is noted beside it, one word for each of the area's.
  Term move_literal(Term term, const Word* from, Word*& top) {
    Word& moved = literal_moves_[static_cast<size_t>(from - evacuate_->begin())];
    if (moved == 0) {
      size_t words = term.is_cons() ? 2 : header_size(*from) + 1;
      Word* copy = top;
      top += words;
      copy_object(copy, from, words);
      moved = (term.is_cons() ? Term::cons(reinterpret_cast<Cons*>(copy)) : Term::boxed(copy)).word();
      if (term.is_boxed() && is_off_heap_kind(header_kind(*copy))) {
        auto* object = reinterpret_cast<OffHeapObject*>(copy);
        object->value->retain();
        literal_copies_.push_back(object);
      }
    }
    return Term::from_word(moved);
  }

  // Leads the term to where its object is or goes.
  template <Moving moving>
  HANSE_INLINE void evacuate(Term& term, Work& work) {
    if (!term.is_pointer()) return;
    auto* object = reinterpret_cast<Word*>(term.word() & ~Word{7});
    bool to_old = false;
    if (static_cast<size_t>(object - work.young_begin) < work.young_words) {
      if constexpr (moving == Moving::young || moving == Moving::young_and_fragments) to_old = object < work.high_water;
    } else {
      if constexpr (moving == Moving::young) return;
      if constexpr (moving == Moving::all_and_area)
        if (evacuate_->contains(object)) {
          term = move_literal(term, object, work.young_top);
          return;
        }
      if (is_literal_pointer(object)) return;
      if constexpr (moving == Moving::young_and_fragments)
        if (within(object, heap_.old_start_, heap_.old_end_)) return;
    }
    Word* copy = to_old ? work.old_top : work.young_top;
    size_t words = 2;
    Word first = *object;
    if (term.is_cons()) {
      if (first == Term::none().word()) {
        term = Term::from_word(object[1]);
        return;
      }
      copy[0] = first;
      copy[1] = object[1];
      term = Term::cons(reinterpret_cast<Cons*>(copy));
      object[0] = Term::none().word();
      object[1] = term.word();
    } else {
      if ((first & 7) != 0) {
        term = Term::from_word(first);
        return;
      }
      words = header_size(first) + 1;
      copy_object(copy, object, words);
      term = Term::boxed(copy);
      *object = term.word();
    }
    (to_old ? work.old_top : work.young_top) = copy + words;
  }

  // Looks at the object or the word at `scan`; what it refers to may raise either top. Returns what follows.
  template <Moving moving>
  HANSE_INLINE Word* scan_one(Word* scan, Work& work) {
    Word word = *scan;
    if ((word & 7) != 0) {  // a cell, or the rest of one: any word that is no header is a term
      evacuate<moving>(*reinterpret_cast<Term*>(scan), work);
      return scan + 1;
    }
    size_t size = header_size(word), raw = raw_words(header_kind(word));
    Word* end = scan + 1 + size;
    if (raw >= size) return end;
    for (Word* field = scan + 1 + raw; field < end; field++) evacuate<moving>(*reinterpret_cast<Term*>(field), work);
    return end;
  }

  template <Moving moving>
  void scan_as() {
    Work work = begin_work();
    Word *young_scan = new_start_, *old_scan = old_scan_;
    do {
      while (young_scan < work.young_top) young_scan = scan_one<moving>(young_scan, work);
      while (old_scan < work.old_top) old_scan = scan_one<moving>(old_scan, work);
    } while (young_scan < work.young_top);
    end_work(work);
  }

  template <Moving moving>
  void visit_as(std::span<Term> roots) {
    Work work = begin_work();
    for (Term& root : roots) evacuate<moving>(root, work);
    end_work(work);
  }

  void scan() {
    switch (moving_) {
      case Moving::young: return scan_as<Moving::young>();
      case Moving::young_and_fragments: return scan_as<Moving::young_and_fragments>();
      case Moving::all: return scan_as<Moving::all>();
      case Moving::all_and_area: return scan_as<Moving::all_and_area>();
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
    heap_.settle_binaries();
    if (full_) heap_.minor_collections_ = 0;
    else heap_.minor_collections_++;
    return {.work_words = used};
  }

  // Has room for all there was before, so that a block grows step by step while it is filled again and again; but not where
  // next to nothing survives, as in a process that handles one small message after the other. More if three quarters are
  // used. Shrinks when less than a quarter is; after a minor collection only if the block is large, and not to less than an
  // eighth of the old generation: much of what survives one collection is promoted by the next, and a small young block
  // beside a large old one is collected all the time. The bounds of shrinking are BEAM's.
  size_t final_size(size_t needed) const {
    static constexpr size_t small_words = 3000, medium_words = 8000, part_of_old = 8, part_that_grows = 8;
    if (fits_exactly_) return needed;
    size_t size = heap_.heap_words(), old = full_ ? 0 : heap_.old_heap_words();
    if (needed > size / part_that_grows) size = roomy_;
    if (needed * 4 > size * 3) {
      size = next_heap_size(needed + needed / 3);
    } else if (needed * 4 < size && (full_ || (size > small_words && (size > medium_words || size > old)))) {
      size_t wanted = std::max({needed * 3, old / part_of_old, size_t{heap_.settings.minimum_words}});
      size = std::min(size, next_heap_size(wanted));
    }
    return std::min(size, capacity_);
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

  // Where an allocator would move a block to shrink it, the block stays as it is.
  void shrink_block(size_t size) {
    if (size < capacity_) give_back_end(new_start_, size * sizeof(Word), capacity_ * sizeof(Word));
  }

  ProcessHeap& heap_;
  const size_t need_words_;
  const LiteralArea* evacuate_;
  bool full_;
  Moving moving_ = Moving::all;
  bool fits_exactly_ = false;
  std::vector<Word> literal_moves_;
  std::vector<OffHeapObject*> literal_copies_;
  size_t roomy_ = 0;     // words that surely suffice
  size_t capacity_ = 0;  // words allocated
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
