// Fuzzer of the decoder: whatever it accepts must be writable, and be the same when it is read again.
#include <deque>

#include "base/check.h"
#include "base/fuzz_target.h"
#include "term/external.h"
#include "term/test_arena.h"

namespace hanse {

namespace {

class FuzzEnvironment final : public DecodeEnvironment {
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
    std::memcpy(entry.md5, md5, sizeof(entry.md5));
    entry.arity = arity;
    entry.free_count = free_count;
    return &entry;
  }

 private:
  std::deque<Export> exports_;
  std::deque<FunEntry> funs_;
};

}  // namespace

}  // namespace hanse

FUZZ_TARGET(external) {
  using namespace hanse;
  TestArena arena;
  FuzzEnvironment environment;
  Decoded decoded = decode_external(arena, {data, size}, environment);
  if (decoded.term.is_none()) {
    CHECK(decoded.error.reason != nullptr && decoded.error.offset <= size);
    return 0;
  }
  CHECK(decoded.bytes_used <= size);
  std::vector<uint8_t> bytes = encode_external(decoded.term);
  CHECK(external_size(decoded.term) >= bytes.size());
  Decoded again = decode_external(arena, bytes, environment);
  CHECK(!again.term.is_none());
  CHECK(encode_external(again.term) == bytes);
  return 0;
}
