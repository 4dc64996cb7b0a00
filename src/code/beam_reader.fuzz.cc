// libFuzzer: any bytes through the reader and the checker.
#include "code/beam_reader.h"

namespace {
class FuzzEnvironment final : public hanse::DecodeEnvironment {
 public:
  hanse::Export* export_for(hanse::Term module, hanse::Term function, uint32_t arity) override {
    static auto* only = new hanse::Export(module, function, arity);
    return only;
  }
  hanse::FunEntry* fun_entry(hanse::Term, uint32_t, uint32_t, const uint8_t*, uint32_t, uint32_t) override { return nullptr; }
};
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzEnvironment environment;
  auto module = hanse::read_checked_beam({data, size}, environment);
  return module ? 0 : -1;
}
