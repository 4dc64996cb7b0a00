// Copying between heaps. An object is first copied with its old pointers; the places of those that need a copy themselves
// go onto a stack, except the last, which is next. A list's cells are copied in runs, so that they lie side by side.
#include "term/copy.h"

#include <algorithm>
#include <unordered_map>

#include "base/compiler.h"
#include "base/work_stack.h"
#include "term/budget.h"
#include "term/header.h"
#include "term/heap_binary.h"
#include "term/literal_purge.h"

namespace hanse {

namespace {

// Of a copy in pieces.
constexpr size_t first_block_words = 1024, most_block_words = 65536;

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

// Stops when there are more than `limit`.
template <Literals literals>
size_t size_of_term(Term root, size_t limit = ~size_t{0}) {
  if (!needs_copy<literals>(root)) return 0;
  WorkStack<Term> stack;
  WalkSteps steps;
  if (thread_budget != nullptr) limit = std::min(limit, thread_budget->most_words());
  size_t words = 0;
  Term term = root;
  for (;;) {
    if (words > limit || !steps.go_on()) [[unlikely]] return words;
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

enum class CopyMode : uint8_t { plain, keeps_sharing, crossing };

// Writes objects to a block, or to further ones when that is full, and remembers, if sharing is to be kept, where each went.
template <CopyMode mode>
class Copier {
 public:
  Copier(Arena& arena, size_t words, Crossing* crossing = nullptr)
      : arena_(arena), top_(arena.allocate(words)), end_(top_ + words), crossing_(crossing) {}

  Term run(Term root) {
    Term result = root;
    Term* place = &result;
    for (;;) {
      do {
        if (!steps_.go_on()) [[unlikely]] return given_up();
        place = forward(place);
      } while (place != nullptr);
      do {
        if (places_.empty()) {
          arena_.trim(top_, end_);
          return result;
        }
        place = places_.pop();
      } while (place == nullptr);
    }
  }

 private:
  static constexpr bool keeps_sharing = mode == CopyMode::keeps_sharing;
  static constexpr Literals literals = keeps_sharing                ? Literals::keep
                                       : mode == CopyMode::crossing ? Literals::count
                                                                    : Literals::share;
  Word* take(size_t words) {
    if (end_ - top_ < static_cast<ptrdiff_t>(words)) [[unlikely]] extend(words);
    Word* place = top_;
    top_ += words;
    return place;
  }
  // A copy that was given up has no parts: half of a map would be none.
  HANSE_NOINLINE Term given_up() {
    places_.clear();
    arena_.trim(top_, end_);
    return Term::nil();
  }
  HANSE_NOINLINE void extend(size_t words) {
    if (thread_budget != nullptr) [[unlikely]] {
      extended_words_ += std::max(words, next_block_words_);
      if (extended_words_ > thread_budget->most_words()) {
        thread_budget->gone_too_far();
        steps_.end();
      }
    }
    arena_.trim(top_, end_);
    if (next_block_words_ < words) next_block_words_ = words;
    top_ = arena_.allocate(next_block_words_);
    end_ = top_ + next_block_words_;
    next_block_words_ = std::min(next_block_words_ * 2, most_block_words);
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

  // Copies what the place refers to, and says which place in the copy is next: nullptr, the one on top of the stack.
  Term* forward(Term* place) {
    Term term = *place;
    if (seen(term, *place)) return nullptr;
    if (term.is_cons()) return forward_list(place);
    Word* object = term.as_boxed();
    switch (header_kind(*object)) {
      case Boxed::sub_binary: *place = copy_part(reinterpret_cast<SubBinary*>(object)); break;
      case Boxed::refc_binary: *place = copy_refc_binary(reinterpret_cast<RefcBinary*>(object)); break;
      case Boxed::magic_reference:
      case Boxed::external_pid:
      case Boxed::external_port:
      case Boxed::external_reference: {
        Word* copied = copy_words(object);
        share_value(reinterpret_cast<OffHeapObject*>(copied));
        *place = Term::boxed(copied);
        break;
      }
      default: {
        Word* copied = mode == CopyMode::crossing ? copy_function(object) : copy_words(object);
        *place = Term::boxed(copied);
        remember(term, *place);
        return fields_of(copied);
      }
    }
    remember(term, *place);
    return nullptr;
  }

  Term* fields_of(Word* object) {
    Term* next = nullptr;
    size_t raw = raw_words(header_kind(*object));
    if (raw == all_raw) return next;
    auto* field = reinterpret_cast<Term*>(object + 1 + raw);
    auto* end = reinterpret_cast<Term*>(object + 1 + header_size(*object));
    for (; field < end; field++) {
      if (!needs_copy<literals>(*field)) continue;
      if (next != nullptr) places_.push(next);
      next = field;
    }
    return next;
  }

  // A run of cells. Its elements come next, then the rest of the list, whose place waits below theirs on the stack.
  Term* forward_list(Term* place) {
    static constexpr size_t run_cells = 256;
    Term list = *place;
    size_t rest = places_.size();
    places_.push(nullptr);
    for (size_t cells = 0; list.is_cons() && needs_copy<literals>(list); cells++) {
      if (seen(list, *place)) return nullptr;
      if (cells == run_cells) {
        places_[rest] = place;
        break;
      }
      auto* cell = reinterpret_cast<Cons*>(take(2));
      *place = Term::cons(cell);
      remember(list, *place);
      cell->head = list.as_cons()->head;
      if (needs_copy<literals>(cell->head)) places_.push(&cell->head);
      list = list.as_cons()->tail;
      place = &cell->tail;
    }
    *place = list;
    if (list.is_boxed() && needs_copy<literals>(list)) places_[rest] = place;
    return nullptr;
  }

  // Of any object without values off the heap; funs as the crossing says.
  Word* copy_function(const Word* object) {
    Boxed kind = header_kind(*object);
    if (kind == Boxed::export_fun) {
      Word* copied = copy_words(object);
      auto* target = reinterpret_cast<ExportFun*>(copied);
      target->target = crossing_->export_for(target->target);
      return copied;
    }
    FunEntry* entry = kind == Boxed::fun ? reinterpret_cast<const Fun*>(object)->entry : nullptr;
    FunEntry* other = entry != nullptr ? crossing_->replacement(entry) : nullptr;
    if (other == nullptr) return copy_words(object);
    static constexpr size_t words = sizeof(Fun) / sizeof(Word);
    auto* empty = reinterpret_cast<Fun*>(take(words));
    empty->header = make_header(Boxed::fun, words - 1);
    empty->entry = other;
    empty->creator = reinterpret_cast<const Fun*>(object)->creator;
    return reinterpret_cast<Word*>(empty);
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
  Word* end_;
  Crossing* crossing_;
  WalkSteps steps_;
  size_t extended_words_ = 0;
  size_t next_block_words_ = first_block_words;
  WorkStack<Term*> places_;
  [[no_unique_address]] std::conditional_t<keeps_sharing, std::unordered_map<Word, Term>, char> copies_{};
};

}  // namespace

size_t flat_size(Term term) { return size_of_term<Literals::share>(term); }
size_t flat_size_with_literals(Term term) { return size_of_term<Literals::count>(term); }

size_t flat_size_up_to(Term term, size_t limit) { return size_of_term<Literals::share>(term, limit); }

Term copy_in_pieces(Arena& arena, Term term) {
  if (!needs_copy<Literals::share>(term)) return term;
  return Copier<CopyMode::plain>(arena, first_block_words).run(term);
}

Term copy(Arena& arena, Term term, size_t flat_size) {
  if (!needs_copy<Literals::share>(term)) return term;
  return Copier<CopyMode::plain>(arena, flat_size).run(term);
}

Term copy_crossing(Arena& arena, Term term, Crossing& crossing) {
  if (!term.is_pointer()) return term;
  return Copier<CopyMode::crossing>(arena, flat_size_with_literals(term), &crossing).run(term);
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
  return Copier<CopyMode::keeps_sharing>(arena, shared_size(term)).run(term);
}

}  // namespace hanse
