#include "process/stored_term.h"

#include "term/literal.h"

namespace hanse {

void StoredTerm::set(Term term) {
  drop();
  term_ = term;
  if (!term.is_pointer() || is_literal(term)) return;
  size_t words = flat_size(term);
  FragmentArena arena(words);
  term_ = copy(arena, term, words);
  fragment_ = arena.take();
}

}  // namespace hanse
