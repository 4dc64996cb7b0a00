#include "main/disassemble.h"

#include <cstdio>
#include <fstream>
#include <iterator>
#include <vector>

#include "code/beam_reader.h"
#include "code/checker.h"
#include "code/decode_environment.h"
#include "code/disassembler.h"
#include "code/host_realm.h"

namespace hanse {

int disassemble_file(const char* path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    std::fprintf(stderr, "hanse: cannot read %s\n", path);
    return 1;
  }
  std::vector<uint8_t> bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  HostRealm realm;
  RealmDecodeEnvironment environment(realm);
  auto module = read_beam(bytes, environment);
  if (!module) {
    std::fprintf(stderr, "hanse: %s: %s\n", path, module.error().message().c_str());
    return 1;
  }
  std::fputs(disassemble(**module).c_str(), stdout);
  auto error = check_module(**module);
  if (error) std::fprintf(stderr, "hanse: %s: %s\n", path, error->message().c_str());
  return error ? 1 : 0;
}

}  // namespace hanse
