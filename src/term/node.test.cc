#include "term/node.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <thread>

#include "base/epoch.h"
#include "term/atom.h"
#include "term/build.h"
#include "term/compare.h"
#include "term/copy.h"
#include "term/hash.h"
#include "term/identifiers.h"
#include "term/test_arena.h"

namespace hanse {

// Drops what nobody has referred to, at once.
static bool is_known(Term name) {
  set_node_delay_ms(0);
  std::vector<Term> names = known_nodes();
  set_node_delay_ms(default_node_delay_ms);
  return std::find(names.begin(), names.end(), name) != names.end();
}

TEST(Node, an_entry_lives_as_long_as_what_belongs_to_the_node) {
  Term name = make_atom("held@here");
  {
    TestArena other;
    Term copied;
    {
      TestArena arena;
      Term list[] = {make_pid(arena, name, 7, 1, 2), make_port(arena, name, 7, 3),
                     make_reference_of_node(arena, name, 7, std::array<uint32_t, 2>{4, 5})};
      EXPECT_TRUE(is_known(name));
      EXPECT_EQ(list[0].as<ExternalPid>()->node(), list[2].as<ExternalReference>()->node());
      EXPECT_EQ(arena.off_heap.bytes, 0u);
      copied = copy(other, hanse::make_tuple(arena, std::span<const Term>(list)));
    }
    EXPECT_TRUE(is_known(name));
    EXPECT_EQ(as_tuple(copied)->elements[1].as<ExternalPort>()->node()->name, name);
  }
  EXPECT_FALSE(is_known(name));
}

TEST(Node, an_unused_entry_stays_for_a_while) {
  Term name = make_atom("brief@here");
  { TestArena arena; make_pid(arena, name, 1, 1, 1); }
  auto listed = [&] {
    std::vector<Term> names = known_nodes();
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  EXPECT_TRUE(listed());
  set_node_delay_ms(keep_nodes_for_ever);
  EXPECT_TRUE(listed());
  EXPECT_FALSE(is_known(name));
}

TEST(Node, identifiers_made_before_and_after_an_entry_went_are_the_same) {
  Term name = make_atom("again@here");
  TestArena kept;
  uint64_t hash;
  {
    TestArena arena;
    hash = internal_hash(make_pid(arena, name, 9, 1, 1));
  }
  EXPECT_FALSE(is_known(name));
  EXPECT_EQ(internal_hash(make_pid(kept, name, 9, 1, 1)), hash);
}

TEST(Node, garbage_is_bounded_while_threads_make_and_drop) {
  Term names[] = {make_atom("one@here"), make_atom("two@here")};
  auto churn = [&](Term name) {
    for (uint32_t creation = 1; creation <= 50000; creation++) {
      TestArena arena;
      Term first = make_pid(arena, name, creation, 1, 1), second = make_pid(arena, name, creation, 1, 1);
      CHECK(exactly_equal(first, second));
      CHECK(first.as<ExternalPid>()->node()->creation == creation);
      if (creation % 256 == 0) epoch::collect();
    }
  };
  // Both threads use the same nodes, and others.
  std::thread left([&] { churn(names[0]); }), middle([&] { churn(names[0]); }), right([&] { churn(names[1]); });
  left.join();
  middle.join();
  right.join();
  EXPECT_LT(node_entry_count(), 5000u);
  EXPECT_FALSE(is_known(names[0]));
}

}  // namespace hanse
