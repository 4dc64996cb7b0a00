// Runs match specifications of the trace dialect (ERTS user's guide, "Match Specifications in Erlang"), with their actions.
#pragma once

#include "process/tracing.h"
#include "trace/function_trace.h"

namespace hanse {

struct TraceContext {
  Process& process;
  Ip caller = nullptr;  // a return address, or nullptr: not a call
};
struct MatchResult {
  bool matches = false;
  Term message = Term::none();  // to be added to what is told; none(): nothing; false: do not tell
  bool return_trace = false, exception_trace = false;
};
// A message that is no immediate is copied to the arena.
MatchResult run_pattern(const TracePattern& pattern, const TraceContext& context, std::span<const Term> arguments, Arena& arena);

// Flags as lists of erlang:trace/3. False: not a list of known flags.
struct ParsedFlags {
  uint32_t flags = 0;
  bool cpu_timestamp = false;
  Tracer tracer;  // none(): not given
};
bool parse_trace_flags(Term list, ParsedFlags& parsed);

}  // namespace hanse
