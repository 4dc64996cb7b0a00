// Builds a list from its front. The list is a term once tail() has been said.
#pragma once

#include "term/build.h"

namespace hanse {

class ListBuilder {
 public:
  explicit ListBuilder(Arena& arena) : arena_(arena) {}
  void add(Term element) {
    auto* cell = reinterpret_cast<Cons*>(arena_.allocate(2));
    cell->head = element;
    *end_ = Term::cons(cell);
    end_ = &cell->tail;
    count_++;
  }
  size_t count() const { return count_; }
  Term finish(Term tail = Term::nil()) {
    *end_ = tail;
    return first_;
  }

 private:
  Arena& arena_;
  Term first_;
  Term* end_ = &first_;
  size_t count_ = 0;
};

// Number of elements; -1 if the term is no proper list.
inline ptrdiff_t proper_length(Term list) {
  ptrdiff_t count = 0;
  for (; list.is_cons(); list = list.as_cons()->tail) count++;
  return list.is_nil() ? count : -1;
}

}  // namespace hanse
