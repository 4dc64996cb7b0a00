#include "code/native_function.h"

#include <algorithm>
#include <mutex>

#include "code/generic_code.h"
#include "term/atom.h"

namespace hanse {

bool any_may_be_native(const GenericModule& module) {
  bool loads_libraries = std::any_of(module.imports.begin(), module.imports.end(), [](const GenericImport& import) {
    return import.module == am::erlang && import.function == am::load_nif && import.arity == 2;
  });
  return loads_libraries && std::none_of(module.instructions.begin(), module.instructions.end(),
                                         [](const GenericInstruction& instruction) { return instruction.opcode == Opcode::op_nif_start; });
}

namespace {
struct Tainted {
  std::mutex mutex;
  std::vector<Term> modules;
};
Tainted& tainted() {
  static auto* only = new Tainted;
  return *only;
}
}  // namespace

std::vector<Term> tainted_modules() {
  std::lock_guard lock(tainted().mutex);
  return tainted().modules;
}

void add_tainted_module(Term name) {
  std::lock_guard lock(tainted().mutex);
  auto& modules = tainted().modules;
  if (std::find(modules.begin(), modules.end(), name) == modules.end()) modules.push_back(name);
}

}  // namespace hanse
