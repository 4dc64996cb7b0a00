// Maps: flat (sorted keys, up to 32) or a hash array mapped trie. All functions are pure; updates share structure.
#pragma once

#include "term/build.h"
#include "term/map_hash.h"

namespace hanse {

size_t map_size(Term map);
// none() if the key is absent.
Term map_get(Term map, Term key);
// With the key's internal_hash known already (large maps).
Term map_get_hashed(Term map, Term key, uint64_t hash);
Term map_put(Arena& arena, Term map, Term key, Term value);
// none() if the key is absent.
Term map_update(Arena& arena, Term map, Term key, Term value);
// The map itself if the key is absent; `removed` receives the value if it is not null.
Term map_remove(Arena& arena, Term map, Term key, Term* removed = nullptr);
Term map_merge(Arena& arena, Term older, Term newer);
// Later pairs win.
Term map_from_pairs(Arena& arena, std::span<const Term> keys, std::span<const Term> values);
Term map_empty(Arena& arena);

// Pairs in the order of the map (flat: key order; large: trie order). Valid while the map is.
class MapIterator {
 public:
  explicit MapIterator(Term map);
  bool next(Term& key, Term& value);

 private:
  FlatMap* flat_ = nullptr;
  size_t index_ = 0;
  HashMapCursor cursor_;
};

}  // namespace hanse
