#include "term/map.h"

#include <algorithm>
#include <vector>

#include "term/compare.h"
#include "term/hash.h"

namespace hanse {

namespace {

constexpr size_t absent = ~size_t{0};

FlatMap* as_flat_map(Term map) { return map.as<FlatMap>(); }

size_t flat_index(FlatMap* map, Term key) {
  const Term* keys = as_tuple(map->keys)->elements;
  size_t count = map->size();
  for (size_t i = 0; i < count; i++)
    if (keys[i] == key) return i;
  // Equal immediates are equal words.
  if (!key.is_pointer()) return absent;
  for (size_t i = 0; i < count; i++)
    if (exactly_equal(keys[i], key)) return i;
  return absent;
}

// A flat map whose values the caller fills in.
FlatMap* allocate_flat(Arena& arena, Term keys, size_t count) {
  auto* map = reinterpret_cast<FlatMap*>(arena.allocate(count + 2));
  map->header = make_header(Boxed::flat_map, count + 1);
  map->keys = keys;
  return map;
}

// keys are in order and distinct.
Term make_flat(Arena& arena, std::span<const Term> keys, std::span<const Term> values) {
  FlatMap* map = allocate_flat(arena, make_tuple(arena, keys), keys.size());
  std::ranges::copy(values, map->values);
  return Term::boxed(map);
}

Term flat_replace(Arena& arena, FlatMap* map, size_t index, Term value) {
  if (map->values[index] == value) return Term::boxed(map);
  FlatMap* copy = allocate_flat(arena, map->keys, map->size());
  std::copy_n(map->values, map->size(), copy->values);
  copy->values[index] = value;
  return Term::boxed(copy);
}

Term flat_insert(Arena& arena, FlatMap* map, Term key, Term value) {
  size_t count = map->size();
  const Term* keys = as_tuple(map->keys)->elements;
  if (count == flat_map_limit) {
    Term all_keys[flat_map_limit + 1], all_values[flat_map_limit + 1];
    std::copy_n(keys, count, all_keys);
    std::copy_n(map->values, count, all_values);
    all_keys[count] = key;
    all_values[count] = value;
    return hash_map_from_pairs(arena, all_keys, all_values);
  }
  const Term* place = std::lower_bound(keys, keys + count, key, [](Term a, Term b) { return compare_exact(a, b) < 0; });
  auto index = static_cast<size_t>(place - keys);
  Tuple* new_keys = allocate_tuple(arena, count + 1);
  FlatMap* copy = allocate_flat(arena, Term::boxed(new_keys), count + 1);
  std::copy_n(keys, index, new_keys->elements);
  std::copy_n(map->values, index, copy->values);
  new_keys->elements[index] = key;
  copy->values[index] = value;
  std::copy_n(keys + index, count - index, new_keys->elements + index + 1);
  std::copy_n(map->values + index, count - index, copy->values + index + 1);
  return Term::boxed(copy);
}

Term flat_remove(Arena& arena, FlatMap* map, size_t index) {
  size_t count = map->size();
  const Term* keys = as_tuple(map->keys)->elements;
  Tuple* new_keys = allocate_tuple(arena, count - 1);
  FlatMap* copy = allocate_flat(arena, Term::boxed(new_keys), count - 1);
  std::copy_n(keys, index, new_keys->elements);
  std::copy_n(map->values, index, copy->values);
  std::copy_n(keys + index + 1, count - index - 1, new_keys->elements + index);
  std::copy_n(map->values + index + 1, count - index - 1, copy->values + index);
  return Term::boxed(copy);
}

Term flat_merge(Arena& arena, FlatMap* older, FlatMap* newer) {
  const Term* old_keys = as_tuple(older->keys)->elements;
  const Term* new_keys = as_tuple(newer->keys)->elements;
  size_t old_count = older->size(), new_count = newer->size();
  Term keys[2 * flat_map_limit], values[2 * flat_map_limit];
  size_t count = 0, i = 0, j = 0;
  while (i < old_count || j < new_count) {
    int order = i == old_count ? 1 : j == new_count ? -1 : old_keys[i] == new_keys[j] ? 0 : compare_exact(old_keys[i], new_keys[j]);
    keys[count] = order < 0 ? old_keys[i] : new_keys[j];
    values[count++] = order < 0 ? older->values[i] : newer->values[j];
    if (order <= 0) i++;
    if (order >= 0) j++;
  }
  if (count > flat_map_limit) return hash_map_from_pairs(arena, {keys, count}, {values, count});
  // The keys of one that has them all can be shared.
  if (count == new_count && std::equal(values, values + count, newer->values)) return Term::boxed(newer);
  if (count == old_count && std::equal(values, values + count, older->values)) return Term::boxed(older);
  if (count != old_count && count != new_count) return make_flat(arena, {keys, count}, {values, count});
  FlatMap* merged = allocate_flat(arena, count == old_count ? older->keys : newer->keys, count);
  std::copy_n(values, count, merged->values);
  return Term::boxed(merged);
}

}  // namespace

size_t map_size(Term map) { return map.is_flat_map() ? as_flat_map(map)->size() : hash_map_size(map); }

Term map_get(Term map, Term key) {
  if (!map.is_flat_map()) return hash_map_get(map, key, internal_hash(key));
  size_t index = flat_index(as_flat_map(map), key);
  return index == absent ? Term::none() : as_flat_map(map)->values[index];
}

Term map_get_hashed(Term map, Term key, uint64_t hash) {
  return map.is_flat_map() ? map_get(map, key) : hash_map_get(map, key, hash);
}

Term map_put(Arena& arena, Term map, Term key, Term value) {
  if (!map.is_flat_map()) return hash_map_put(arena, map, key, value, internal_hash(key), PutMode::insert_or_replace);
  FlatMap* flat = as_flat_map(map);
  size_t index = flat_index(flat, key);
  return index == absent ? flat_insert(arena, flat, key, value) : flat_replace(arena, flat, index, value);
}

Term map_update(Arena& arena, Term map, Term key, Term value) {
  if (!map.is_flat_map()) return hash_map_put(arena, map, key, value, internal_hash(key), PutMode::replace_only);
  FlatMap* flat = as_flat_map(map);
  size_t index = flat_index(flat, key);
  return index == absent ? Term::none() : flat_replace(arena, flat, index, value);
}

Term map_remove(Arena& arena, Term map, Term key, Term* removed) {
  if (!map.is_flat_map()) return hash_map_remove(arena, map, key, internal_hash(key), removed);
  FlatMap* flat = as_flat_map(map);
  size_t index = flat_index(flat, key);
  if (index == absent) return map;
  if (removed != nullptr) *removed = flat->values[index];
  return flat_remove(arena, flat, index);
}

// A flat map is put into a large one.
Term map_merge(Arena& arena, Term older, Term newer) {
  if (older == newer) return older;
  if (older.is_flat_map() && newer.is_flat_map()) return flat_merge(arena, as_flat_map(older), as_flat_map(newer));
  if (older.is_hash_map() && newer.is_hash_map()) return hash_map_merge(arena, older, newer);
  Term key, value;
  if (newer.is_flat_map()) {
    Term merged = older;
    for (MapIterator pairs(newer); pairs.next(key, value);) merged = map_put(arena, merged, key, value);
    return merged;
  }
  Term merged = newer;
  for (MapIterator pairs(older); pairs.next(key, value);)
    if (map_get(newer, key).is_none()) merged = map_put(arena, merged, key, value);
  return merged;
}

Term map_from_pairs(Arena& arena, std::span<const Term> keys, std::span<const Term> values) {
  if (keys.size() > flat_map_limit) return hash_map_from_pairs(arena, keys, values);
  Term sorted[flat_map_limit], sorted_values[flat_map_limit];
  size_t count = 0;
  for (size_t i = 0; i < keys.size(); i++) {
    size_t place = count;
    int order = -1;
    while (place > 0 && (order = compare_exact(sorted[place - 1], keys[i])) > 0) place--;
    if (place > 0 && order == 0) {
      sorted_values[place - 1] = values[i];
      continue;
    }
    std::copy_backward(sorted + place, sorted + count, sorted + count + 1);
    std::copy_backward(sorted_values + place, sorted_values + count, sorted_values + count + 1);
    sorted[place] = keys[i];
    sorted_values[place] = values[i];
    count++;
  }
  return make_flat(arena, {sorted, count}, {sorted_values, count});
}

Term map_empty(Arena& arena) { return make_flat(arena, {}, {}); }

MapIterator::MapIterator(Term map) {
  if (map.is_flat_map())
    flat_ = as_flat_map(map);
  else
    cursor_ = HashMapCursor(map, 0);
}

bool MapIterator::next(Term& key, Term& value) {
  if (flat_ != nullptr) {
    if (index_ == flat_->size()) return false;
    key = as_tuple(flat_->keys)->elements[index_];
    value = flat_->values[index_++];
    return true;
  }
  const Cons* leaf = cursor_.next();
  if (leaf == nullptr) return false;
  key = leaf->head;
  value = leaf->tail;
  return true;
}

}  // namespace hanse
