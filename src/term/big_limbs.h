// What the files of big integer arithmetic share: any integer seen as sign and limbs, and the end of every computation.
// Private to big*.cc.
#pragma once

#include <gmp.h>

#include "term/big.h"

namespace hanse {

static_assert(sizeof(mp_limb_t) == sizeof(Word) && GMP_NUMB_BITS == 64);
inline constexpr size_t big_limit_limbs = big_limit_bits / 64;

inline mp_limb_t* as_limbs(Word* words) { return reinterpret_cast<mp_limb_t*>(words); }

// An integer term as sign and magnitude; a small one is unpacked into the object itself, so it must not be copied.
class Limbs {
 public:
  explicit Limbs(Term integer) {
    if (integer.is_small()) {
      int64_t value = integer.as_small();
      negative = value < 0;
      single_ = negative ? -static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
      data = &single_;
      size = single_ != 0;
    } else {
      auto* big = integer.as<Big>();
      negative = big->is_negative();
      data = as_limbs(big->limbs);
      size = big->size();
    }
  }
  Limbs(const Limbs&) = delete;
  Limbs& operator=(const Limbs&) = delete;

  const mp_limb_t* data;
  size_t size;  // 0 for zero; otherwise the last limb is not zero
  bool negative;

 private:
  mp_limb_t single_ = 0;
};

// Room for a result of at most `capacity` limbs, the arena's latest block until it is finished.
struct NewBig {
  Big* big;
  size_t capacity;
  mp_limb_t* limbs() const { return as_limbs(big->limbs); }
  Word* begin() const { return reinterpret_cast<Word*>(big); }
  Word* end() const { return begin() + 1 + capacity; }
};
inline NewBig allocate_big(Arena& arena, size_t capacity) {
  return {reinterpret_cast<Big*>(arena.allocate(capacity + 1)), capacity};
}

// The first `size` limbs, of which the upper ones may be zero, as a term. none() if it is longer than the limit.
inline Term finish_big(Arena& arena, NewBig result, size_t size, bool negative) {
  Big* big = result.big;
  while (size > 0 && big->limbs[size - 1] == 0) size--;
  if (size <= 1) {
    Word magnitude = size == 0 ? 0 : big->limbs[0];
    if (magnitude <= static_cast<Word>(Term::small_max) + negative) {
      arena.trim(result.begin(), result.end());
      auto value = static_cast<int64_t>(magnitude);
      return Term::small(negative ? -value : value);
    }
  }
  if (size > big_limit_limbs) {
    arena.trim(result.begin(), result.end());
    return Term::none();
  }
  big->header = make_header(negative ? Boxed::negative_big : Boxed::positive_big, size);
  arena.trim(result.begin() + 1 + size, result.end());
  return Term::boxed(big);
}

}  // namespace hanse
