// Text between C++ and guests' lists.
#pragma once

#include <string_view>

#include "bif/list_builder.h"
#include "term/text.h"

namespace hanse {

// A list of the characters of valid UTF-8.
inline Term list_of_utf8(Arena& arena, std::string_view text, Term tail = Term::nil()) {
  auto* from = reinterpret_cast<const uint8_t*>(text.data());
  auto* end = from + text.size();
  ListBuilder list(arena);
  while (from < end) {
    int32_t character = next_utf8(from, end);
    if (character < 0) break;
    list.add(Term::small(character));
  }
  return list.finish(tail);
}

}  // namespace hanse
