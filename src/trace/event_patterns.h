// The patterns of erlang:trace_pattern(send | 'receive', ...): which messages are told of. For the whole node.
#pragma once

#include "process/tracing.h"
#include "trace/function_trace.h"

namespace hanse {

enum class TracedEvent : uint8_t { send, receive };

// nullptr: nothing is told. Any thread.
void set_event_pattern(TracedEvent event, Ref<TracePattern> pattern);
Ref<TracePattern> event_pattern(TracedEvent event);
EventPatterns& patterns_of_events();

}  // namespace hanse
