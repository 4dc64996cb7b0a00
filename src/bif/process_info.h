// One item of process_info/2, built on the thread of the process that it is about.
#pragma once

#include "process/process.h"

namespace hanse {

struct ProcessInfo {
  Arena& arena;       // where to build
  Process& process;   // about whom
  bool is_self;       // the arena is the heap of `process`, and it runs
  bool is_inside;     // who asks is in a machine, the same: sees no process outside and no address

  // {Item, Value}; none() if there is no such item.
  Term item(Term name);

 private:
  Term value(Term name);
  Term catch_level();
  Term position(Term name);
  Term heap_figure(Term name);
  Term relation(Term name);
  // A term of the process, in the arena.
  Term keep(Term term);
  // Whether who asks may know of that process.
  bool is_known(Term pid);
  Term token();
  Term pair(Term key, Term content);
  Term messages();
  Term dictionary();
  Term binaries();
  Term garbage_collection();
  Term links();
  Term monitors();
  Term monitored_by();
  Term suspending();
  Term status();
  size_t memory_bytes();
};

// Of the processes that `process` has suspended, those that have ended since. On its own thread.
void forget_ended_suspended(Process& process);

bool is_process_info_item(Term name);
std::span<const Term> process_info_item_names();

}  // namespace hanse
