// Large maps: a hash array mapped trie (Bagwell, "Ideal Hash Trees", 2001). Used by map.h's functions and by whoever walks
// over the words of maps. Pure; updates share all nodes that are not on the path to the key.
//
// A node has up to 16 children, chosen by four bits of the key's internal_hash, the topmost bits at the root. Bits 48..63 of
// its header say which children exist; they follow in order. A child is a leaf (a cons cell of key and value) or a
// hash_map_node. The root (hash_map) has one more word before its children: the number of keys. Keys whose 64 bits of
// hash are equal share a node at the bottom, which has no bitmap.
#pragma once

#include <span>

#include "term/build.h"

namespace hanse {

inline constexpr unsigned hash_map_levels = 16;  // the collision nodes are one below

struct HashMapNode {
  Word header;
  Term words[];
  bool is_root() const { return header_kind(header) == Boxed::hash_map; }
  uint32_t bitmap() const { return static_cast<uint32_t>(header >> 48); }
  // The children only, without the root's size.
  std::span<Term> children() {
    size_t first = is_root() ? 1 : 0;
    return {words + first, header_size(header) - first};
  }
};
inline HashMapNode* as_hash_map_node(Term term) { return term.as<HashMapNode>(); }
inline size_t hash_map_size(Term map) { return static_cast<size_t>(as_hash_map_node(map)->words[0].as_small()); }

enum class PutMode : uint8_t { insert_or_replace, replace_only };

Term hash_map_get(Term map, Term key, uint64_t hash);
// replace_only: none() if the key is absent.
Term hash_map_put(Arena& arena, Term map, Term key, Term value, uint64_t hash, PutMode mode);
// The map itself if the key is absent; a flat map if no more than flat_map_limit keys remain.
Term hash_map_remove(Arena& arena, Term map, Term key, uint64_t hash, Term* removed);
// Both large; the pairs of `newer` win. Subtrees that only one of them has, or that are the same, are shared.
Term hash_map_merge(Arena& arena, Term older, Term newer);
// Any number of pairs, later ones win; a flat map if there are few keys.
Term hash_map_from_pairs(Arena& arena, std::span<const Term> keys, std::span<const Term> values);

// Leaves in trie order from a position on. A position is a prefix of a hash, padded with zeros; 0 is the beginning.
class HashMapCursor {
 public:
  HashMapCursor() = default;  // at the end
  HashMapCursor(Term map, uint64_t position);
  // nullptr at the end.
  const Cons* next();
  // Of the leaf that next() would return; a whole collision node has one position. False at the end.
  bool position(uint64_t& position);

 private:
  struct Level {
    HashMapNode* node;
    const Term* next;
    const Term* end;
  };
  static Level level_of(HashMapNode* node) {
    auto children = node->children();
    return {node, children.data(), children.data() + children.size()};
  }
  // Descends until the top level's next child is a leaf.
  bool settle();
  Level levels_[hash_map_levels + 1];
  size_t depth_ = 0;
};

}  // namespace hanse
