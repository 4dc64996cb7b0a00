// The engine's part in tracing calls, see breakpoints.cc.
#pragma once

#include "process/call.h"
#include "process/tracing.h"

namespace hanse {

// The word that names the handler of the instruction at ip, as it is without a breakpoint.
uint32_t original_word(Ip ip);
bool has_breakpoint(Ip ip);
// The instruction at ip will run once more for the same call.
void tell_again_not(Process& process, Ip ip);
// An exception has passed the frames from e to `end` and goes to `handler`, or ends the process (nullptr).
void tell_of_exception(Process* p, Term* e, const Term* end, Term exception_class, Term reason, Ip handler);

// For the tracer: the words of breakpoints, and what a traced built-in function is called through.
uint32_t breakpoint_word();
uint32_t export_breakpoint_word();
Result call_through_export(Call& call);

}  // namespace hanse
