#include "ets/ordered_tree.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "term/build.h"

namespace hanse {

static Object* object_of(int64_t key, int64_t value) {
  ScratchArena arena;
  return Object::create(make_tuple(arena, Term::small(key), Term::small(value)));
}
static int64_t key_of(const Object* object) { return object->element(1).as_small(); }

static std::vector<int64_t> walk(const OrderedTree& tree, bool descending, int64_t from, int64_t to) {
  std::vector<int64_t> keys;
  auto belongs = [=](Term key) { return key.as_small() < from ? -1 : key.as_small() > to ? 1 : 0; };
  OrderedTree::Cursor cursor(tree, descending, belongs);
  for (Object* object; (object = cursor.current()) != nullptr && belongs(object->element(1)) == 0; cursor.advance())
    keys.push_back(key_of(object));
  return keys;
}

TEST(OrderedTree, behaves_like_a_map) {
  OrderedTree tree(1);
  std::map<int64_t, int64_t> model;
  std::mt19937_64 random(7);
  for (int64_t round = 0; round < 40000; round++) {
    auto key = static_cast<int64_t>(random() % 3000);
    if (random() % 2 == 0) {
      Object* old = tree.insert(object_of(key, round));
      ASSERT_EQ(old != nullptr, model.contains(key));
      if (old != nullptr) Object::destroy(old);
      model[key] = round;
    } else {
      Object* gone = tree.remove(Term::small(key));
      ASSERT_EQ(gone != nullptr, model.erase(key) == 1);
      if (gone != nullptr) {
        ASSERT_EQ(key_of(gone), key);
        Object::destroy(gone);
      }
    }
  }
  for (int64_t key = -1; key <= 3000; key++) {
    auto found = model.find(key);
    Object* object = tree.find(Term::small(key));
    ASSERT_EQ(object != nullptr, found != model.end());
    if (object != nullptr) ASSERT_EQ(object->element(2).as_small(), found->second);
    auto above = model.upper_bound(key);
    Object* after = tree.after(Term::small(key));
    ASSERT_EQ(after == nullptr ? -5 : key_of(after), above == model.end() ? -5 : above->first);
    auto below = model.lower_bound(key);
    Object* before = tree.before(Term::small(key));
    ASSERT_EQ(before == nullptr ? -5 : key_of(before), below == model.begin() ? -5 : std::prev(below)->first);
  }
  std::vector<int64_t> expected;
  for (auto& [key, value] : model)
    if (key >= 100 && key <= 900) expected.push_back(key);
  EXPECT_EQ(walk(tree, false, 100, 900), expected);
  std::reverse(expected.begin(), expected.end());
  EXPECT_EQ(walk(tree, true, 100, 900), expected);
}

// A walk by neighbours, changes under its feet included.
TEST(OrderedTree, is_walked_while_it_changes) {
  OrderedTree tree(1);
  std::set<int64_t> model;
  std::mt19937_64 random(3);
  for (int64_t key = 0; key < 2000; key++) {
    tree.insert(object_of(key * 10, 0));
    model.insert(key * 10);
  }
  int64_t at = 5;
  for (int64_t round = 0; round < 20000; round++) {
    bool descending = round / 700 % 2 == 1;
    Object* next = descending ? tree.before(Term::small(at)) : tree.after(Term::small(at));
    auto expected = descending ? model.lower_bound(at) : model.upper_bound(at);
    bool is_end = descending ? expected == model.begin() : expected == model.end();
    ASSERT_EQ(next == nullptr, is_end);
    if (is_end) {
      at = static_cast<int64_t>(random() % 20000);
      continue;
    }
    at = key_of(next);
    ASSERT_EQ(at, descending ? *std::prev(expected) : *expected);
    if (random() % 5 != 0) continue;
    int64_t near = at + static_cast<int64_t>(random() % 30) - 15;
    if (model.insert(near).second) {
      tree.insert(object_of(near, round));
    } else if (random() % 2 == 0) {
      Object::destroy(tree.insert(object_of(near, round)));
    } else {
      model.erase(near);
      Object::destroy(tree.remove(Term::small(near)));
    }
  }
}

TEST(OrderedTree, stays_balanced) {
  OrderedTree tree(1);
  for (int64_t key = 0; key < 65535; key++) tree.insert(object_of(key, key));
  EXPECT_LE(tree.height(), 17u);
  EXPECT_LE(tree.find(Term::small(32767))->height, 17u);
  for (int64_t key = 0; key < 60000; key++) Object::destroy(tree.remove(Term::small(key)));
  EXPECT_EQ(key_of(tree.first()), 60000);
  EXPECT_EQ(key_of(tree.last()), 65534);
  size_t budget = 5000;
  EXPECT_FALSE(tree.destroy_some(budget));
  budget = 5000;
  EXPECT_TRUE(tree.destroy_some(budget));
}

TEST(OrderedTree, splits_and_joins) {
  for (int64_t size = 2; size < 200; size++) {
    OrderedTree tree(1), upper(1);
    std::vector<int64_t> expected;
    for (int64_t key = 0; key < size; key++) {
      tree.insert(object_of(key, key));
      expected.push_back(key);
    }
    int64_t splitting = tree.splitting_key().as_small();
    tree.split_off(upper);
    ASSERT_GT(splitting, 0);
    ASSERT_EQ(key_of(tree.last()), splitting - 1);
    ASSERT_EQ(key_of(upper.first()), splitting);
    // Trees of very different heights.
    for (int64_t key = splitting; key < size - size % 5; key++) Object::destroy(upper.remove(Term::small(key)));
    std::erase_if(expected, [=](int64_t key) { return key >= splitting && key < size - size % 5; });
    tree.append(upper);
    ASSERT_EQ(walk(tree, false, 0, size), expected);
    ASSERT_EQ(upper.first(), nullptr);
    ASSERT_LE(tree.height(), 11u);
    for (int64_t key : expected) Object::destroy(tree.remove(Term::small(key)));
    ASSERT_EQ(tree.height(), 0u);
  }
}

}  // namespace hanse
