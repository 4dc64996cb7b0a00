// The shape of an instruction handler. Handlers are short functions that tail-call one another; the state of the engine
// travels in machine registers as their arguments (preserve_none passes them all in registers; the first four survive
// calls of ordinary C++ functions without being saved):
//
//   p     the running process           ip    this instruction
//   e     stack top, Y registers        x     X registers, then float registers
//   h     heap top                      reds  reductions left in this slice
//
// Before C++ that allocates or looks at the process, a handler stores h and e in the heap (SYNC) and takes h back (RELOAD).
#pragma once

#include "base/compiler.h"
#include "code/instruction.h"
#include "process/process.h"
#include "process/scheduler.h"

namespace hanse {

// Stencils may hand float registers on as well (stencil.h).
#ifdef HANSE_STENCIL_FLOATS
#define FLOAT_PARAMETERS \
  , [[maybe_unused]] double f0, [[maybe_unused]] double f1, [[maybe_unused]] double f2, [[maybe_unused]] double f3
#define FLOAT_ARGUMENTS , f0, f1, f2, f3
using Handler = void(HANSE_PRESERVE_NONE*)(Process*, Ip, Term*, Term*, Word*, int64_t, double, double, double, double);
#else
#define FLOAT_PARAMETERS
#define FLOAT_ARGUMENTS
using Handler = void(HANSE_PRESERVE_NONE*)(Process*, Ip, Term*, Term*, Word*, int64_t);
#endif
#define ENGINE_PARAMETERS                                                                                      \
  [[maybe_unused]] Process *p, [[maybe_unused]] Ip ip, [[maybe_unused]] Term *e, [[maybe_unused]] Term *x,     \
      [[maybe_unused]] Word *h, [[maybe_unused]] int64_t reds FLOAT_PARAMETERS

// Code names handlers by 32 bits: their address where the executable is linked below 2 GB, else their distance from the
// anchor.
extern "C" __attribute__((visibility("hidden"))) HANSE_PRESERVE_NONE void hanse_handler_anchor(ENGINE_PARAMETERS);
#if defined(__PIC__) || defined(__PIE__)
inline uintptr_t handler_base() { return reinterpret_cast<uintptr_t>(&hanse_handler_anchor); }
#else
inline uintptr_t handler_base() { return 0; }
#endif

inline Handler handler_at(Ip ip) {
  // Breakpoints replace the word of a function's entry while others run it.
  uint32_t word = __atomic_load_n(ip, __ATOMIC_RELAXED);
  return reinterpret_cast<Handler>(handler_base() + static_cast<uintptr_t>(static_cast<int32_t>(word)));
}

// Continue with the instruction at `target`.
#define DISPATCH(target)                      \
  do {                                        \
    Ip target_ = (target);                    \
    TAIL_CALL_AT(handler_at(target_), target_); \
  } while (false)
// Continue with another handler function of the same shape; the process is at `target`.
#define TAIL_CALL_AT(function, target) HANSE_MUSTTAIL return function(p, (target), e, x, h, reds FLOAT_ARGUMENTS)
#define TAIL_CALL(function) TAIL_CALL_AT(function, ip)

#define SYNC()                                                \
  do {                                                        \
    p->heap.set_top_and_stack(h, reinterpret_cast<Word*>(e)); \
    p->reductions_left = reds;                                \
  } while (false)
#define RELOAD()               \
  do {                         \
    h = p->heap.top;           \
    reds = p->reductions_left; \
  } while (false)
// After a collection the stack has moved as well.
#define RELOAD_ALL()                                  \
  do {                                                \
    RELOAD();                                         \
    e = reinterpret_cast<Term*>(p->heap.stack_top()); \
  } while (false)

// Float registers lie behind the X registers of the thread.
inline RegisterFile& register_file(Term* x) { return *reinterpret_cast<RegisterFile*>(x); }
// offset: of the register, in bytes.
inline double& float_register(Term* x, intptr_t offset) {
  return *reinterpret_cast<double*>(reinterpret_cast<char*>(register_file(x).floats) + offset);
}

// --- endings; handlers tail-call these ---
// p->exception is set: find the handler, or end the process.
HANSE_PRESERVE_NONE void unwind(ENGINE_PARAMETERS);
// error:badarith and so on where ip stands.
HANSE_PRESERVE_NONE void raise_badarith(ENGINE_PARAMETERS);
HANSE_PRESERVE_NONE void raise_badarg_here(ENGINE_PARAMETERS);
HANSE_PRESERVE_NONE void raise_system_limit_here(ENGINE_PARAMETERS);
// The slice is over. p->live has been set to the number of live X registers; the process continues at ip.
HANSE_PRESERVE_NONE void end_slice_yielded(ENGINE_PARAMETERS);
HANSE_PRESERVE_NONE void end_slice_waiting(ENGINE_PARAMETERS);

// Stores error:reason in p->exception. SYNC first if reason was built in the heap.
void set_error(Process* p, Term reason);
// The same with {What, Value} as reason.
void set_error_pair(Process* p, Term what, Term value);
// With a list of arguments for the top stack frame.
void set_error_with_arguments(Process* p, Term reason, Term arguments);

// Room for need words above the top, with `live` X registers as roots. False: the process has been told to end (limit
// or memory); then tail-call unwind. Between SYNC and RELOAD_ALL.
[[nodiscard]] bool collect_garbage(Process* p, Term* x, size_t need, uint32_t live);
// The same at the start of a receive, where no register is in use and the next message has not been looked at.
[[nodiscard]] bool collect_before_message(Process* p, Term* x);

// A full collection that leaves a heap without room.
[[nodiscard]] bool collect_for_hibernation(Process* p, Term* x, uint32_t live);

// Words kept free below the stack, so that C++ and calls need not check.
inline constexpr size_t stack_slack = ProcessHeap::stack_slack;

#ifdef HANSE_GC_STRESS
inline constexpr bool collect_always = true;
#else
inline constexpr bool collect_always = false;
#endif

// Collects as the register file says, then runs the instruction at ip again.
HANSE_PRESERVE_NONE void collect_and_retry(ENGINE_PARAMETERS);

// At the start of a handler: make sure of `need` words with `live` X registers. Slow paths are functions of their own
// throughout the engine: a handler that calls nothing needs no stack frame.
#define ENSURE_HEAP(need, live)                                                                                \
  do {                                                                                                         \
    if (reinterpret_cast<Word*>(e) - h < static_cast<ptrdiff_t>((need) + stack_slack) ||                       \
        (collect_always && !register_file(x).collected)) [[unlikely]] {                                        \
      register_file(x).collect_need = (need);                                                                  \
      register_file(x).collect_live = (live);                                                                  \
      TAIL_CALL(collect_and_retry);                                                                            \
    }                                                                                                          \
    if constexpr (collect_always) register_file(x).collected = false;                                          \
  } while (false)

}  // namespace hanse
