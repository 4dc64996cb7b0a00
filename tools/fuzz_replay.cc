// fuzz-replay TARGET FILE...: runs a fuzz target (src/base/fuzz_target.h) on the files, without libFuzzer. Prints what it ran; ends
// with status 1 if an input takes too much processor time, and dies as the target does.
//   fuzz-replay            prints the names of all targets
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <vector>

#include "base/fuzz_target.h"

// Of a small input: libFuzzer complains after one second of an optimised build; here sanitizers and checks are paid as well.
static constexpr double limit_s = 5;

static double processor_time_s() {
  timespec now;
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

static hanse::FuzzTarget* find(const char* name) {
  for (auto* target = hanse::FuzzTarget::all(); target != nullptr; target = target->next)
    if (std::strcmp(target->name, name) == 0) return target;
  return nullptr;
}

int main(int argc, char** argv) {
  if (argc < 2) {
    for (auto* target = hanse::FuzzTarget::all(); target != nullptr; target = target->next) std::puts(target->name);
    return 0;
  }
  hanse::FuzzTarget* target = find(argv[1]);
  if (target == nullptr) {
    std::fprintf(stderr, "expected the name of a fuzz target, got %s\n", argv[1]);
    return 2;
  }
  int slow = 0;
  target->function(nullptr, 0);  // what it sets up once is not counted
  for (int i = 2; i < argc; i++) {
    std::ifstream in(argv[i], std::ios::binary);
    if (!in) {
      std::fprintf(stderr, "cannot read %s\n", argv[i]);
      return 2;
    }
    // An exact copy, so that AddressSanitizer sees where it ends.
    std::vector<char> read{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    auto* bytes = static_cast<uint8_t*>(std::malloc(read.size()));
    if (!read.empty()) std::memcpy(bytes, read.data(), read.size());
    std::fprintf(stderr, "%s\n", argv[i]);
    double before = processor_time_s();
    target->function(bytes, read.size());
    double took = processor_time_s() - before;
    std::free(bytes);
    if (took > limit_s) {
      std::printf("%s took %.1f s\n", argv[i], took);
      slow++;
    }
  }
  std::printf("%s: %d inputs, %d too slow\n", argv[1], argc - 2, slow);
  std::fflush(nullptr);
  std::_Exit(slow == 0 ? 0 : 1);  // threads and statics of the node are left alone
}
