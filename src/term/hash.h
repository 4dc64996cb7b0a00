// Hashes of terms. portable_hash* equal stock's bit for bit on every node and release; internal_hash only within this run.
#pragma once

#include "term/term.h"

namespace hanse {

uint32_t portable_hash(Term term);    // erlang:phash/2 before the modulus
uint32_t portable_hash2(Term term);   // erlang:phash2/1 before the modulus
// For maps, ETS and dictionaries: equal for exactly equal terms.
uint64_t internal_hash(Term term);
// As internal_hash, but equal for terms that are == (for ordered comparisons such as 1 and 1.0).
uint64_t internal_hash_loose(Term term);

}  // namespace hanse
