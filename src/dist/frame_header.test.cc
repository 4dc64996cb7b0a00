#include "dist/frame_header.h"

#include <gtest/gtest.h>

#include "term/atom.h"

namespace hanse::dist {

namespace {

class AnyAtom final : public DecodeEnvironment {
 public:
  Export* export_for(Term, Term, uint32_t) override { return nullptr; }
  FunEntry* fun_entry(Term, uint32_t, uint32_t, const uint8_t*, uint32_t, uint32_t) override { return nullptr; }
};

Bytes bytes_of(const std::string& text) { return {reinterpret_cast<const uint8_t*>(text.data()), text.size()}; }

// What the receiver makes of it; empty on an error.
std::vector<Term> read(ReceiveCache& cache, const std::string& header) {
  AnyAtom environment;
  std::vector<Term> atoms;
  const char* error = nullptr;
  size_t size = cache.read_references(bytes_of(header), atoms, environment, error);
  EXPECT_EQ(size == 0, error != nullptr);
  EXPECT_TRUE(size == 0 || size == header.size());
  return size == 0 ? std::vector<Term>{} : atoms;
}

}  // namespace

TEST(FrameHeader, texts_are_sent_once) {
  SendCache sender;
  ReceiveCache receiver;
  std::vector<Term> atoms{am::ok, am::error, am::undefined};
  std::string first, second;
  sender.append_references(first, atoms);
  sender.append_references(second, atoms);
  EXPECT_EQ(second.size(), 1u + 2 + 3);
  EXPECT_EQ(read(receiver, first), atoms);
  EXPECT_EQ(read(receiver, second), atoms);
}

TEST(FrameHeader, atoms_that_share_a_place_replace_each_other) {
  SendCache sender;
  ReceiveCache receiver;
  std::vector<Term> atoms;
  for (size_t i = 0; i < 2 * atom_cache_size; i++) atoms.push_back(make_atom("header_test_" + std::to_string(i)));
  for (int round = 0; round < 2; round++)
    for (Term atom : atoms) {
      std::string header;
      sender.append_references(header, {atom});
      ASSERT_EQ(read(receiver, header), std::vector<Term>{atom});
    }
}

TEST(FrameHeader, long_atoms_have_lengths_of_two_bytes) {
  std::string name;
  for (int i = 0; i < 255; i++) name += "\xe6\x97\xa5";
  SendCache sender;
  ReceiveCache receiver;
  std::vector<Term> atoms{am::ok, make_atom(name)};
  std::string header;
  sender.append_references(header, atoms);
  EXPECT_EQ(read(receiver, header), atoms);
}

TEST(FrameHeader, many_and_none) {
  SendCache sender;
  ReceiveCache receiver;
  std::vector<Term> atoms;
  for (uint32_t i = 0; i < header_max_atoms; i++) atoms.push_back(Term::atom(i));
  std::string header, empty;
  sender.append_references(header, atoms);
  EXPECT_EQ(read(receiver, header), atoms);
  sender.append_references(empty, {});
  EXPECT_EQ(empty, std::string(1, '\0'));
}

TEST(FrameHeader, bad_ones_are_refused) {
  ReceiveCache receiver;
  using namespace std::string_literals;
  for (const std::string& header : {""s, "\x01"s, "\x01\x00"s, "\x01\x00\x05"s /* never sent */, "\x01\x08\x05"s,
                                    "\x01\x08\x05\x03""ab"s, "\x01\x08\x05\x02\xff\xfe"s, "\xff\x00"s})
    EXPECT_TRUE(read(receiver, header).empty()) << header.size();
  EXPECT_EQ(read_frame_start(bytes_of("")).kind, FrameStart::Kind::bad);
  EXPECT_EQ(read_frame_start(bytes_of("\x83\x43")).kind, FrameStart::Kind::bad);
  EXPECT_EQ(read_frame_start(bytes_of("\x83\x45\x01\x02")).kind, FrameStart::Kind::bad);
  EXPECT_EQ(read_frame_start(bytes_of("\x83\x44\x00"s)).kind, FrameStart::Kind::whole);
  std::string zero = "\x83\x45"s + std::string(16, '\0');
  EXPECT_EQ(read_frame_start(bytes_of(zero)).kind, FrameStart::Kind::bad);
}

}  // namespace hanse::dist
