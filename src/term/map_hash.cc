#include "term/map_hash.h"

#include <algorithm>
#include <vector>

#include "term/compare.h"
#include "term/hash.h"
#include "term/map.h"

namespace hanse {

namespace {

unsigned nibble(uint64_t hash, unsigned level) { return static_cast<unsigned>(hash >> (60 - 4 * level)) & 15; }

// A node without its children: root of `size` keys, or (size 0) an inner node.
HashMapNode* allocate_node(Arena& arena, uint32_t bitmap, size_t children, size_t size) {
  size_t words = children + (size > 0 ? 1 : 0);
  auto* node = reinterpret_cast<HashMapNode*>(arena.allocate(words + 1));
  node->header = make_header(size > 0 ? Boxed::hash_map : Boxed::hash_map_node, words) | (Word{bitmap} << 48);
  if (size > 0) node->words[0] = Term::small(static_cast<int64_t>(size));
  return node;
}

Term single_child(Arena& arena, unsigned slot, Term child) {
  HashMapNode* node = allocate_node(arena, 1u << slot, 1, 0);
  node->children()[0] = child;
  return Term::boxed(node);
}

// A subtree of two leaves with different keys, for `level`.
Term pair_subtree(Arena& arena, unsigned level, Term leaf, uint64_t hash, Term other, uint64_t other_hash) {
  unsigned differ = level;
  while (differ < hash_map_levels && nibble(hash, differ) == nibble(other_hash, differ)) differ++;
  HashMapNode* bottom;
  if (differ == hash_map_levels) {
    bottom = allocate_node(arena, 0, 2, 0);
    bottom->children()[0] = other;
    bottom->children()[1] = leaf;
  } else {
    unsigned slot = nibble(hash, differ), other_slot = nibble(other_hash, differ);
    bottom = allocate_node(arena, (1u << slot) | (1u << other_slot), 2, 0);
    bottom->children()[slot < other_slot ? 0 : 1] = leaf;
    bottom->children()[slot < other_slot ? 1 : 0] = other;
  }
  Term subtree = Term::boxed(bottom);
  while (differ > level) subtree = single_child(arena, nibble(hash, --differ), subtree);
  return subtree;
}

Term with_child_replaced(Arena& arena, HashMapNode* node, size_t index, Term child, size_t root_size) {
  auto old = node->children();
  HashMapNode* copy = allocate_node(arena, node->bitmap(), old.size(), root_size);
  std::ranges::copy(old, copy->children().begin());
  copy->children()[index] = child;
  return Term::boxed(copy);
}

Term with_child_inserted(Arena& arena, HashMapNode* node, size_t index, uint32_t bit, Term child, size_t root_size) {
  auto old = node->children();
  HashMapNode* copy = allocate_node(arena, node->bitmap() | bit, old.size() + 1, root_size);
  auto out = copy->children();
  std::copy_n(old.begin(), index, out.begin());
  out[index] = child;
  std::copy(old.begin() + index, old.end(), out.begin() + index + 1);
  return Term::boxed(copy);
}

// Where a key is or would be: the nodes from the root, and the index of the child taken in each.
struct Path {
  HashMapNode* nodes[hash_map_levels + 1];
  size_t indices[hash_map_levels + 1];
  size_t depth = 0;       // of the last node
  uint32_t missing = 0;   // bit of the last node's bitmap that is not set
  Term leaf = Term::none();  // what is in the key's place: its own leaf or another one
  bool found = false;

  Path(Term map, Term key, uint64_t hash) {
    nodes[0] = as_hash_map_node(map);
    for (;; depth++) {
      HashMapNode* node = nodes[depth];
      if (depth == hash_map_levels) {
        search_collisions(node, key);
        return;
      }
      uint32_t bit = 1u << nibble(hash, static_cast<unsigned>(depth));
      indices[depth] = static_cast<size_t>(std::popcount(node->bitmap() & (bit - 1)));
      if ((node->bitmap() & bit) == 0) {
        missing = bit;
        return;
      }
      Term child = node->children()[indices[depth]];
      if (child.is_cons()) {
        leaf = child;
        found = exactly_equal(child.as_cons()->head, key);
        return;
      }
      nodes[depth + 1] = as_hash_map_node(child);
    }
  }
  void search_collisions(HashMapNode* node, Term key) {
    auto children = node->children();
    for (size_t i = 0; i < children.size(); i++) {
      if (!exactly_equal(children[i].as_cons()->head, key)) continue;
      indices[depth] = i;
      leaf = children[i];
      found = true;
      return;
    }
    indices[depth] = children.size();
  }
  // The trie with `child` in the place of the node at `level`.
  Term replace_above(Arena& arena, size_t level, Term child, size_t root_size) const {
    while (level-- > 0)
      child = with_child_replaced(arena, nodes[level], indices[level], child, level == 0 ? root_size : 0);
    return child;
  }
};

struct Entry {
  uint64_t hash;
  size_t index;
};

// The subtree of entries, which are in order of their hashes and have distinct keys. Recursion is as deep as the trie.
class Builder {
 public:
  Builder(Arena& arena, std::span<const Term> keys, std::span<const Term> values) : arena_(arena), keys_(keys), values_(values) {}
  Term build(std::span<const Entry> entries, unsigned level) {
    if (level == hash_map_levels) return collision_node(entries);
    uint32_t bitmap = 0;
    for (const Entry& entry : entries) bitmap |= 1u << nibble(entry.hash, level);
    auto children = static_cast<size_t>(std::popcount(bitmap));
    HashMapNode* node = allocate_node(arena_, bitmap, children, level == 0 ? entries.size() : 0);
    size_t begin = 0;
    for (Term& child : node->children()) {
      size_t end = begin + 1;
      while (end < entries.size() && nibble(entries[end].hash, level) == nibble(entries[begin].hash, level)) end++;
      child = end - begin == 1 ? leaf(entries[begin]) : build(entries.subspan(begin, end - begin), level + 1);
      begin = end;
    }
    return Term::boxed(node);
  }

 private:
  Term leaf(const Entry& entry) { return make_cons(arena_, keys_[entry.index], values_[entry.index]); }
  Term collision_node(std::span<const Entry> entries) {
    HashMapNode* node = allocate_node(arena_, 0, entries.size(), 0);
    for (size_t i = 0; i < entries.size(); i++) node->children()[i] = leaf(entries[i]);
    return Term::boxed(node);
  }
  Arena& arena_;
  std::span<const Term> keys_, values_;
};

// Of entries with equal keys only the last one given stays. Entries are in order of hash, then of index.
void drop_overridden(std::vector<Entry>& entries, std::span<const Term> keys) {
  size_t kept = 0, run = 0;  // run: first kept entry of the present hash
  for (const Entry& entry : entries) {
    if (kept > 0 && entries[run].hash != entry.hash) run = kept;
    size_t same = run;
    while (same < kept && !exactly_equal(keys[entries[same].index], keys[entry.index])) same++;
    entries[same] = entry;
    if (same == kept) kept++;
  }
  entries.resize(kept);
}

// Puts two tries together. Recursion is as deep as they are.
class Merger {
 public:
  Merger(Arena& arena, size_t keys_of_both) : arena_(arena), keys_(keys_of_both) {}
  Term merge_roots(Term older, Term newer) { return merge(0, side(older, 0), side(newer, 0)); }

 private:
  // What stands on one side at a level: a node, or a leaf as if it were the only child of one.
  struct Side {
    Term whole;
    uint32_t bitmap;
    std::span<const Term> children;
    const Term* child(uint32_t bit) const {
      return (bitmap & bit) != 0 ? &children[static_cast<size_t>(std::popcount(bitmap & (bit - 1)))] : nullptr;
    }
    bool is(std::span<const Term> merged) const { return std::ranges::equal(children, merged); }
  };
  static Side side(const Term& child, unsigned level) {
    if (!child.is_cons()) return {child, as_hash_map_node(child)->bitmap(), as_hash_map_node(child)->children()};
    return {child, level < hash_map_levels ? 1u << nibble(hash_of(child), level) : 0, {&child, 1}};
  }
  static uint64_t hash_of(Term leaf) { return internal_hash(leaf.as_cons()->head); }

  Term merge(unsigned level, const Side& older, const Side& newer) {
    if (level == hash_map_levels) return merge_collisions(older, newer);
    Term merged[16];
    size_t count = 0;
    for (uint32_t rest = older.bitmap | newer.bitmap; rest != 0; rest &= rest - 1) {
      uint32_t bit = rest & -rest;
      const Term* from_older = older.child(bit);
      const Term* from_newer = newer.child(bit);
      merged[count++] = from_older == nullptr   ? *from_newer
                        : from_newer == nullptr ? *from_older
                                                : meet(level + 1, *from_older, *from_newer);
    }
    if (newer.is({merged, count})) return newer.whole;
    if (older.is({merged, count})) return older.whole;
    HashMapNode* node = allocate_node(arena_, older.bitmap | newer.bitmap, count, level == 0 ? keys_ : 0);
    std::copy_n(merged, count, node->children().begin());
    return Term::boxed(node);
  }

  // Both have a child in one place; `level` is that of the node which would stand there.
  Term meet(unsigned level, const Term& older, const Term& newer) {
    if (older == newer) {
      keys_ -= leaves_below(older);
      return older;
    }
    if (older.is_cons() && newer.is_cons()) {
      Cons* old_pair = older.as_cons();
      Cons* new_pair = newer.as_cons();
      if (!exactly_equal(old_pair->head, new_pair->head)) return pair_subtree(arena_, level, newer, hash_of(newer), older, hash_of(older));
      keys_--;
      return old_pair->tail == new_pair->tail ? older : newer;
    }
    return merge(level, side(older, level), side(newer, level));
  }

  Term merge_collisions(const Side& older, const Side& newer) {
    std::vector<Term> merged(newer.children.begin(), newer.children.end());
    for (Term leaf : older.children) {
      auto has_key = [&](Term other) { return exactly_equal(other.as_cons()->head, leaf.as_cons()->head); };
      if (std::ranges::any_of(newer.children, has_key)) keys_--;
      else merged.push_back(leaf);
    }
    if (newer.is(merged)) return newer.whole;
    HashMapNode* node = allocate_node(arena_, 0, merged.size(), 0);
    std::ranges::copy(merged, node->children().begin());
    return Term::boxed(node);
  }

  static size_t leaves_below(Term child) {
    if (child.is_cons()) return 1;
    size_t count = 0;
    for (Term inner : as_hash_map_node(child)->children()) count += leaves_below(inner);
    return count;
  }

  Arena& arena_;
  size_t keys_;  // of both, less those that both have
};

}  // namespace

Term hash_map_merge(Arena& arena, Term older, Term newer) {
  return Merger(arena, hash_map_size(older) + hash_map_size(newer)).merge_roots(older, newer);
}

Term hash_map_get(Term map, Term key, uint64_t hash) {
  HashMapNode* node = as_hash_map_node(map);
  Term* children = node->words + 1;
  for (unsigned level = 0; level < hash_map_levels; level++) {
    uint32_t bit = 1u << nibble(hash, level);
    if ((node->bitmap() & bit) == 0) return Term::none();
    Term child = children[std::popcount(node->bitmap() & (bit - 1))];
    if (child.is_cons()) return exactly_equal(child.as_cons()->head, key) ? child.as_cons()->tail : Term::none();
    node = as_hash_map_node(child);
    children = node->words;
  }
  for (Term leaf : node->children())
    if (exactly_equal(leaf.as_cons()->head, key)) return leaf.as_cons()->tail;
  return Term::none();
}

Term hash_map_put(Arena& arena, Term map, Term key, Term value, uint64_t hash, PutMode mode) {
  Path path(map, key, hash);
  size_t size = hash_map_size(map), depth = path.depth;
  HashMapNode* last = path.nodes[depth];
  if (path.found) {
    Cons* old = path.leaf.as_cons();
    if (old->tail == value) return map;
    Term node = with_child_replaced(arena, last, path.indices[depth], make_cons(arena, old->head, value), depth == 0 ? size : 0);
    return path.replace_above(arena, depth, node, size);
  }
  if (mode == PutMode::replace_only) return Term::none();
  size++;
  Term leaf = make_cons(arena, key, value), node;
  if (path.leaf.is_none()) {  // a free place, or the end of a collision node, whose bitmap stays empty
    node = with_child_inserted(arena, last, path.indices[depth], path.missing, leaf, depth == 0 ? size : 0);
  } else {
    uint64_t other_hash = internal_hash(path.leaf.as_cons()->head);
    Term subtree = pair_subtree(arena, static_cast<unsigned>(depth) + 1, leaf, hash, path.leaf, other_hash);
    node = with_child_replaced(arena, last, path.indices[depth], subtree, depth == 0 ? size : 0);
  }
  return path.replace_above(arena, depth, node, size);
}

static Term flat_without(Arena& arena, Term map, Term removed_leaf) {
  Term keys[flat_map_limit], values[flat_map_limit];
  size_t count = 0;
  HashMapCursor cursor(map, 0);
  while (const Cons* leaf = cursor.next()) {
    if (leaf == removed_leaf.as_cons()) continue;
    keys[count] = leaf->head;
    values[count++] = leaf->tail;
  }
  return map_from_pairs(arena, {keys, count}, {values, count});
}

Term hash_map_remove(Arena& arena, Term map, Term key, uint64_t hash, Term* removed) {
  Path path(map, key, hash);
  if (!path.found) return map;
  if (removed != nullptr) *removed = path.leaf.as_cons()->tail;
  size_t size = hash_map_size(map) - 1;
  if (size <= flat_map_limit) return flat_without(arena, map, path.leaf);
  size_t level = path.depth, gone = path.indices[level];
  auto children = path.nodes[level]->children();
  if (level > 0 && children.size() == 2 && children[1 - gone].is_cons()) {
    // A leaf that is left alone takes the place of its node, and of the nodes above that have no other child.
    Term survivor = children[1 - gone];
    while (level > 1 && path.nodes[level - 1]->children().size() == 1) level--;
    return path.replace_above(arena, level, survivor, size);
  }
  uint32_t bitmap = path.nodes[level]->bitmap();
  if (level < hash_map_levels) bitmap &= ~(1u << nibble(hash, static_cast<unsigned>(level)));
  HashMapNode* copy = allocate_node(arena, bitmap, children.size() - 1, level == 0 ? size : 0);
  auto out = copy->children();
  std::copy_n(children.begin(), gone, out.begin());
  std::copy(children.begin() + gone + 1, children.end(), out.begin() + gone);
  return path.replace_above(arena, level, Term::boxed(copy), size);
}

Term hash_map_from_pairs(Arena& arena, std::span<const Term> keys, std::span<const Term> values) {
  std::vector<Entry> entries(keys.size());
  for (size_t i = 0; i < keys.size(); i++) entries[i] = {internal_hash(keys[i]), i};
  std::ranges::sort(entries, [](const Entry& a, const Entry& b) { return a.hash != b.hash ? a.hash < b.hash : a.index < b.index; });
  drop_overridden(entries, keys);
  if (entries.size() > flat_map_limit) return Builder(arena, keys, values).build(entries, 0);
  Term few_keys[flat_map_limit], few_values[flat_map_limit];
  for (size_t i = 0; i < entries.size(); i++) {
    few_keys[i] = keys[entries[i].index];
    few_values[i] = values[entries[i].index];
  }
  return map_from_pairs(arena, {few_keys, entries.size()}, {few_values, entries.size()});
}

HashMapCursor::HashMapCursor(Term map, uint64_t position) {
  levels_[0] = level_of(as_hash_map_node(map));
  depth_ = 1;
  // Follows the position down as far as it goes; beyond, everything is behind it.
  while (position != 0 && depth_ <= hash_map_levels) {
    Level& level = levels_[depth_ - 1];
    uint32_t bit = 1u << nibble(position, static_cast<unsigned>(depth_ - 1));
    level.next += std::popcount(level.node->bitmap() & (bit - 1));
    if ((level.node->bitmap() & bit) == 0 || level.next->is_cons()) return;
    levels_[depth_++] = level_of(as_hash_map_node(*level.next++));
  }
}

bool HashMapCursor::settle() {
  while (depth_ > 0) {
    Level& level = levels_[depth_ - 1];
    if (level.next == level.end) {
      depth_--;
    } else if (level.next->is_cons()) {
      return true;
    } else {
      levels_[depth_++] = level_of(as_hash_map_node(*level.next++));
    }
  }
  return false;
}

const Cons* HashMapCursor::next() {
  if (!settle()) return nullptr;
  return (levels_[depth_ - 1].next++)->as_cons();
}

bool HashMapCursor::position(uint64_t& position) {
  if (!settle()) return false;
  position = 0;
  for (size_t i = 0; i < depth_ && i < hash_map_levels; i++) {
    // Nodes above the last have moved on already.
    auto index = levels_[i].next - levels_[i].node->children().data() - (i + 1 < depth_ ? 1 : 0);
    uint32_t bitmap = levels_[i].node->bitmap();
    while (index-- > 0) bitmap &= bitmap - 1;
    position |= static_cast<uint64_t>(std::countr_zero(bitmap)) << (60 - 4 * i);
  }
  return true;
}

}  // namespace hanse
