#include "term/map.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "term/atom.h"
#include "term/build.h"
#include "term/compare.h"
#include "term/hash.h"
#include "term/hash_mixing.h"
#include "term/test_arena.h"

namespace hanse {

namespace {

// Keys of several kinds that are not all immediates, by number.
Term key_of(Arena& arena, int64_t number) {
  switch (number % 3) {
    case 0: return Term::small(number);
    case 1: return make_tuple(arena, Term::small(number), am::ok);
    default: return make_binary(arena, "key" + std::to_string(number));
  }
}

// Two binaries of 16 bytes with one hash: what the first halves leave behind and the second halves change places as factors.
std::pair<Term, Term> colliding_keys(Arena& arena, uint64_t number) {
  using namespace hash_mixing;
  auto after = [](uint64_t first_half) { return combine(combine(combine(seed, mark(Boxed::heap_binary)), 16), first_half); };
  auto key = [&](uint64_t half, uint64_t other_half) {
    uint64_t words[] = {half, after(other_half) ^ secret0 ^ secret1};
    return make_binary(arena, {reinterpret_cast<const uint8_t*>(words), sizeof words});
  };
  return {key(2 * number, 2 * number + 1), key(2 * number + 1, 2 * number)};
}

void expect_same(Arena& arena, Term map, const std::map<int64_t, int64_t>& model) {
  ASSERT_EQ(map_size(map), model.size());
  ASSERT_EQ(map.is_flat_map(), model.size() <= flat_map_limit);
  for (auto [key, value] : model) ASSERT_EQ(map_get(map, key_of(arena, key)), Term::small(value));
  size_t count = 0;
  Term key, value, previous = Term::none();
  for (MapIterator pairs(map); pairs.next(key, value); count++) {
    ASSERT_EQ(map_get(map, key), value);
    if (map.is_flat_map() && count > 0) ASSERT_LT(compare_exact(previous, key), 0);
    previous = key;
  }
  ASSERT_EQ(count, model.size());
}

}  // namespace

TEST(Map, behaves_like_a_model) {
  std::mt19937 random(7);
  for (int64_t range : {20, 40, 60, 2000}) {
    TestArena arena;
    Term map = map_empty(arena);
    std::map<int64_t, int64_t> model;
    for (int step = 0; step < 3000; step++) {
      auto number = static_cast<int64_t>(random() % static_cast<uint64_t>(range));
      Term key = key_of(arena, number);
      if (random() % 2 == 0) {
        map = map_put(arena, map, key, Term::small(step));
        model[number] = step;
      } else {
        Term removed = Term::none(), rest = map_remove(arena, map, key, &removed);
        EXPECT_EQ(model.count(number) == 0, removed.is_none());
        EXPECT_EQ(model.count(number) == 0, rest == map);
        map = rest;
        model.erase(number);
      }
      if (step % 50 == 0) expect_same(arena, map, model);
    }
    expect_same(arena, map, model);
  }
}

// The shape depends on the contents only, so that equal maps are equal however they came to be.
TEST(Map, one_shape_for_one_content) {
  TestArena arena;
  std::vector<Term> keys, values;
  Term grown = map_empty(arena), shrunk = map_empty(arena);
  for (int64_t i = 0; i < 500; i++) shrunk = map_put(arena, shrunk, key_of(arena, i), Term::small(i));
  for (int64_t i = 499; i >= 100; i--) shrunk = map_remove(arena, shrunk, key_of(arena, i));
  for (int64_t i = 99; i >= 0; i--) {
    grown = map_put(arena, grown, key_of(arena, i), Term::small(i));
    keys.push_back(key_of(arena, i));
    values.push_back(Term::small(i));
  }
  Term built = map_from_pairs(arena, keys, values);
  Term key_a, key_b, key_c, value;
  MapIterator a(grown), b(shrunk), c(built);
  while (a.next(key_a, value)) {
    ASSERT_TRUE(b.next(key_b, value) && c.next(key_c, value));
    EXPECT_TRUE(exactly_equal(key_a, key_b) && exactly_equal(key_a, key_c));
  }
  EXPECT_TRUE(exactly_equal(grown, shrunk) && exactly_equal(grown, built));
}

TEST(Map, updates_share) {
  TestArena arena;
  Term keys[] = {am::ok, am::error}, values[] = {Term::small(1), Term::small(2)};
  Term map = map_from_pairs(arena, keys, values);
  EXPECT_EQ(map_put(arena, map, am::ok, Term::small(1)), map);
  Term changed = map_put(arena, map, am::ok, Term::small(3));
  EXPECT_EQ(changed.as<FlatMap>()->keys, map.as<FlatMap>()->keys);
  EXPECT_EQ(map_merge(arena, map, changed).as<FlatMap>()->keys, map.as<FlatMap>()->keys);
  EXPECT_TRUE(map_update(arena, map, am::undefined, Term::nil()).is_none());
  EXPECT_EQ(map_merge(arena, map, map_empty(arena)), map);
}

TEST(Map, later_pairs_win) {
  TestArena arena;
  for (int64_t count : {10, 30, 33, 200}) {
    std::vector<Term> keys, values;
    for (int64_t i = 0; i < 2 * count; i++) {
      keys.push_back(key_of(arena, i % count));
      values.push_back(Term::small(i));
    }
    Term map = map_from_pairs(arena, keys, values);
    EXPECT_EQ(map_size(map), static_cast<size_t>(count));
    for (int64_t i = 0; i < count; i++) EXPECT_EQ(map_get(map, keys[static_cast<size_t>(i)]), Term::small(i + count));
  }
}

TEST(Map, merge) {
  TestArena arena;
  for (int64_t size_a : {0, 5, 20, 32, 33, 100})
    for (int64_t size_b : {0, 3, 20, 32, 90}) {
      Term a = map_empty(arena), b = map_empty(arena);
      std::map<int64_t, int64_t> model;
      for (int64_t i = 0; i < size_a; i++) a = map_put(arena, a, key_of(arena, i), Term::small(model[i] = i));
      for (int64_t i = 0; i < size_b; i++) b = map_put(arena, b, key_of(arena, i + 10), Term::small(model[i + 10] = -i));
      expect_same(arena, map_merge(arena, a, b), model);
    }
}

TEST(Map, merged_tries_share) {
  TestArena arena;
  Term map = map_empty(arena), apart = map_empty(arena);
  std::map<int64_t, int64_t> model;
  for (int64_t i = 0; i < 3000; i++) map = map_put(arena, map, key_of(arena, i), Term::small(model[i] = i));
  EXPECT_EQ(map_merge(arena, map, map), map);
  Term changed = map;
  for (int64_t i = 0; i < 3000; i += 100) changed = map_put(arena, changed, key_of(arena, i), Term::small(-1));
  EXPECT_EQ(map_merge(arena, map, changed), changed);  // has all keys: it is the result
  EXPECT_EQ(map_merge(arena, changed, map), map);
  for (int64_t i = 2500; i < 5000; i++) apart = map_put(arena, apart, key_of(arena, i), Term::small(model[i] = -i));
  expect_same(arena, map_merge(arena, map, apart), model);
  for (int64_t i = 0; i < 3000; i++) model[i] = i;
  expect_same(arena, map_merge(arena, apart, map), model);
}

TEST(Map, keys_whose_hashes_collide) {
  TestArena arena;
  Term both = map_empty(arena), firsts = both, seconds = both, turned = both;
  for (uint64_t i = 0; i < 100; i++) {
    auto [a, b] = colliding_keys(arena, i);
    ASSERT_EQ(internal_hash(a), internal_hash(b));
    ASSERT_FALSE(exactly_equal(a, b));
    Term value = Term::small(static_cast<int64_t>(i));
    both = map_put(arena, map_put(arena, both, a, value), b, am::ok);
    turned = map_put(arena, map_put(arena, turned, b, am::ok), a, value);
    firsts = map_put(arena, firsts, a, value);
    seconds = map_put(arena, seconds, b, am::ok);
  }
  EXPECT_EQ(map_size(both), 200u);
  EXPECT_TRUE(exactly_equal(both, turned) && equal(both, turned));
  for (Term merged : {map_merge(arena, firsts, seconds), map_merge(arena, both, turned), map_merge(arena, firsts, both),
                      map_merge(arena, both, seconds)}) {
    EXPECT_EQ(map_size(merged), 200u);
    EXPECT_TRUE(exactly_equal(merged, both));
  }
  auto [a, b] = colliding_keys(arena, 7);
  Term differs = map_put(arena, both, a, am::error);
  EXPECT_FALSE(exactly_equal(differs, both) || equal(differs, both));
  EXPECT_EQ(map_get(map_merge(arena, both, differs), a), am::error);
  EXPECT_EQ(map_get(map_merge(arena, differs, both), a), Term::small(7));
  EXPECT_EQ(map_get(map_remove(arena, both, a), b), am::ok);
}

// A word that makes a factor of the hash zero must not wipe out what stands before it.
TEST(Map, no_word_hides_what_stands_before_it) {
  TestArena arena;
  std::set<uint64_t> hashes;
  for (uint64_t i = 0; i < 1000; i++) {
    uint64_t words[] = {i, hash_mixing::secret1};
    hashes.insert(internal_hash(make_binary(arena, {reinterpret_cast<const uint8_t*>(words), sizeof words})));
  }
  EXPECT_EQ(hashes.size(), 1000u);
}

TEST(Map, equal_by_value_only_in_values) {
  TestArena arena;
  Term integers = map_empty(arena), floats = integers, keys = integers;
  for (int64_t i = 0; i < 100; i++) {
    integers = map_put(arena, integers, key_of(arena, i), make_tuple(arena, am::ok, Term::small(i)));
    floats = map_put(arena, floats, key_of(arena, i), make_tuple(arena, am::ok, make_float(arena, static_cast<double>(i))));
    keys = map_put(arena, keys, make_float(arena, static_cast<double>(i)), am::ok);
  }
  EXPECT_TRUE(equal(integers, floats));
  EXPECT_FALSE(exactly_equal(integers, floats));
  Term small_keys = map_empty(arena);
  for (int64_t i = 0; i < 100; i++) small_keys = map_put(arena, small_keys, Term::small(i), am::ok);
  EXPECT_FALSE(equal(keys, small_keys));
}

TEST(Map, a_cursor_continues_at_a_position) {
  TestArena arena;
  Term map = map_empty(arena);
  for (int64_t i = 0; i < 300; i++) map = map_put(arena, map, key_of(arena, i), Term::small(i));
  std::vector<const Cons*> all, in_steps;
  HashMapCursor cursor(map, 0);
  while (const Cons* leaf = cursor.next()) all.push_back(leaf);
  EXPECT_EQ(all.size(), 300u);
  uint64_t position = 0, before = 0;
  for (HashMapCursor step(map, 0); step.position(position); step = HashMapCursor(map, position)) {
    before = position;
    while (step.position(position) && position == before) in_steps.push_back(step.next());
    if (position == before) break;
  }
  EXPECT_EQ(in_steps, all);
}

TEST(Map, integers_and_floats_are_different_keys) {
  TestArena arena;
  Term map = map_put(arena, map_empty(arena), Term::small(1), am::ok);
  EXPECT_TRUE(map_get(map, make_float(arena, 1.0)).is_none());
  EXPECT_EQ(map_size(map_put(arena, map, make_float(arena, 1.0), am::error)), 2u);
}

}  // namespace hanse
