// What the maps and erts_debug modules ask about the inside of maps. A large map is walked in batches: a position in it (see
// HashMapCursor) travels through guest code as an integer.
#include "bif/tables.h"
#include "process/call.h"
#include "term/big.h"
#include "term/map.h"

#include <vector>

namespace hanse {

static constexpr size_t list_batch = 1000, iterator_batch = 100;

struct Batch {
  std::vector<Cons> pairs;
  bool more = false;
  uint64_t position = 0;  // where to continue, if more
};

static Batch next_batch(Term map, uint64_t position, size_t limit) {
  Batch batch;
  if (map.is_flat_map()) {
    Cons pair;
    for (MapIterator pairs(map); pairs.next(pair.head, pair.tail);) batch.pairs.push_back(pair);
    return batch;
  }
  batch.pairs.reserve(limit);
  HashMapCursor cursor(map, position);
  uint64_t latest = 0;
  for (;;) {
    // Keys whose hashes are equal have one position and must stay together.
    if (batch.pairs.size() + 1 >= limit) {
      if (!cursor.position(position)) return batch;
      if (batch.pairs.size() >= limit && position != latest) break;
      latest = position;
    }
    const Cons* leaf = cursor.next();
    if (leaf == nullptr) return batch;
    batch.pairs.push_back(*leaf);
  }
  batch.more = true;
  batch.position = position;
  return batch;
}

// erts_internal:map_next/3. Arguments: position, map, and what to make: the atom iterator for {K, V, Next}, or a list to put
// pairs in front of; then the answer is that list, or [Position, Map | List] if there are more pairs.
static Result erts_internal_map_next_3(Call& call) {
  Term path = call.args[0], map = call.args[1], kind = call.args[2];
  uint64_t position;
  bool to_list = kind.is_list();
  if (!map.is_map() || !path.is_integer() || !integer_fits_uint64(path, position) || (!to_list && kind != am::iterator))
    return raise_badarg(call);
  // A small map is one batch; all bits set is where no walk stops.
  if (position != 0 && (map.is_flat_map() || position == ~uint64_t{0})) return raise_badarg(call);
  Batch batch = next_batch(map, position, to_list ? list_batch : iterator_batch);
  Arena& arena = call.arena();
  call.charge(batch.pairs.size() / 4);
  Term next = Term::none();
  if (batch.more) next = make_unsigned(arena, batch.position);
  Term result = kind;
  if (to_list) {
    for (size_t i = batch.pairs.size(); i-- > 0;)
      result = make_cons(arena, make_tuple(arena, batch.pairs[i].head, batch.pairs[i].tail), result);
    return batch.more ? make_cons(arena, next, make_cons(arena, map, result)) : result;
  }
  result = batch.more ? make_cons(arena, next, map) : am::none;
  for (size_t i = batch.pairs.size(); i-- > 0;) result = make_tuple(arena, batch.pairs[i].head, batch.pairs[i].tail, result);
  return result;
}

// For the functions of a kind of map: badmap for other terms, badarg for the other kind of map.
static Result raise_other_map(Call& call, Term term) {
  return term.is_map() ? raise_badarg(call) : raise_error(call, make_tuple(call.arena(), am::badmap, term));
}

static Result erts_internal_map_to_tuple_keys_1(Call& call) {
  if (!call.args[0].is_flat_map()) return raise_other_map(call, call.args[0]);
  return call.args[0].as<FlatMap>()->keys;
}

// A subtree as guests may see it: tuples of the size of the nodes, with leaves as they are. As deep as the trie.
static Term visible_subtree(Arena& arena, Term child) {
  if (child.is_cons()) return child;
  auto children = as_hash_map_node(child)->children();
  Tuple* tuple = allocate_tuple(arena, children.size());
  for (size_t i = 0; i < children.size(); i++) tuple->elements[i] = visible_subtree(arena, children[i]);
  return Term::boxed(tuple);
}

// erts_internal:map_hashmap_children/1: for erts_debug:size/1.
static Result erts_internal_map_hashmap_children_1(Call& call) {
  if (!call.args[0].is_hash_map()) return raise_other_map(call, call.args[0]);
  std::vector<Term> children;
  for (Term child : as_hash_map_node(call.args[0])->children()) children.push_back(visible_subtree(call.arena(), child));
  call.charge(map_size(call.args[0]) / 8);
  return make_list(call.arena(), children);
}

struct TrieStatistics {
  size_t depth = 0, nodes = 0, leaves = 0;
  size_t nodes_of_size[16] = {}, leaves_at_depth[16] = {};

  void visit(Term node, size_t level) {
    auto children = as_hash_map_node(node)->children();
    nodes++;
    nodes_of_size[std::min<size_t>(children.size(), 16) - 1]++;
    depth = std::max(depth, level + 1);
    for (Term child : children) {
      if (!child.is_cons()) {
        visit(child, level + 1);
        continue;
      }
      leaves++;
      leaves_at_depth[std::min<size_t>(level, 15)]++;
    }
  }
};

static Term counts_tuple(Arena& arena, std::span<const size_t> counts) {
  Tuple* tuple = allocate_tuple(arena, counts.size());
  for (size_t i = 0; i < counts.size(); i++) tuple->elements[i] = Term::small(static_cast<int64_t>(counts[i]));
  return Term::boxed(tuple);
}

// erts_debug:map_info/1: how the trie of a large map is shaped.
static Result erts_debug_map_info_1(Call& call) {
  if (!call.args[0].is_map()) return raise_error(call, make_tuple(call.arena(), am::badmap, call.args[0]));
  if (!call.args[0].is_hash_map()) return raise_badarg(call);
  TrieStatistics statistics;
  statistics.visit(call.args[0], 0);
  call.charge(statistics.leaves / 8);
  Arena& arena = call.arena();
  auto number = [](size_t value) { return Term::small(static_cast<int64_t>(value)); };
  Term items[] = {
      make_tuple(arena, am::depth, number(statistics.depth)),
      make_tuple(arena, am::arrays, number(0), Term::nil()),
      make_tuple(arena, am::bitmaps, number(statistics.nodes), counts_tuple(arena, statistics.nodes_of_size)),
      make_tuple(arena, am::leafs, number(statistics.leaves), counts_tuple(arena, statistics.leaves_at_depth)),
  };
  return make_list(arena, items);
}

static constexpr BifRow rows[] = {
    {"erts_debug", "map_info", 1, erts_debug_map_info_1, BifKind::plain, Authority::pure},
    {"erts_internal", "map_hashmap_children", 1, erts_internal_map_hashmap_children_1, BifKind::plain, Authority::pure},
    {"erts_internal", "map_next", 3, erts_internal_map_next_3, BifKind::plain, Authority::pure},
    {"erts_internal", "map_to_tuple_keys", 1, erts_internal_map_to_tuple_keys_1, BifKind::plain, Authority::pure},
};
const BifTable map_internals_bifs = rows;

}  // namespace hanse
