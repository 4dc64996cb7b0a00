// Bit operations, shifts and byte strings of integers. Erlang's bit operators see integers as two's complement of
// infinite width; limbs hold sign and magnitude, so negative operands are complemented limb by limb on the way.
#include <algorithm>
#include <bit>
#include <cstring>

#include "term/big_limbs.h"

namespace hanse {

namespace {

// The limbs of an integer's two's complement, least significant first, endless.
class Complement {
 public:
  explicit Complement(const Limbs& limbs) : limbs_(limbs), borrow_(limbs.negative) {}
  mp_limb_t next() {
    mp_limb_t limb = index_ < limbs_.size ? limbs_.data[index_] : 0;
    index_++;
    if (!limbs_.negative) return limb;
    mp_limb_t less = limb - borrow_;  // -x is the complement of x - 1
    borrow_ = borrow_ != 0 && limb == 0;
    return ~less;
  }

 private:
  const Limbs& limbs_;
  size_t index_ = 0;
  mp_limb_t borrow_;
};

// The first `size` limbs, two's complement of a negative number if `negative`, as a term.
Term finish_complement(Arena& arena, NewBig big, size_t size, bool negative) {
  if (negative) mpn_neg(big.limbs(), big.limbs(), size);
  return finish_big(arena, big, size, negative);
}

template <class Operation>
Term bitwise(Arena& arena, Term a, Term b, Operation operation) {
  if (Term::both_small(a, b)) return Term::small(operation(a.as_small(), b.as_small()));
  Limbs x(a), y(b);
  Complement p(x), q(y);
  size_t size = std::max(x.size, y.size) + 1;
  NewBig result = allocate_big(arena, size);
  for (size_t i = 0; i < size; i++) result.limbs()[i] = operation(p.next(), q.next());
  return finish_complement(arena, result, size, operation(int64_t{x.negative}, int64_t{y.negative}) != 0);
}

Term shift_left(Arena& arena, Term a, uint64_t bits) {
  Limbs x(a);
  if (x.size == 0) return a;
  if (bits > big_limit_bits) return Term::none();
  size_t whole = bits / 64;
  auto rest = static_cast<unsigned>(bits % 64);
  if (x.size + whole > big_limit_limbs) return Term::none();
  size_t size = x.size + whole + 1;
  NewBig result = allocate_big(arena, size);
  mp_limb_t* out = result.limbs();
  std::fill_n(out, whole, 0);
  if (rest == 0) {
    mpn_copyi(out + whole, x.data, x.size);
    out[size - 1] = 0;
  } else {
    out[size - 1] = mpn_lshift(out + whole, x.data, x.size, rest);
  }
  return finish_big(arena, result, size, x.negative);
}

Term shift_right(Arena& arena, Term a, uint64_t bits) {
  if (a.is_small()) return Term::small(a.as_small() >> std::min<uint64_t>(bits, 63));
  Limbs x(a);
  size_t whole = bits / 64;
  auto rest = static_cast<unsigned>(bits % 64);
  if (whole >= x.size) return Term::small(x.negative ? -1 : 0);
  size_t size = x.size - whole;
  NewBig result = allocate_big(arena, size + 1);
  mp_limb_t* out = result.limbs();
  bool lost = std::any_of(x.data, x.data + whole, [](mp_limb_t limb) { return limb != 0; });
  if (rest == 0) {
    mpn_copyi(out, x.data + whole, size);
  } else {
    lost |= mpn_rshift(out, x.data + whole, size, rest) != 0;
  }
  out[size] = 0;
  // Towards minus infinity: a negative number that lost ones is one further from zero.
  if (x.negative && lost) out[size] = mpn_add_1(out, out, size, 1);
  return finish_big(arena, result, size + 1, x.negative);
}

}  // namespace

Term integer_and(Arena& arena, Term a, Term b) {
  return bitwise(arena, a, b, [](auto x, auto y) { return x & y; });
}
Term integer_or(Arena& arena, Term a, Term b) {
  return bitwise(arena, a, b, [](auto x, auto y) { return x | y; });
}
Term integer_xor(Arena& arena, Term a, Term b) {
  return bitwise(arena, a, b, [](auto x, auto y) { return x ^ y; });
}

Term integer_not(Arena& arena, Term a) {
  if (a.is_small()) return Term::small(~a.as_small());
  Limbs x(a);
  NewBig result = allocate_big(arena, x.size + 1);
  mp_limb_t* out = result.limbs();
  out[x.size] = 0;
  if (x.negative) {
    mpn_sub_1(out, x.data, x.size, 1);
  } else {
    out[x.size] = mpn_add_1(out, x.data, x.size, 1);
  }
  return finish_big(arena, result, x.size + 1, !x.negative);
}

Term integer_shift(Arena& arena, Term a, int64_t bits) {
  if (bits < 0) return shift_right(arena, a, -static_cast<uint64_t>(bits));
  if (a.is_small() && bits < 59) {
    int64_t value = a.as_small();
    int64_t shifted = static_cast<int64_t>(static_cast<uint64_t>(value) << bits);
    if ((shifted >> bits) == value) return make_integer(arena, shifted);
  }
  return shift_left(arena, a, static_cast<uint64_t>(bits));
}

size_t integer_magnitude_bytes(Term a) {
  Limbs x(a);
  if (x.size == 0) return 0;
  return x.size * 8 - static_cast<size_t>(std::countl_zero(x.data[x.size - 1])) / 8;
}

void integer_store_magnitude(Term a, uint8_t* out, size_t size) {
  Limbs x(a);
  size_t available = std::min(size, x.size * 8);
  std::memcpy(out, x.data, available);
  std::memset(out + available, 0, size - available);
}

Term integer_from_magnitude(Arena& arena, bool negative, const uint8_t* little_endian, size_t size) {
  while (size > 0 && little_endian[size - 1] == 0) size--;
  size_t limbs = (size + 7) / 8;
  if (limbs > big_limit_limbs) return Term::none();
  NewBig result = allocate_big(arena, limbs);
  if (limbs > 0) {
    result.limbs()[limbs - 1] = 0;
    std::memcpy(result.limbs(), little_endian, size);
  }
  return finish_big(arena, result, limbs, negative);
}

Term integer_from_twos_complement(Arena& arena, const uint8_t* big_endian, size_t size, bool is_signed) {
  if (size == 0) return Term::small(0);
  bool negative = is_signed && (big_endian[0] & 0x80) != 0;
  if (size <= 8) {
    uint64_t value = negative ? ~uint64_t{0} : 0;
    for (size_t i = 0; i < size; i++) value = (value << 8) | big_endian[i];
    return is_signed ? make_integer(arena, static_cast<int64_t>(value)) : make_unsigned(arena, value);
  }
  if (!negative && size > big_limit_bits / 8) {  // bytes that say nothing do not make a number too large
    while (size > 1 && big_endian[0] == 0) big_endian++, size--;
    if (size <= 8) return integer_from_twos_complement(arena, big_endian, size, false);
  }
  size_t limbs = (size + 7) / 8;
  if (limbs > big_limit_limbs + 1) return Term::none();
  NewBig result = allocate_big(arena, limbs);
  result.limbs()[limbs - 1] = negative ? ~Word{0} : 0;
  auto* bytes = reinterpret_cast<uint8_t*>(result.limbs());
  for (size_t i = 0; i < size; i++) bytes[i] = big_endian[size - 1 - i];
  return finish_complement(arena, result, limbs, negative);
}

void integer_store_twos_complement(Term a, uint8_t* big_endian, size_t size) {
  Limbs x(a);
  Complement complement(x);
  mp_limb_t limb = 0;
  for (size_t i = 0; i < size; i++) {
    limb = i % 8 == 0 ? complement.next() : limb >> 8;
    big_endian[size - 1 - i] = static_cast<uint8_t>(limb);
  }
}

}  // namespace hanse
