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

// Loads a module of the boot and makes it current. Remembered for erlang:pre_loaded/0, in this order.
std::expected<Module*, BeamError> load_preloaded(HostRealm& realm, std::string_view name, Bytes file);
std::span<const Term> preloaded_modules();

}  // namespace hanse
