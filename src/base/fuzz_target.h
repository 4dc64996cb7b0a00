// A fuzz target: name.fuzz.cc says FUZZ_TARGET(name) { ... }, and finds its input in `data` and `size`; it returns 0, or -1 for
// an input that leads nowhere. The preset `fuzz` links it with libFuzzer; every other build has all of them in the program
// fuzz-replay (tools/fuzz_replay.cc), which runs them on given files.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hanse {

using FuzzFunction = int (*)(const uint8_t* data, size_t size);

struct FuzzTarget {
  FuzzTarget(const char* target_name, FuzzFunction target) : name(target_name), function(target), next(all()) { all() = this; }
  // The first of them.
  static FuzzTarget*& all() {
    static FuzzTarget* first = nullptr;
    return first;
  }
  const char* name;
  FuzzFunction function;
  FuzzTarget* next;
};

}  // namespace hanse

#ifdef HANSE_LIBFUZZER
#define FUZZ_TARGET(name) extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
#else
#define FUZZ_TARGET(name)                                                      \
  static int fuzz_##name(const uint8_t* data, size_t size);                    \
  static ::hanse::FuzzTarget fuzz_target_##name(#name, fuzz_##name);           \
  static int fuzz_##name([[maybe_unused]] const uint8_t* data, [[maybe_unused]] size_t size)
#endif
