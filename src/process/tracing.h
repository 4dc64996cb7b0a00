// What is traced of processes and ports, and the messages that tell it (erlang:trace/3). Everything that can be traced tests
// Process::trace_flags; only if a bit is set are the functions below called.
//
// Flags may be changed by any thread at any time: they and the tracer are one immutable object, replaced as a whole under
// LockRank::trace and read under an epoch guard. A trace message is pushed to the tracer by the thread that runs the tracee,
// so that a tracer sees what one tracee did in order; a tracer module is called by it. A tracer that is gone turns the trace off
// when the next event finds out.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "base/ref.h"
#include "process/process.h"
#include "process/saved_calls.h"
#include "process/send.h"
#include "process/tracer.h"

namespace hanse {

// The bits of process_info(P, trace) in stock, and three of our own.
namespace trace_flag {
inline constexpr uint32_t timestamp = 1, strict_monotonic_timestamp = 2, monotonic_timestamp = 4;
inline constexpr uint32_t send = 16, receive = 32, set_on_spawn = 64, set_on_first_spawn = 128, set_on_link = 256,
                          set_on_first_link = 512, call = 1024, procs = 2048;
inline constexpr uint32_t running = 1 << 13, garbage_collection = 1 << 14, arity = 1 << 15, return_to = 1 << 16,
                          silent = 1 << 17, running_ports = 1 << 20, running_procs = 1 << 21, ports = 1 << 22,
                          scheduler_id = 1 << 23, exiting = 1 << 24;
inline constexpr uint32_t timestamps = timestamp | strict_monotonic_timestamp | monotonic_timestamp;
inline constexpr uint32_t all = 32763895;
// What ports know of.
inline constexpr uint32_t of_ports = timestamps | send | receive | ports | running_ports;
// The process has a token of sequential tracing.
inline constexpr uint32_t has_token = 1u << 29;
// Its stack holds, or held, a frame of a traced call.
inline constexpr uint32_t has_frames = 1u << 30;
// The instruction at ip has a breakpoint that has been told of already; it runs again.
inline constexpr uint32_t skip_breakpoint = 1u << 31;
// Its last calls are saved (saved_calls.h).
inline constexpr uint32_t saves_calls = 1u << 26;
// Messages carry their sender, for a pattern of 'receive' may ask for it.
inline constexpr uint32_t notes_sender = 1u << 27;
// Its time in functions is measured.
inline constexpr uint32_t measures_calls = 1u << 28;

inline constexpr uint32_t on_schedule = running | running_procs | exiting | measures_calls;
inline constexpr uint32_t on_spawn =
    procs | set_on_spawn | set_on_first_spawn | set_on_link | set_on_first_link | has_token | notes_sender;
}  // namespace trace_flag

// The time that a process spends in measured functions: where it is now. Supplied by the tracer of calls.
class CallClock {
 public:
  virtual ~CallClock() = default;
  virtual void scheduled_in() = 0;
  virtual void scheduled_out() = 0;
};

struct ProcessTrace {
  TraceSlot traced;
  // The rest belongs to the process. Sequential tracing: {Flags, Label, Serial, Sender, Previous} or [] in its heap.
  Term token = Term::nil();
  uint64_t clock = 0;
  uint64_t last_received = 0;
  std::unique_ptr<CallClock> call_clock;
  std::unique_ptr<SavedCalls> saved_calls;
};
ProcessTrace& trace_of(Process& process);  // made if need be; any thread

// --- settings ---
TraceSettings trace_settings(Process& process);
// Also makes the tracer known to be alive, or turns the trace off.
TraceSettings checked_trace_settings(Process& process);
enum class TraceChange : uint8_t { done, other_tracer };
// Adds or removes flags. tracer: to be used if flags are added to a process without one.
TraceChange change_trace(Process& process, uint32_t add, uint32_t remove, const Tracer& tracer);
void set_trace(Process& process, TraceSettings settings);

// Of processes and ports to be made.
struct NewTracing {
  TraceSettings processes, ports;
};
NewTracing new_tracing();
// Tests without a lock whether there is any.
extern std::atomic<bool> anything_new_is_traced;
void change_new_tracing(bool processes, bool ports, uint32_t add, uint32_t remove, const Tracer& tracer);
// cpu_timestamp: for the whole node.
extern std::atomic<bool> cpu_timestamps;

// --- events ---
using TraceWords = std::initializer_list<Term>;
// {trace, Tracee, Words...} to the tracer, with a time stamp if the flags say so; a module is asked before. False: there is no such tracer.
bool send_trace(const Tracer& tracer, uint32_t flags, Term tracee, TraceWords words);
// The same, if the tracer has been asked.
bool tell_tracer(const Tracer& tracer, uint32_t flags, Term tracee, TraceWords words);
// The same, if the process is traced and any of the flags is set.
void trace_event(Process& process, uint32_t flag, TraceWords words);
inline bool is_traced(const Process& process, uint32_t flag) {
  return (process.trace_flags.load(std::memory_order_relaxed) & flag) != 0;
}
#define TRACE_EVENT(process, flag, ...)                                                             \
  do {                                                                                              \
    if (is_traced((process), (flag))) [[unlikely]] trace_event((process), (flag), {__VA_ARGS__});   \
  } while (false)
// To the process with that pid, if it is there.
void trace_event(Term pid, uint32_t flag, TraceWords words);
// A process or a port gets a name, or loses it.
void trace_registration(Term holder, Term tag, Term name);

// What a tracer module is told besides (erl_tracer(3), trace_opts); none(): not told.
Term tracer_options(Arena& arena, uint32_t flags, Term extra, Term result);

// The time stamp that the flags ask for, or none().
Term trace_timestamp(Arena& arena, uint32_t flags);

// {Module, Function, Arity} of where a process is that does not run, or runs here.
Term current_function(Arena& arena, Process& process);

void trace_send(Process& process, Term to, Term message);
void trace_receive(Process& process, Message& message);
void trace_timeout(Process& process);  // of a receive
void trace_scheduled_in(Process& process);
void trace_scheduled_out(Process& process);
void trace_exited(Process& process);
void trace_spawn(Process& parent, Process& child, Term module, Term function, Term arguments, bool link);
void trace_collection(Process& process, Term when, size_t words);

// Patterns of send and 'receive': implemented above, set once by main.
class EventPatterns {
 public:
  virtual ~EventPatterns() = default;
  // False: not to be told. extra: a term to be added to the message, or none(); it lives in the arena.
  virtual bool matches_send(Process& process, Term to, Term message, Arena& arena, Term& extra) = 0;
  virtual bool matches_receive(Process& process, Term from, Term node, Term message, Arena& arena, Term& extra) = 0;
};
void set_event_patterns(EventPatterns* patterns);
// Whether the pattern of 'receive' looks at who sent a message: then messages of other nodes tell. Written with the pattern.
extern std::atomic<bool> receivers_ask_for_senders;

// --- calls; used by the engine ---
struct TracedFunction {
  Term module, function;
  uint32_t arity = 0;
};
// What is to be told when a traced function returns; kept in a frame on the stack.
namespace trace_frame {
inline constexpr uint32_t return_from = 1, exception_from = 2, meta_return_from = 4, meta_exception_from = 8, return_to = 16,
                          time = 32;
// A frame below, of the same tail calls, tells of return_to.
inline constexpr uint32_t return_to_below = 64;
}
struct TraceFrame {
  uint32_t kind = 0;  // 0: no frame
  Term tracer = Term::nil();  // of meta_*; a module's is a term of the process
};
class Breakpoint;
class CallTracer {
 public:
  virtual ~CallTracer() = default;
  // A function with a breakpoint is called. caller: a return address. outer: kind of the frame on top of the stack already.
  virtual TraceFrame called(Process& process, Breakpoint& breakpoint, const TracedFunction& function,
                            std::span<const Term> arguments, Ip caller, uint32_t outer) = 0;
  // to: the return address.
  virtual void returned(Process& process, const TraceFrame& frame, const TracedFunction& function, Term value, Ip to) = 0;
  virtual void raised(Process& process, const TraceFrame& frame, const TracedFunction& function, Term exception_class,
                      Term reason) = 0;
};
void set_call_tracer(CallTracer* tracer);
CallTracer& call_tracer();

}  // namespace hanse
