// Stack traces. Where an exception happens only addresses are noted, as a raw trace; names and lines are looked up when a
// guest asks for them. A raw trace is an opaque term that travels in X registers: one of
//   {Class, TopFrame, ErrorInfo, Addresses}   TopFrame: [] or {M, F, Args}; ErrorInfo: [] or a map; Addresses: a binary
//   {Class, List}                             a trace that the guest gave to erlang:raise/3
#pragma once

#include "process/process.h"

namespace hanse {

// Of p->exception, raised at ip with the stack at e. Keeps p->exception.trace if there is one. Between SYNC and RELOAD.
Term raw_trace(Process* p, Ip ip, Term* e);
Term raw_trace_class(Term raw);
// [{M, F, ArityOrArguments, Location}]
Term stack_trace_of_raw(Process* p, Term raw);

// Frames of a process that does not run, at most `depth`.
Term stack_trace_of_process(Arena& arena, Process& process, size_t depth);
std::string backtrace_of_process(Process& process);

// error:reason of the operator at ip, with its operands in the top frame, as if the built-in function had been called.
void set_operator_error(Process* p, Ip ip, Term reason, const Term* x, const Term* e);

}  // namespace hanse
