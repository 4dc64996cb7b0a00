// The mixing step of internal_hash: words are folded in by 128-bit products, as wyhash and mum-hash do.
#pragma once

#include <cstdint>

#include "base/compiler.h"
#include "term/term.h"

namespace hanse::hash_mixing {

inline constexpr uint64_t seed = 0x9e3779b97f4a7c15, secret0 = 0xa0761d6478bd642f, secret1 = 0xe7037ed1a0b428db;

// The factors are part of the result: a word that makes one of them zero would wipe out all that was mixed before.
HANSE_INLINE uint64_t combine(uint64_t hash, uint64_t word) {
  uint64_t a = hash ^ secret0, b = word ^ secret1;
  auto product = static_cast<unsigned __int128>(a) * b;
  return a ^ b ^ static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

// One product of a small word is regular in its upper bits, which the tries of maps use first.
inline uint64_t finish(uint64_t hash) { return combine(hash, seed); }

// Tells kinds of objects apart; immediates are their own words.
inline uint64_t mark(Boxed kind) { return 0x100 + static_cast<uint64_t>(kind) * 8; }

}  // namespace hanse::hash_mixing
