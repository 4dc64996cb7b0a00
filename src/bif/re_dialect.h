// Patterns as PCRE 8, which guests know, reads them, said in the words of PCRE2.
#pragma once

#include <string>
#include <vector>

#include "bif/re_pattern.h"

namespace hanse {

struct RegexTranslation {
  std::string text;             // empty if the source needs no change
  std::vector<size_t> origins;  // where in the source each byte of the text comes from
  // What PCRE 8 does not know but PCRE2 does; text is empty if there is none.
  PatternError refused;

  // A place in the text as one in the source.
  size_t origin(size_t position, size_t source_size) const {
    if (text.empty()) return position;
    return position < origins.size() ? origins[position] : source_size;
  }
};

RegexTranslation translate_regex(Bytes source, bool is_extended);

}  // namespace hanse
