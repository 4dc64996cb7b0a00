// Deep copies of terms between heaps. Literals (term/literal.h) are shared, never copied. Iterative.
#pragma once

#include "term/arena.h"
#include "term/fun.h"

namespace hanse {

// Words that copy() will take: sharing inside the term is not kept, as in stock; literals count nothing.
size_t flat_size(Term term);
// The same, or any number above the limit if there are more.
size_t flat_size_up_to(Term term, size_t limit);
// The same with literals counted as if they were copied (erts_debug:flat_size/1).
size_t flat_size_with_literals(Term term);
// Copies into one block of exactly flat_size(term) words, or anywhere else. Off-heap values gain a reference.
Term copy(Arena& arena, Term term, size_t flat_size);
inline Term copy(Arena& arena, Term term) { return term.is_pointer() ? copy(arena, term, flat_size(term)) : term; }
// Copies a term of unknown size into several blocks of growing size, without counting first.
Term copy_in_pieces(Arena& arena, Term term);
// A copy for somebody who must not share code with the owner of the term: literals are copied, and what refers to functions is
// asked about.
class Crossing {
 public:
  // What `fun m:f/a` means there.
  virtual Export* export_for(Export* target) = 0;
  // The entry that stands in for that of a closure, which loses its environment; nullptr: the closure may cross.
  virtual FunEntry* replacement(FunEntry* entry) = 0;

 protected:
  ~Crossing() = default;
};
Term copy_crossing(Arena& arena, Term term, Crossing& crossing);
// Words with sharing counted once (erts_debug:size_shared/1), and a copy that keeps sharing.
size_t shared_size(Term term);
Term copy_shared(Arena& arena, Term term);

}  // namespace hanse
