#include "code/beam_reader.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "code/beam_container.h"
#include "code/checker.h"
#include "term/atom.h"

namespace hanse {

namespace {

class TestEnvironment final : public DecodeEnvironment {
 public:
  Export* export_for(Term module, Term function, uint32_t arity) override { return new Export(module, function, arity); }
  FunEntry* fun_entry(Term, uint32_t, uint32_t, const uint8_t*, uint32_t, uint32_t) override { return nullptr; }
};

const std::filesystem::path otp = "/usr/lib/erlang/lib";

std::vector<uint8_t> contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::filesystem::path> beam_files() {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator at(otp, error), end; !error && at != end; at.increment(error))
    if (at->path().extension() == ".beam") files.push_back(at->path());
  std::sort(files.begin(), files.end());
  return files;
}

std::filesystem::path find_module(const std::string& name) {
  for (const auto& file : beam_files())
    if (file.filename() == name + ".beam") return file;
  return {};
}

}  // namespace

TEST(BeamReader, every_module_of_otp_is_accepted) {
  auto files = beam_files();
  if (files.empty()) GTEST_SKIP() << "no OTP under " << otp;
  TestEnvironment environment;
  for (const auto& file : files) {
    auto module = read_checked_beam(contents(file), environment);
    EXPECT_TRUE(module.has_value()) << file << ": " << (module ? "" : module.error().message());
  }
}

TEST(BeamReader, digest_is_that_of_module_info) {
  auto file = find_module("lists");
  if (file.empty()) GTEST_SKIP();
  auto bytes = contents(file);
  auto container = BeamContainer::parse(bytes);
  ASSERT_TRUE(container.has_value());
  auto digest = container->md5();
  ASSERT_TRUE(digest.has_value());
  // lists:module_info(md5) of stdlib 4.2, as stock answers.
  if (file.string().find("stdlib-4.2/") == std::string::npos) GTEST_SKIP();
  const Md5::Digest expected = {38, 179, 129, 225, 89, 164, 33, 183, 189, 149, 158, 178, 245, 69, 52, 33};
  EXPECT_EQ(*digest, expected);
}

TEST(BeamReader, tables_of_a_known_module) {
  auto file = find_module("gb_sets");
  if (file.empty()) GTEST_SKIP();
  TestEnvironment environment;
  auto module = read_checked_beam(contents(file), environment);
  ASSERT_TRUE(module.has_value());
  const GenericModule& sets = **module;
  EXPECT_EQ(atom_name(sets.name), "gb_sets");
  EXPECT_EQ(sets.line_files[0], "gb_sets.erl");
  EXPECT_GT(sets.lines.size(), 10u);
  bool found = false;
  for (const GenericFunction& function : sets.functions) {
    if (atom_name(function.name) != "is_member" || function.arity != 2) continue;
    found = true;
    EXPECT_EQ(sets.instructions[function.first].opcode, Opcode::op_label);
    EXPECT_EQ(sets.instructions[function.func_info].opcode, Opcode::op_func_info);
    EXPECT_EQ(sets.instructions[function.func_info + 1].operands[0].value(), function.entry_label);
  }
  EXPECT_TRUE(found);
}

// Whatever is done to a file: an answer, never a crash. Bytes behind the container's head change, so that every layer is met.
TEST(BeamReader, damaged_files_are_refused_or_accepted_but_never_crash) {
  auto file = find_module("string");
  if (file.empty()) GTEST_SKIP();
  auto original = contents(file);
  TestEnvironment environment;
  std::mt19937 random(42);
  size_t refused = 0;
  constexpr size_t rounds = 2000;
  for (size_t round = 0; round < rounds; round++) {
    auto bytes = original;
    for (size_t changes = 1 + random() % 3; changes > 0; changes--) bytes[12 + random() % (bytes.size() - 12)] = static_cast<uint8_t>(random());
    if (round % 16 == 0) bytes.resize(random() % bytes.size());
    auto module = read_checked_beam(bytes, environment);
    if (!module) {
      refused++;
      EXPECT_FALSE(module.error().message().empty());
    }
  }
  EXPECT_GT(refused, rounds / 20);
}

TEST(BeamReader, files_that_inflate_without_end) {
  const std::filesystem::path file = otp / "stdlib-4.2/ebin/queue.beam";
  if (!std::filesystem::exists(file)) GTEST_SKIP();
  TestEnvironment environment;
  auto refusal = [&](const std::vector<uint8_t>& bytes) {
    auto module = read_checked_beam(bytes, environment, Trust::verified);
    return module ? std::string() : module.error().message();
  };
  auto forged = [&](std::string_view chunk, std::initializer_list<uint8_t> head) {
    auto bytes = contents(file);
    auto container = BeamContainer::parse(bytes);
    std::copy(head.begin(), head.end(), bytes.begin() + (container->find(chunk)->data() - bytes.data()));
    return refusal(bytes);
  };
  // The attributes become a compressed term, the table of constants a table, of four gigabytes.
  EXPECT_NE(forged("Attr", {131, 80, 255, 255, 255, 255}).find("more than 16777216"), std::string::npos);
  EXPECT_NE(forged("LitT", {255, 255, 255, 255}).find("more than 16777216"), std::string::npos);
  std::vector<uint8_t> zeros(size_t{32} << 20), packed(compressBound(zeros.size()));
  z_stream stream{};
  ASSERT_EQ(deflateInit2(&stream, 1, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  stream.next_in = zeros.data();
  stream.avail_in = static_cast<uInt>(zeros.size());
  stream.next_out = packed.data();
  stream.avail_out = static_cast<uInt>(packed.size());
  ASSERT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  EXPECT_NE(refusal(packed).find("more than 16777216"), std::string::npos);
}

TEST(BeamReader, reasons_name_chunk_and_place) {
  auto file = find_module("lists");
  if (file.empty()) GTEST_SKIP();
  auto bytes = contents(file);
  TestEnvironment environment;
  auto container = BeamContainer::parse(bytes);
  ASSERT_TRUE(container.has_value());
  Bytes code = *container->find("Code");
  size_t first = static_cast<size_t>(code.data() - bytes.data()) + 20;  // the first instruction
  bytes[first] = 250;
  auto module = read_checked_beam(bytes, environment);
  ASSERT_FALSE(module.has_value());
  EXPECT_EQ(module.error().message(), "chunk Code, byte 20: unknown instruction 250");
  EXPECT_EQ(read_checked_beam({}, environment).error().message(), "byte 0: not a BEAM file: it does not begin with FOR1, a size and BEAM");
}

}  // namespace hanse
