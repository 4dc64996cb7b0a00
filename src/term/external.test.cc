#include "term/external.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>

#include "term/atom.h"
#include "term/build.h"
#include "term/compare.h"
#include "term/external_compress.h"
#include "term/external_tags.h"
#include "term/identifiers.h"
#include "term/map.h"
#include "term/test_arena.h"

namespace hanse {

namespace {

namespace tag = external_tag;
using ByteVector = std::vector<uint8_t>;

class TestEnvironment final : public DecodeEnvironment {
 public:
  Export* export_for(Term module, Term function, uint32_t arity) override {
    return &exports_.emplace_back(module, function, arity);
  }
  FunEntry* fun_entry(Term module, uint32_t index, uint32_t old_unique, const uint8_t md5[16], uint32_t arity,
                      uint32_t free_count) override {
    FunEntry& entry = funs_.emplace_back();
    entry.module = module;
    entry.index = index;
    entry.old_unique = old_unique;
    std::memcpy(entry.md5, md5, 16);
    entry.arity = arity;
    entry.free_count = free_count + (lie_about_funs ? 1 : 0);
    return &entry;
  }
  bool lie_about_funs = false;

 private:
  std::deque<Export> exports_;
  std::deque<FunEntry> funs_;
};

ByteVector from_hex(std::string_view hex) {
  ByteVector bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) bytes.push_back(static_cast<uint8_t>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return bytes;
}

// What stock's term_to_binary/1 gives for terms of every kind (on a node without a name).
constexpr const char* samples[] = {
    "836100",
    "8361ff",
    "836200000100",
    "8362ffffffff",
    "83627fffffff",
    "836280000000",
    "836e040000000080",
    "836e040101000080",
    "836e08000000000000000008",
    "836e0800ffffffffffffff07",
    "836e08010000000000000008",
    "836e08010100000000000008",
    "836e0900000000000000000001",
    "836e0901000000000000000001",
    "83463ff8000000000000",
    "83468000000000000000",
    "83460000000000000000",
    "83467e37e43c8800759c",
    "834601a56e1fc2f8f359",
    "83640003616263",
    "83640001e9",
    "837702cfa8",
    "836a",
    "836a",
    "836b00020102",
    "836c0000000161016102",
    "836c00000001640001616a",
    "836c0000000b61fa61fb61fc61fd61fe61ff620000010062000001016200000102620000010362000001046a",
    "836c00000004616161626163640001786a",
    "836c000000016a6a",
    "836c000000026b00010161026a",
    "836c000000016c00000001640001616a64000162",
    "836800",
    "836803640001616801640001626c0000000168006a",
    "836d00000000",
    "836d00000003010203",
    "834d000000010320",
    "834d0000000201ff80",
    "836d0000006400000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
    "837400000000",
    "83740000000761016102463ff000000000000061036400016161016400016274000000016b0001786a680061046a61066d00000001016105",
    "83716400056c697374736400036d61706102",
    "8358640003614062000000010000000200000003",
    "83596400036140620000000100000003",
    "8378640003614062000000001000000000000003",
    "835a000564000361406200000003ffffffff00000002000000030000000400000005",
    "835864000d6e6f6e6f6465406e6f686f7374000000090000000200000000",
    "835a000364000d6e6f6e6f6465406e6f686f737400000000000000090000000200000001",
    "835964000d6e6f6e6f6465406e6f686f73740000000900000000",
    "837000000049020000000000000001000000000000000200000007000000026400016d610762010203045864000d6e6f6e6f6465406e6f686f737400000009000000020000000061036800",
};

struct Decoding {
  TestArena arena;
  TestEnvironment environment;
  Decoded decoded;
  explicit Decoding(const ByteVector& bytes) { decoded = decode_external(arena, bytes, environment); }
  Term term() const { return decoded.term; }
  bool accepts(bool (Term::*test)() const) const { return !term().is_none() && (term().*test)(); }
};

bool refused(const ByteVector& bytes) { return Decoding(bytes).term().is_none(); }

ByteVector operator+(ByteVector a, const ByteVector& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace

TEST(External, everything_goes_both_ways) {
  for (const char* sample : samples) {
    ByteVector bytes = from_hex(sample);
    Decoding decoding(bytes);
    ASSERT_FALSE(decoding.term().is_none()) << sample << ": expected " << decoding.decoded.error.reason;
    EXPECT_EQ(decoding.decoded.bytes_used, bytes.size());
    EXPECT_EQ(encode_external(decoding.term()), bytes) << sample;
    size_t slack = bytes[1] == tag::new_fun ? 3 : 0;
    EXPECT_EQ(external_size(decoding.term()), bytes.size() + slack) << sample;
  }
}

TEST(External, every_truncation_is_refused) {
  for (const char* sample : samples) {
    ByteVector bytes = from_hex(sample);
    for (size_t size = 0; size < bytes.size(); size++) {
      ByteVector shorter(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size));
      // In memory of exactly this size, so that sanitizers see a byte too far.
      EXPECT_TRUE(refused(shorter)) << sample << " " << size;
    }
  }
}

TEST(External, old_tags) {
  EXPECT_TRUE(Decoding(from_hex("8367770361406200000001" "0000000203")).accepts(&Term::is_pid));
  EXPECT_TRUE(Decoding(from_hex("836677036140620000000103")).accepts(&Term::is_port));
  ByteVector node = from_hex("770d6e6f6e6f6465406e6f686f7374");
  ByteVector words = from_hex("000000010000000200000003");
  Decoding old_reference(from_hex("83720003") + node + from_hex("00") + words);
  Decoding new_reference(from_hex("835a0003") + node + from_hex("00000000") + words);
  EXPECT_TRUE(old_reference.accepts(&Term::is_internal_reference));
  EXPECT_TRUE(exactly_equal(old_reference.term(), new_reference.term()));
  EXPECT_TRUE(Decoding(from_hex("8365") + node + from_hex("0000000100")).accepts(&Term::is_internal_reference));
  EXPECT_EQ(Decoding(from_hex("8373026f6b")).term(), am::ok);
  EXPECT_EQ(atom_name(Decoding(from_hex("837301e9")).term()), "\xc3\xa9");
  Term number = Decoding(from_hex("8363") + ByteVector{'1', '.', '5', 'e', '0'} + ByteVector(26)).term();
  EXPECT_EQ(number, immediate_float(1.5));
}

TEST(External, what_stock_refuses) {
  for (const char* bad : {
           "", "83", "826101", "8345000000", "835200", "83680183" "6101",   // nothing, other versions, tags out of place
           "8374000000026101610261016103",                                  // duplicate key of a map
           "834d0000000003", "834d000000010901", "834d000000010001",        // bits in the last byte
           "83467ff8000000000000",                                          // not a number
           "837702ffff", "837703eda080", "837702c080",                      // not UTF-8
           "8358770d6e6f6e6f6465406e6f686f7374" "00000001ffffffff00000000", // no pid of this node has that serial
           "835a0000770d6e6f6e6f6465406e6f686f737400000000",                // nor a reference no words
           "835a000677036140620000000000000001000000010000000100000001" "0000000100000001",
           "8369ffffffff", "836cffffffff6a", "8374ffffffff", "836dffffffff00", "836fffffffff00",
           "83500000000501",                                                // no zlib data
       })
    EXPECT_TRUE(refused(from_hex(bad))) << bad;
  EXPECT_TRUE(refused(from_hex("83640100") + ByteVector(256, 'a')));
}

TEST(External, a_fun_whose_module_disagrees_is_refused) {
  TestArena arena;
  TestEnvironment environment;
  ByteVector fun = from_hex(samples[std::size(samples) - 1]);
  EXPECT_FALSE(decode_external(arena, fun, environment).term.is_none());
  environment.lie_about_funs = true;
  EXPECT_TRUE(decode_external(arena, fun, environment).term.is_none());
}

// Lists that all claim nearly as many elements as there are bytes left.
TEST(External, claims_do_not_add_up_to_more_memory_than_the_input_pays_for) {
  ByteVector bytes = {tag::version};
  for (size_t left = 200000; left > 10; left -= 5) {
    bytes.push_back(tag::list);
    bytes.resize(bytes.size() + 4);
    store_be32(&bytes[bytes.size() - 4], static_cast<uint32_t>(left - 10));
  }
  EXPECT_TRUE(refused(bytes));
}

TEST(External, compressed) {
  ByteVector plain = encode_external(Term::nil());
  TestArena arena;
  Term list = make_string(arena, std::string(5000, 'x'));
  ByteVector packed = encode_external(list, {.compression = 6});
  EXPECT_EQ(packed[1], tag::compressed);
  EXPECT_LT(packed.size(), 100u);
  Decoding decoding(packed + from_hex("0909"));
  EXPECT_EQ(decoding.decoded.bytes_used, packed.size());
  EXPECT_TRUE(exactly_equal(decoding.term(), list));
  ByteVector wrong_size = packed;
  wrong_size[5]++;
  EXPECT_TRUE(refused(wrong_size));
  wrong_size[5] -= 2;
  EXPECT_TRUE(refused(wrong_size));
  wrong_size[2] = 0xff;  // 4 GB from a few bytes
  EXPECT_TRUE(refused(wrong_size));
  EXPECT_EQ(encode_external(Term::nil(), {.compression = 9}), plain);
}

TEST(External, ten_million_levels) {
  constexpr size_t levels = 10000000;
  struct Nesting {
    ByteVector open, close;
  };
  for (const Nesting& nesting : {Nesting{{tag::small_tuple, 1}, {}}, Nesting{{tag::list, 0, 0, 0, 1}, {tag::nil}},
                                 Nesting{{tag::small_tuple, 2}, {tag::nil}}}) {
    ByteVector bytes = {tag::version};
    bytes.reserve(levels * 6 + 3);
    for (size_t i = 0; i < levels; i++) bytes.insert(bytes.end(), nesting.open.begin(), nesting.open.end());
    bytes.push_back(tag::nil);
    for (size_t i = 0; i < levels; i++) bytes.insert(bytes.end(), nesting.close.begin(), nesting.close.end());
    Decoding decoding(bytes);
    ASSERT_FALSE(decoding.term().is_none());
    EXPECT_TRUE(encode_external(decoding.term()) == bytes);
  }
}

TEST(External, large_maps) {
  TestArena arena;
  std::vector<Term> keys, values;
  ByteVector sorted = {tag::version, tag::map, 0, 0, 0, 200};
  for (uint8_t i = 0; i < 200; i++) {
    keys.push_back(Term::small(i));
    values.push_back(Term::small(i));
    for (int twice = 0; twice < 2; twice++) sorted = sorted + ByteVector{tag::small_integer, i};
  }
  Term map = map_from_pairs(arena, keys, values);
  EXPECT_EQ(encode_external(map, {.deterministic = true}), sorted);
  EXPECT_TRUE(exactly_equal(Decoding(encode_external(map)).term(), map));
  sorted[11] = sorted[7];  // the same key twice
  EXPECT_TRUE(refused(sorted));
}

// Inputs near to real ones: whatever is accepted must survive being written and read again.
TEST(External, mutations) {
  std::mt19937 random(20240607);
  size_t accepted = 0;
  for (int round = 0; round < 20000; round++) {
    ByteVector bytes = from_hex(samples[random() % std::size(samples)]);
    ByteVector other = from_hex(samples[random() % std::size(samples)]);
    for (auto changes = 1 + random() % 4; changes > 0; changes--) {
      size_t place = 1 + random() % (bytes.size() - 1);
      switch (random() % 4) {
        case 0: bytes[place] = static_cast<uint8_t>(random()); break;
        case 1: bytes[place] ^= static_cast<uint8_t>(1u << random() % 8); break;
        case 2: bytes.insert(bytes.begin() + static_cast<ptrdiff_t>(place), other.begin() + 1, other.end()); break;
        case 3: bytes.erase(bytes.begin() + static_cast<ptrdiff_t>(place)); break;
      }
      if (bytes.size() < 2) bytes.push_back(tag::nil);
    }
    Decoding first(bytes);
    if (first.term().is_none()) continue;
    accepted++;
    ByteVector again = encode_external(first.term());
    Decoding second(again);
    ASSERT_FALSE(second.term().is_none());
    EXPECT_EQ(encode_external(second.term()), again);
  }
  EXPECT_GT(accepted, 1000u);
}

}  // namespace hanse
