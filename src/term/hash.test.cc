#include "term/hash.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "term/build.h"
#include "term/external.h"
#include "term/map.h"
#include "term/test_arena.h"

namespace hanse {

namespace {

// Interns by the parts that count for hashes.
class Environment final : public DecodeEnvironment {
 public:
  Export* export_for(Term module, Term function, uint32_t arity) override {
    return exports_.emplace_back(std::make_unique<Export>(module, function, arity)).get();
  }
  FunEntry* fun_entry(Term module, uint32_t index, uint32_t old_unique, const uint8_t*, uint32_t arity,
                      uint32_t free_count) override {
    auto* entry = entries_.emplace_back(std::make_unique<FunEntry>()).get();
    entry->arity = arity;
    entry->free_count = free_count;
    entry->module = module;
    entry->index = index;
    entry->old_unique = old_unique;
    return entry;
  }

 private:
  std::vector<std::unique_ptr<Export>> exports_;
  std::vector<std::unique_ptr<FunEntry>> entries_;
};

std::vector<uint8_t> bytes_of(std::string_view hexadecimal) {
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i < hexadecimal.size(); i += 2)
    bytes.push_back(static_cast<uint8_t>(std::stoi(std::string(hexadecimal.substr(i, 2)), nullptr, 16)));
  return bytes;
}

}  // namespace

TEST(Hash, portable_hashes_are_those_of_stock) {
  static constexpr struct {
    const char* external;
    uint32_t hash2, hash1;
  } values[] = {
#define VALUE(external, hash2, hash1) {external, hash2, hash1},
#include "term/hash_values.def"
#undef VALUE
  };
  Environment environment;
  for (auto& value : values) {
    TestArena arena;
    Decoded decoded = decode_external(arena, bytes_of(value.external), environment);
    Term term = decoded.term;
    ASSERT_FALSE(term.is_none()) << decoded.error.reason << " at " << decoded.error.offset << " of " << value.external;
    EXPECT_EQ(portable_hash2(term), value.hash2) << value.external;
    EXPECT_EQ(portable_hash(term), value.hash1) << value.external;
  }
}

TEST(Hash, bits_hash_alike_wherever_they_lie) {
  TestArena arena;
  Term shifted = make_binary(arena, std::string_view("\x06\x16\x26\x36"));
  Term plain = make_binary(arena, std::string_view("abc"));
  Term part = make_sub_binary(arena, shifted, 4, 24);
  EXPECT_EQ(portable_hash2(part), portable_hash2(plain));
  EXPECT_EQ(portable_hash(part), portable_hash(plain));
  EXPECT_EQ(internal_hash(part), internal_hash(plain));
  EXPECT_NE(internal_hash(make_sub_binary(arena, shifted, 4, 23)), internal_hash(plain));
}

TEST(Hash, internal_hash_of_equal_numbers) {
  TestArena arena;
  Term one = Term::small(1), one_float = make_float(arena, 1.0);
  EXPECT_NE(internal_hash(one), internal_hash(one_float));
  EXPECT_EQ(internal_hash_loose(one), internal_hash_loose(one_float));
  EXPECT_EQ(internal_hash_loose(make_tuple(arena, make_list(arena, {&one, 1}))),
            internal_hash_loose(make_tuple(arena, make_list(arena, {&one_float, 1}))));
  EXPECT_EQ(internal_hash(make_float(arena, 0.0)), internal_hash(make_float(arena, -0.0)));
}

TEST(Hash, large_maps_do_not_depend_on_their_history) {
  TestArena arena;
  Term up = map_empty(arena), down = map_empty(arena);
  for (int i = 0; i < 100; i++) {
    up = map_put(arena, up, Term::small(i), Term::small(-i));
    down = map_put(arena, down, Term::small(99 - i), Term::small(i - 99));
  }
  EXPECT_EQ(internal_hash(up), internal_hash(down));
  EXPECT_EQ(portable_hash2(up), portable_hash2(down));
  EXPECT_NE(internal_hash(up), internal_hash(map_put(arena, up, Term::small(5), Term::small(5))));
}

TEST(Hash, deep_terms_need_no_stack) {
  TestArena arena;
  Term deep = Term::nil();
  for (int i = 0; i < 1000000; i++) deep = make_tuple(arena, make_cons(arena, deep, Term::nil()));
  EXPECT_NE(portable_hash2(deep), portable_hash(deep));
  EXPECT_NE(internal_hash(deep), internal_hash(Term::nil()));
}

}  // namespace hanse
