// Places that the engine itself makes: where processes start and end, and the stubs of exports without code.
#pragma once

#include <cstddef>

#include "code/bif.h"
#include "term/fun.h"

namespace hanse {

// Words of a func_info instruction; it stands right before a function's entry, its arity in the second word.
inline constexpr size_t func_info_words = 6;

struct Entries {
  Ip apply_list = nullptr;    // x0:x1 applied to the list x2
  Ip hibernated = nullptr;    // the same, where a hibernating process waits
  Ip trace_return = nullptr;  // the return address of frames of traced calls, see breakpoints.cc
  Ip end_process = nullptr;   // the return address at the bottom of every stack
  const BifRow* apply_row = nullptr;      // erlang:apply/3
  const BifRow* apply_fun_row = nullptr;  // erlang:apply/2
  const BifRow* hibernate_row = nullptr;  // erlang:hibernate/3
  const BifRow* send_row = nullptr;       // erlang:'!'/2
  const BifRow* element_row = nullptr;
  const BifRow* tuple_size_row = nullptr;
};
// Made once, before the first process.
const Entries& entries();

inline Export* export_of_stub(Ip ip) {
  return reinterpret_cast<Export*>(reinterpret_cast<uintptr_t>(ip) - offsetof(Export, stub));
}

}  // namespace hanse
