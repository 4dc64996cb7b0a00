#include "ets/hash_part.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "term/build.h"

namespace hanse {

static Object* object_of(int64_t key, int64_t value) {
  ScratchArena arena;
  Object* object = Object::create(make_tuple(arena, Term::small(key), Term::small(value)));
  object->hash = static_cast<uint64_t>(key) * 0x9e3779b97f4a7c15;
  return object;
}
static uint64_t hash_of(int64_t key) { return static_cast<uint64_t>(key) * 0x9e3779b97f4a7c15; }

static void insert(HashPart& part, int64_t key, int64_t value) {
  Object* object = object_of(key, value);
  part.link(object, part.find(Term::small(key), object->hash, 1));
  part.grow_if_full();
}
static bool erase(HashPart& part, int64_t key) {
  Object** at = part.find(Term::small(key), hash_of(key), 1);
  if (at == nullptr) return false;
  Object::destroy(part.unlink(at));
  part.shrink_if_sparse();
  return true;
}

TEST(HashPart, grows_and_shrinks_and_keeps_every_object) {
  HashPart part;
  std::multiset<int64_t> model;
  std::mt19937_64 random(1);
  for (int round = 0; round < 60000; round++) {
    auto key = static_cast<int64_t>(random() % 5000);
    bool growing = round < 30000;
    if (random() % 4 < (growing ? 3u : 1u)) {
      insert(part, key, round);
      model.insert(key);
    } else {
      bool had = model.contains(key);
      if (had) model.erase(model.find(key));
      ASSERT_EQ(erase(part, key), had);
    }
  }
  EXPECT_EQ(part.linked(), model.size());
  std::multiset<int64_t> found;
  for (size_t bucket = 0; bucket < part.bucket_count(); bucket++) {
    for (Object* object = part.bucket(bucket); object != nullptr; object = object->next) {
      EXPECT_EQ(part.bucket_index(object->hash), bucket);
      found.insert(object->element(1).as_small());
    }
  }
  EXPECT_EQ(found, model);
  for (int64_t key = 0; key < 5000; key++)
    while (erase(part, key)) {
    }
  EXPECT_EQ(part.linked(), 0u);
  part.fit();
  EXPECT_EQ(part.bucket_count(), HashPart::first_segment);
  EXPECT_EQ(part.bucket_words(), HashPart::first_segment);
}

TEST(HashPart, keeps_equal_keys_together_newest_first) {
  HashPart part;
  for (int64_t i = 0; i < 300; i++) insert(part, i % 100, i);
  for (int64_t key = 0; key < 100; key++) {
    Object** at = part.find(Term::small(key), hash_of(key), 1);
    ASSERT_NE(at, nullptr);
    Object* object = *at;
    for (int64_t expected = 200 + key; expected >= 0; expected -= 100, object = object->next)
      ASSERT_EQ(object->element(2).as_small(), expected);
  }
}

TEST(HashPart, purges_only_what_is_marked) {
  HashPart part;
  for (int64_t i = 0; i < 100; i++) insert(part, i, i);
  for (int64_t i = 0; i < 100; i += 2) {
    Object* object = *part.find(Term::small(i), hash_of(i), 1);
    object->deleted = true;
    part.note_pseudo_deletion(object);
  }
  EXPECT_EQ(part.linked(), 100u);
  part.purge_deleted(Object::destroy);
  EXPECT_EQ(part.linked(), 50u);
  for (int64_t i = 0; i < 100; i++) EXPECT_EQ(part.find(Term::small(i), hash_of(i), 1) != nullptr, i % 2 == 1);
}

TEST(HashPart, is_destroyed_in_steps) {
  HashPart part;
  for (int64_t i = 0; i < 1000; i++) insert(part, i, i);
  size_t budget = 600;
  EXPECT_FALSE(part.destroy_some(budget));
  EXPECT_EQ(budget, 0u);
  budget = 600;
  EXPECT_TRUE(part.destroy_some(budget));
  EXPECT_EQ(budget, 200u);
}

}  // namespace hanse
