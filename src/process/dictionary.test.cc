#include "process/dictionary.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

using namespace hanse;

TEST(Dictionary, agrees_with_a_map_through_random_operations) {
  Dictionary dictionary;
  std::map<int64_t, int64_t> model;
  std::mt19937 random(7);
  for (int step = 0; step < 20000; step++) {
    int64_t number = static_cast<int64_t>(random() % 200);
    Term key = Term::small(number);
    auto found = model.find(number);
    Term expected = found == model.end() ? Term::none() : Term::small(found->second);
    switch (random() % 3) {
      case 0:
        ASSERT_EQ(dictionary.put(key, Term::small(step)), expected);
        model[number] = step;
        break;
      case 1:
        ASSERT_EQ(dictionary.erase(key), expected);
        model.erase(number);
        break;
      default: ASSERT_EQ(dictionary.get(key), expected);
    }
    ASSERT_EQ(dictionary.size(), model.size());
  }
  size_t visited = 0;
  dictionary.for_each([&](Term key, Term value) {
    visited++;
    EXPECT_EQ(value, Term::small(model.at(key.as_small())));
  });
  EXPECT_EQ(visited, model.size());
}
