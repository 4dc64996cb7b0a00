// A term that lives outside all process heaps: immediates and literals as they are, everything else in a fragment of its
// own. Movable between threads.
#pragma once

#include <utility>

#include "heap/fragment.h"
#include "term/copy.h"

namespace hanse {

class StoredTerm {
 public:
  StoredTerm() = default;
  explicit StoredTerm(Term term) { set(term); }
  StoredTerm(Term term, Fragment* fragment) : term_(term), fragment_(fragment) {}
  StoredTerm(StoredTerm&& other) noexcept
      : term_(std::exchange(other.term_, Term::none())), fragment_(std::exchange(other.fragment_, nullptr)) {}
  StoredTerm& operator=(StoredTerm&& other) noexcept {
    std::swap(term_, other.term_);
    std::swap(fragment_, other.fragment_);
    return *this;
  }
  ~StoredTerm() { drop(); }

  // Copies.
  void set(Term term);
  Term term() const { return term_; }
  // Off all heaps.
  size_t bytes() const { return Fragment::words_of_chain(fragment_) * sizeof(Word); }
  bool is_none() const { return term_.is_none(); }
  // A copy in the arena.
  Term read(Arena& arena) const { return term_.is_pointer() ? copy(arena, term_) : term_; }
  // Hands the fragment over (nullptr for immediates); term() stays valid as long as it lives.
  Fragment* take_fragment() { return std::exchange(fragment_, nullptr); }

 private:
  void drop() {
    if (fragment_) Fragment::destroy(std::exchange(fragment_, nullptr));
  }
  Term term_ = Term::none();
  Fragment* fragment_ = nullptr;
};

}  // namespace hanse
