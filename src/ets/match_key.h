// What the head of a match specification says about the key: with it a traversal looks at a part of the table only.
#pragma once

#include <span>

#include "term/term.h"

namespace hanse {

struct KeyPattern {
  enum class Kind : uint8_t {
    any,
    exact,    // one key
    partial,  // variables inside: a range of an ordered_set
    never,    // no object can match
  } kind;
  Term key;
};
KeyPattern key_pattern(Term head, size_t key_position);

// Where a key stands relative to all keys that match a partial pattern: before (negative), among them or not known (0),
// behind (positive). Monotone over the order of keys.
int place_of_key(Term pattern, Term key);

// Whether a body builds an object with the key that the head matched (what select_replace/2 insists on). clause: {Head, Guards,
// Body}.
bool keeps_key(Term clause, size_t key_position);

}  // namespace hanse
