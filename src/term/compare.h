// Equality and order of terms (Erlang Reference Manual, "Term Comparisons"). Pure; iterative, whatever the depth.
#pragma once

#include "term/term.h"

namespace hanse {

// =:=, the slow part: words differ.
bool exactly_equal_slow(Term a, Term b);
inline bool exactly_equal(Term a, Term b) {
  if (a == b) return true;
  if (!a.is_pointer() || !b.is_pointer()) return false;
  return exactly_equal_slow(a, b);
}

// Order with 1 == 1.0: negative, zero or positive.
int compare_slow(Term a, Term b);
inline int compare(Term a, Term b) {
  if (a == b) return 0;
  if (Term::both_small(a, b)) return a.as_small() < b.as_small() ? -1 : 1;
  return compare_slow(a, b);
}
// ==
bool equal_slow(Term a, Term b);
inline bool equal(Term a, Term b) {
  if (a == b) return true;
  if (Term::both_small(a, b) || (a.is_atom() && b.is_atom())) return false;
  return equal_slow(a, b);
}
// The total order of map keys: as compare, but every integer sorts before every float (erts_internal:cmp_term/2).
int compare_exact(Term a, Term b);
// Atoms by name.
int compare_atoms(Term a, Term b);

}  // namespace hanse
