// Tracer modules (erl_tracer(3)); for main, which makes them known to what is traced.
#pragma once

#include "process/tracer.h"

namespace hanse::nif {
TracerModules& native_tracers();
}
