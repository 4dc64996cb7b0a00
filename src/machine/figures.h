// Builds a map of names and numbers.
#pragma once

#include <vector>

#include "term/big.h"
#include "term/map.h"

namespace hanse {

class Figures {
 public:
  explicit Figures(Arena& arena) : arena_(arena) {}
  void add(Term key, Term value) {
    keys_.push_back(key);
    values_.push_back(value);
  }
  void add(Term key, int64_t value) { add(key, make_integer(arena_, value)); }
  Term map() { return map_from_pairs(arena_, keys_, values_); }

 private:
  Arena& arena_;
  std::vector<Term> keys_, values_;
};

}  // namespace hanse
