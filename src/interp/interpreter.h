// The engine: runs guest code by chained handlers (see state.h). One for the node; any number of threads.
#pragma once

#include <memory>

#include "code/realm.h"
#include "process/engine.h"

namespace hanse {

// The few built-in functions that are the engine's own.
extern const BifTable engine_bifs;

// Before anything else of the code layer: tells it about handlers and stubs.
void initialize_interpreter();
// After the built-in functions have been registered with the realm.
std::unique_ptr<Engine> make_interpreter(Realm& realm);

}  // namespace hanse
