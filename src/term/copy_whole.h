// Deep copies that share nothing with the original, not even literals: for what may outlive the code that it came from
// (persistent terms, and anything else that is kept outside process heaps). Compare copy.h. Iterative.
#pragma once

#include "term/arena.h"

namespace hanse {

// More words than there is room for.
inline constexpr size_t too_many_words = SIZE_MAX / sizeof(Word) / 2;
// Words that copy_whole() will take. too_many_words for a guest that has no room for them: its process ends, and nobody sees the copy.
size_t whole_size(Term term);
// The same for a term of a guest, whose parts may be shared: too_many_words if the walk becomes too long.
size_t whole_size_bounded(Term term);
// words: whole_size(term). Off-heap values gain a reference.
Term copy_whole(Arena& arena, Term term, size_t words);
inline Term copy_whole(Arena& arena, Term term) { return term.is_pointer() ? copy_whole(arena, term, whole_size(term)) : term; }

}  // namespace hanse
