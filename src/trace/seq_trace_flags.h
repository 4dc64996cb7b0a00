// Changes of the token of sequential tracing, by the process itself or by a match specification.
#pragma once

#include "process/process.h"

namespace hanse {

// label, serial, send, ...: see seq_trace:set_token/2. Makes a token if there is none. False: not a name or not a value for it.
// The value lives in the process's heap.
bool change_seq_token(Process& process, Term what, Term value);
// The flag of that name, 0: there is none.
int64_t seq_flag_of(Term name);

}  // namespace hanse
