#include "code/loader.h"

#include <fmt/format.h>

#include "code/beam_reader.h"
#include "code/decode_environment.h"
#include "code/emitter.h"
#include "term/atom.h"

namespace hanse {

enum class Lines : uint8_t { keep, drop };

static std::expected<std::unique_ptr<Module>, BeamError> prepare(Realm& realm, Account& account, Term name, Bytes file, Lines lines,
                                                                 Trust trust) {
  RealmDecodeEnvironment environment(realm);
  auto generic = read_checked_beam(file, environment, trust);
  if (!generic) return std::unexpected(std::move(generic.error()));
  if (!name.is_none() && (*generic)->name != name)
    return std::unexpected(BeamError{"", 0, fmt::format("the module in the file is called {}", atom_name((*generic)->name))});
  if (lines == Lines::drop) (*generic)->lines.resize(1);
  auto code = emit(**generic, realm);
  if (!code) return std::unexpected(std::move(code.error()));
  return std::make_unique<Module>(**generic, std::move(*code), realm, account);
}

std::expected<std::unique_ptr<Module>, BeamError> prepare_module(Realm& realm, Account& account, Term name, Bytes file, Trust trust) {
  return prepare(realm, account, name, file, Lines::keep, trust);
}

// Filled before any guest code runs, read afterwards.
static std::vector<Term>& preloaded_names() {
  static auto& names = *new std::vector<Term>;
  return names;
}

std::span<const Term> preloaded_modules() { return preloaded_names(); }

std::expected<std::unique_ptr<Module>, BeamError> prepare_preloaded(HostRealm& realm, std::string_view name, Bytes file) {
  return prepare(realm, realm.boot_account, make_atom(name), file, Lines::drop, Trust::trusted);  // as in stock: no lines in traces
}

std::expected<Module*, BeamError> install_preloaded(HostRealm& realm, std::unique_ptr<Module> module) {
  Term name = module->name;
  std::unique_ptr<Module>* modules[] = {&module};
  auto result = realm.modules().install(modules);
  if (result.outcome != ModuleTable::Install::ok)
    return std::unexpected(BeamError{"", 0, "the module is loaded already, or has an on_load function"});
  preloaded_names().push_back(name);
  return realm.modules().current(name);
}

}  // namespace hanse
