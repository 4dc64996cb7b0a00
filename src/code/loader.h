// From the bytes of a .beam file to a module that can be installed.
#pragma once

#include <expected>
#include <memory>

#include "code/host_realm.h"
#include "code/module.h"
#include "code/trust.h"

namespace hanse {

// Reads, checks and emits; nothing becomes visible but atoms and empty exports. name: what the module must be called, or
// none(). Any thread.
std::expected<std::unique_ptr<Module>, BeamError> prepare_module(Realm& realm, Account& account, Term name, Bytes file,
                                                                 Trust trust = Trust::trusted);

// A module of the boot: prepared on any thread, then made current, before guest code runs. Remembered for erlang:pre_loaded/0, in this order.
std::expected<std::unique_ptr<Module>, BeamError> prepare_preloaded(HostRealm& realm, std::string_view name, Bytes file);
std::expected<Module*, BeamError> install_preloaded(HostRealm& realm, std::unique_ptr<Module> module);
std::span<const Term> preloaded_modules();

}  // namespace hanse
