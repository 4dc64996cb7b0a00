// Copying between heaps. The copy is written to one block and scanned from its start, as Cheney's collector does: an
// object is first copied with its old pointers, which the scan replaces by copies in turn. So no stack is needed,
// whatever the depth. A list's cells are copied in one go, so that they lie side by side.
#include "term/copy.h"

#include <unordered_map>

#include "base/work_stack.h"
#include "term/header.h"
#include "term/heap_binary.h"
#include "term/literal_purge.h"

namespace hanse {

namespace {

constexpr size_t words_of(size_t bytes) { return bytes / sizeof(Word); }
constexpr size_t refc_binary_words = words_of(sizeof(RefcBinary));
constexpr size_t sub_binary_words = words_of(sizeof(SubBinary));

// share: not copied, but for those of literal_purge.h; keep: never copied; count: as if they were copied.
enum class Literals : uint8_t { share, keep, count };

template <Literals literals>
bool needs_copy(Term term) {
  if (!term.is_pointer()) return false;
  return literals == Literals::count || !is_literal(term) || (literals == Literals::share && is_in_literal_purge(term));
}

// The bytes of a heap binary that a part of it touches.
struct Touched {
  size_t first_byte;
  size_t bytes;
};
Touched touched_bytes(const SubBinary* part) {
  size_t first = part->bit_offset / 8;
  return {first, (part->bit_offset % 8 + part->bit_size + 7) / 8};
}

// A part of a heap binary becomes a heap binary of its own, with a part over it only if it is not made of whole bytes.
bool is_whole_bytes(const SubBinary* part) { return part->bit_offset % 8 == 0 && part->bit_size % 8 == 0; }

template <Literals literals>
size_t sub_binary_size(const SubBinary* part) {
  if (!needs_copy<literals>(part->original)) return sub_binary_words;
  if (part->original.is_boxed_kind(Boxed::refc_binary)) return sub_binary_words + refc_binary_words;
  size_t bytes = heap_binary_words(touched_bytes(part).bytes);
  return is_whole_bytes(part) ? bytes : bytes + sub_binary_words;
}

template <Literals literals>
size_t size_of_term(Term root) {
  if (!needs_copy<literals>(root)) return 0;
  WorkStack<Term> stack;
  size_t words = 0;
  Term term = root;
  for (;;) {
    if (term.is_cons()) {
      Cons* cell = term.as_cons();
      words += 2;
      if (needs_copy<literals>(cell->tail)) {
        if (needs_copy<literals>(cell->head)) stack.push(cell->head);
        term = cell->tail;
        continue;
      }
      if (needs_copy<literals>(cell->head)) {
        term = cell->head;
        continue;
      }
    } else {
      Word* object = term.as_boxed();
      Boxed kind = header_kind(*object);
      if (kind == Boxed::sub_binary) {
        words += sub_binary_size<literals>(reinterpret_cast<SubBinary*>(object));
      } else {
        DCHECK(kind != Boxed::match_context);
        size_t size = header_size(*object);
        words += size + 1;
        size_t raw = raw_words(kind);
        if (raw != all_raw)
          for (size_t i = 1 + raw; i <= size; i++)
            if (Term field = Term::from_word(object[i]); needs_copy<literals>(field)) stack.push(field);
      }
    }
    if (stack.empty()) return words;
    term = stack.pop();
  }
}

// Writes objects to a block and remembers, if sharing is to be kept, where each went.
template <bool keeps_sharing>
class Copier {
 public:
  Copier(Arena& arena, size_t words) : arena_(arena), top_(arena.allocate(words)), block_(top_), end_(top_ + words) {}

  Term run(Term root) {
    Term result = forward(root);
    for (Word* scan = block_; scan < top_;) {
      Term term = Term::from_word(*scan);
      if (term.is_header()) {
        scan += skip(*scan);
        continue;
      }
      if (needs_copy<literals>(term) && !is_copied(term)) *scan = forward(term).word();
      scan++;
    }
    DCHECK(top_ <= end_);
    arena_.trim(top_, end_);
    return result;
  }

 private:
  static constexpr Literals literals = keeps_sharing ? Literals::keep : Literals::share;
  // The words of a header and the raw words behind it; parts of binaries are complete when they are written.
  static size_t skip(Word header) {
    Boxed kind = header_kind(header);
    if (kind == Boxed::sub_binary) return sub_binary_words;
    size_t raw = raw_words(kind);
    return 1 + (raw == all_raw ? header_size(header) : raw);
  }
  // List cells that were copied with their spine point into the block already.
  bool is_copied(Term term) const {
    auto* place = reinterpret_cast<Word*>(term.word() & ~Word{7});
    return place >= block_ && place < end_;
  }
  Word* take(size_t words) {
    Word* place = top_;
    top_ += words;
    return place;
  }
  bool seen(Term term, Term& copied) {
    if constexpr (keeps_sharing) {
      auto found = copies_.find(term.word());
      if (found == copies_.end()) return false;
      copied = found->second;
      return true;
    }
    return false;
  }
  Term remember(Term term, Term copied) {
    if constexpr (keeps_sharing) copies_.emplace(term.word(), copied);
    return copied;
  }

  Term forward(Term term) {
    if (Term copied; seen(term, copied)) return copied;
    return term.is_cons() ? forward_list(term) : forward_boxed(term);
  }

  Term forward_list(Term list) {
    Term first;
    Term* link = &first;
    while (list.is_cons() && needs_copy<literals>(list)) {
      if (Term copied; seen(list, copied)) {
        *link = copied;
        return first;
      }
      auto* cell = reinterpret_cast<Cons*>(take(2));
      *link = remember(list, Term::cons(cell));
      cell->head = list.as_cons()->head;
      list = list.as_cons()->tail;
      link = &cell->tail;
    }
    *link = list;  // an immediate, a literal, or an object that the scan will copy
    return first;
  }

  Term forward_boxed(Term term) {
    Word* object = term.as_boxed();
    switch (header_kind(*object)) {
      case Boxed::sub_binary: return remember(term, copy_part(reinterpret_cast<SubBinary*>(object)));
      case Boxed::refc_binary: return remember(term, copy_refc_binary(reinterpret_cast<RefcBinary*>(object)));
      case Boxed::magic_reference: {
        Word* place = copy_words(object);
        share_value(reinterpret_cast<OffHeapObject*>(place));
        return remember(term, Term::boxed(place));
      }
      default: return remember(term, Term::boxed(copy_words(object)));
    }
  }

  Word* copy_words(const Word* object) {
    size_t words = header_size(*object) + 1;
    Word* place = take(words);
    for (size_t i = 0; i < words; i++) place[i] = object[i];
    return place;
  }
  void share_value(OffHeapObject* object) {
    object->value->retain();
    arena_.off_heap.push(object);
  }
  Term copy_refc_binary(const RefcBinary* binary) {
    auto* place = reinterpret_cast<RefcBinary*>(take(refc_binary_words));
    *place = *binary;
    place->flags = 0;  // only the first holder may append in place
    share_value(reinterpret_cast<OffHeapObject*>(place));
    return Term::boxed(place);
  }

  Term copy_part(const SubBinary* part) {
    Term original = part->original;
    size_t bit_offset = part->bit_offset;
    if (needs_copy<literals>(original)) {
      if (original.is_boxed_kind(Boxed::refc_binary)) {
        if (Term copied; seen(original, copied)) {
          original = copied;
        } else {
          original = remember(original, copy_refc_binary(original.as<RefcBinary>()));
        }
      } else {
        original = copy_touched(part);
        if (is_whole_bytes(part)) return original;
        bit_offset %= 8;
      }
    }
    auto* place = reinterpret_cast<SubBinary*>(take(sub_binary_words));
    *place = {make_header(Boxed::sub_binary, sub_binary_words - 1), part->bit_size, bit_offset, 0, original};
    return Term::boxed(place);
  }
  Term copy_touched(const SubBinary* part) {
    Touched touched = touched_bytes(part);
    return write_heap_binary(take(heap_binary_words(touched.bytes)),
                             {binary_data(part->original) + touched.first_byte, touched.bytes});
  }

  Arena& arena_;
  Word* top_;
  Word* const block_;
  Word* const end_;
  [[no_unique_address]] std::conditional_t<keeps_sharing, std::unordered_map<Word, Term>, char> copies_{};
};

}  // namespace

size_t flat_size(Term term) { return size_of_term<Literals::share>(term); }
size_t flat_size_with_literals(Term term) { return size_of_term<Literals::count>(term); }

Term copy(Arena& arena, Term term, size_t flat_size) {
  if (!needs_copy<Literals::share>(term)) return term;
  return Copier<false>(arena, flat_size).run(term);
}

size_t flat_size_with_shared_literals(Term term) { return size_of_term<Literals::keep>(term); }

size_t shared_size(Term root) {
  std::unordered_map<Word, bool> seen;
  WorkStack<Term> stack;
  size_t words = 0;
  auto visit = [&](Term term) {
    if (needs_copy<Literals::keep>(term) && seen.try_emplace(term.word(), true).second) stack.push(term);
  };
  visit(root);
  while (!stack.empty()) {
    Term term = stack.pop();
    if (term.is_cons()) {
      words += 2;
      visit(term.as_cons()->head);
      visit(term.as_cons()->tail);
      continue;
    }
    Word* object = term.as_boxed();
    Boxed kind = header_kind(*object);
    if (kind == Boxed::sub_binary) {
      auto* part = term.as<SubBinary>();
      if (part->original.is_boxed_kind(Boxed::refc_binary)) {
        words += sub_binary_words;
        visit(part->original);
      } else {
        words += sub_binary_size<Literals::keep>(part);
      }
      continue;
    }
    size_t size = header_size(*object);
    words += size + 1;
    size_t raw = raw_words(kind);
    if (raw != all_raw)
      for (size_t i = 1 + raw; i <= size; i++) visit(Term::from_word(object[i]));
  }
  return words;
}

Term copy_shared(Arena& arena, Term term) {
  if (!needs_copy<Literals::keep>(term)) return term;
  return Copier<true>(arena, shared_size(term)).run(term);
}

}  // namespace hanse
