// The process dictionary: a hash table of pairs beside the heap; keys and values are terms of the heap, visited as roots.
#pragma once

#include "heap/collector.h"
#include "term/term.h"

namespace hanse {

class Dictionary {
 public:
  Dictionary() = default;
  ~Dictionary();
  Dictionary(const Dictionary&) = delete;
  Dictionary& operator=(const Dictionary&) = delete;

  // none() if absent.
  Term get(Term key) const;
  // The old value or none().
  Term put(Term key, Term value);
  Term erase(Term key);
  void clear();
  size_t size() const { return count_; }
  size_t bytes() const { return capacity_ * sizeof(Pair); }

  struct Pair {
    Term key;  // none(): free slot
    Term value;
  };
  template <class Visit>
  void for_each(Visit visit) const {
    for (size_t i = 0; i < capacity_; i++)
      if (!pairs_[i].key.is_none()) visit(pairs_[i].key, pairs_[i].value);
  }
  void visit_roots(RootVisitor& visitor);

 private:
  size_t find(Term key) const;
  void resize(size_t capacity);
  Pair* pairs_ = nullptr;  // open addressing, linear probing, capacity a power of two
  size_t capacity_ = 0;
  size_t count_ = 0;
};

}  // namespace hanse
