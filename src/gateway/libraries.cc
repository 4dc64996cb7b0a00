#include "gateway/libraries.h"

#include <dlfcn.h>

#include <cstdio>

#include "base/check.h"

// Other declarations of the functions must not be seen here: what is defined is a symbol with a jump, whatever its arguments are.

namespace hanse::gateway {

namespace {

using Function = void (*)();

[[noreturn]] HANSE_COLD void called_too_early() {
  check_failed("open_libraries() comes before every other function of src/gateway", __FILE__, __LINE__);
}

}  // namespace

// Where each function's jump leads. The names are for the jumps: nothing else may write them after open_libraries().
extern "C" {
#define FUNCTION(library, name) [[gnu::visibility("hidden")]] Function hanse_jump_##name = called_too_early;
#include "gateway/libraries.def"
}

#if defined(__x86_64__)
#define JUMP(name) "  jmp *hanse_jump_" #name "(%rip)\n"
#elif defined(__aarch64__)  // x16 is free between a call and the function
#define JUMP(name) "  adrp x16, hanse_jump_" #name "\n  ldr x16, [x16, :lo12:hanse_jump_" #name "]\n  br x16\n"
#else
#error "Jumps to functions of libraries are written for x86-64 and 64-bit ARM"
#endif

// Hidden: libssl calls libcrypto by the same names.
#define FUNCTION(library, name) \
  asm(".pushsection .text\n.balign 16\n.globl " #name "\n.hidden " #name "\n.type " #name ", %function\n" #name ":\n" JUMP(name) ".size " #name ", . - " #name "\n.popsection\n");
#include "gateway/libraries.def"

namespace {

enum class Library {
#define LIBRARY(library, file) library,
#include "gateway/libraries.def"
};

constexpr const char* files[] = {
#define LIBRARY(library, file) file,
#include "gateway/libraries.def"
};

struct Row {
  Library from;
  const char* name;
  Function* jump;
};

constexpr Row functions[] = {
#define FUNCTION(library, name) {Library::library, #name, &hanse_jump_##name},
#include "gateway/libraries.def"
};

extern "C" int sodium_init();

std::expected<void, std::string> open_all() {
  void* handles[std::size(files)];
  for (size_t i = 0; i < std::size(files); i++) {
    handles[i] = ::dlopen(files[i], RTLD_NOW | RTLD_LOCAL);  // for the rest of the process's life
    if (handles[i] == nullptr) return std::unexpected(::dlerror());
  }
  for (const Row& row : functions) {
    void* found = ::dlsym(handles[static_cast<size_t>(row.from)], row.name);
    if (found == nullptr) return std::unexpected(::dlerror());
    *row.jump = reinterpret_cast<Function>(found);
  }
  // It chooses its implementations once.
  if (sodium_init() < 0) return std::unexpected("libsodium cannot be initialised");
  return {};
}

}  // namespace

const std::expected<void, std::string>& open_libraries() {
  static const auto* outcome = new std::expected<void, std::string>(open_all());
  return *outcome;
}

void require_libraries() {
  const auto& outcome = open_libraries();
  if (!outcome) std::fprintf(stderr, "%s\n", outcome.error().c_str());
  CHECK(outcome.has_value());
}

}  // namespace hanse::gateway
