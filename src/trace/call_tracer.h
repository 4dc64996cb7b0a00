// See call_tracer.cc; main passes it to the engine (process/tracing.h).
#pragma once

#include "process/tracing.h"

namespace hanse {

CallTracer& tracer_of_calls();

}  // namespace hanse
