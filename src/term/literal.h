// Literal areas: constant terms of modules and persistent terms, in one reserved region of address space, so that one
// comparison tells a literal from a heap term. Literals are shared by all processes and never copied within the node.
#pragma once

#include "term/arena.h"

namespace hanse {

namespace detail {
extern Word* literal_region_begin;
extern size_t literal_region_words;  // 8 GB of address space, reserved, not used; less where it is limited
}  // namespace detail

inline bool is_literal_pointer(const void* pointer) {
  return static_cast<size_t>(static_cast<const Word*>(pointer) - detail::literal_region_begin) <
         detail::literal_region_words;
}
inline bool is_literal(Term term) {
  return term.is_pointer() && is_literal_pointer(reinterpret_cast<const void*>(term.word() & ~Word{7}));
}

// An area of fixed size in the region. Fill it through the Arena interface. Freeing it releases its off-heap values; the
// owner has made sure that no heap refers to it any more (code/purge).
class LiteralArea final : public Arena {
 public:
  // Deleted by its owner. nullptr if the region is full.
  static LiteralArea* create(size_t words);
  ~LiteralArea();
  Word* begin() const { return begin_; }
  Word* end() const { return begin_ + words_; }
  bool contains(const Word* pointer) const { return pointer >= begin_ && pointer < end(); }
  size_t bytes() const { return words_ * sizeof(Word); }

 private:
  LiteralArea(Word* begin, size_t words);
  Word* allocate_slow(size_t words) override;
  Word* begin_;
  size_t words_;
};

// Bytes of all areas.
size_t literal_bytes();

}  // namespace hanse
