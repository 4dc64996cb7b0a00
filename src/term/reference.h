// References made by this node. Numbers are unique for the life of the node; any thread may draw them.
#pragma once

#include "term/arena.h"

namespace hanse {

struct ReferenceNumber {
  Word number01;
  Word number2;
  friend bool operator==(ReferenceNumber, ReferenceNumber) = default;
};

ReferenceNumber next_reference_number();

Term make_reference(Arena& arena, ReferenceNumber number);
inline Term make_reference(Arena& arena) { return make_reference(arena, next_reference_number()); }
// A reference from which its process can be found (aliases, spawn requests with an alias). pid: local.
Term make_pid_reference(Arena& arena, ReferenceNumber number, Term pid);

// term: an internal reference, magic or not.
inline ReferenceNumber reference_number(Term term) {
  if (term.is_boxed_kind(Boxed::magic_reference)) {
    auto* magic = term.as<MagicReference>();
    return {magic->number01, magic->number2};
  }
  auto* reference = term.as<Reference>();
  return {reference->number01, reference->number2};
}

}  // namespace hanse
