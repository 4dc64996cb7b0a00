// Terms as text, as the emulator itself prints them (erlang:display/1, crash dumps, error messages of the host): close to
// ~w of io_lib, without any Erlang code. Iterative, bounded.
#pragma once

#include <string>

#include "term/term.h"

namespace hanse {

std::string term_to_text(Term term, size_t max_bytes = 1 << 20);
// An atom, quoted if it must be.
std::string atom_to_text(Term atom);
std::string pid_to_text(Term pid);              // <0.1.0>
std::string port_to_text(Term port);            // #Port<0.1>
std::string reference_to_text(Term reference);  // #Ref<0.1.2.3>
std::string fun_to_text(Term fun);              // #Fun<m.0.123>, fun m:f/1

}  // namespace hanse
