#include "process/stored_term.h"

#include "term/copy_whole.h"

namespace hanse {

void StoredTerm::set(Term term) {
  drop();
  term_ = term;
  if (!term.is_pointer()) return;
  // Nobody would tell this copy if a literal went away.
  size_t words = whole_size(term);
  term_ = Term::nil();
  if (words == too_many_words) return;
  FragmentArena arena(words);
  term_ = copy_whole(arena, term, words);
  fragment_ = arena.take();
}

}  // namespace hanse
