#include "term/print.h"

#include <gtest/gtest.h>

#include "term/atom.h"
#include "term/build.h"
#include "term/identifiers.h"
#include "term/map.h"
#include "term/test_arena.h"

namespace hanse {

TEST(Print, as_display_does) {
  TestArena arena;
  Term key = am::ok, value = make_string(arena, "a\"b\n");
  EXPECT_EQ(term_to_text(make_tuple(arena, make_float(arena, 1.5), am::ok, Term::nil())), "{1.500000e+00,ok,[]}");
  EXPECT_EQ(term_to_text(map_from_pairs(arena, {&key, 1}, {&value, 1})), "#{ok=>\"a\\\"b\\n\"}");
  EXPECT_EQ(term_to_text(make_cons(arena, Term::small(97), Term::small(98))), "[97|98]");
  EXPECT_EQ(term_to_text(make_list(arena, std::initializer_list<Term>{Term::small(31), am::ok})), "[31,ok]");
  EXPECT_EQ(term_to_text(make_binary(arena, std::string_view("abc"))), "<<\"abc\">>");
  EXPECT_EQ(term_to_text(make_sub_binary(arena, make_binary(arena, std::string_view("abc")), 0, 19)), "<<97,98,3:3>>");
  EXPECT_EQ(term_to_text(Term::pid(5 | (Word{2} << 32))), "<0.5.2>");
  uint32_t words[] = {1, 2, 3};
  Term node = make_atom("a@x");
  EXPECT_EQ(reference_to_text(make_reference_of_node(arena, node, 1, words)),
            "#Ref<" + std::to_string(node.atom_index()) + ".3.2.1>");
}

TEST(Print, atoms_are_quoted_as_needed) {
  for (auto [name, text] : std::initializer_list<std::pair<const char*, const char*>>{{"abc", "abc"},
                                                                                      {"", "''"},
                                                                                      {"A b", "'A b'"},
                                                                                      {"a@b", "'a@b'"},
                                                                                      {"a\303\251", "a\303\251"},
                                                                                      {"\320\266", "'\320\266'"},
                                                                                      {"a'b\n\033", "'a\\'b\\n\\033'"},
                                                                                      {"end", "end"}})
    EXPECT_EQ(atom_to_text(make_atom(name)), text);
}

TEST(Print, deep_and_long_terms_are_cut) {
  TestArena arena;
  Term deep = Term::nil();
  for (int i = 0; i < 1000000; i++) deep = make_tuple(arena, deep);
  EXPECT_EQ(term_to_text(deep, 10), std::string(10, '{') + "...");
}

}  // namespace hanse
