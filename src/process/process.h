// One Erlang process. Owned by the process table; touched by one thread at a time (the scheduler or dirty thread that runs
// it). Everybody else only sends it signals.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "heap/collector.h"
#include "process/dictionary.h"
#include "process/mailbox.h"
#include "process/relations.h"
#include "process/signal.h"
#include "term/atom.h"
#include "term/fun.h"

namespace hanse {

class Machine;
class SchedulerThread;
class ReceiveTimer;
struct ProcessTrace;

enum class ExceptionClass : uint8_t { error, exit, throw_ };
enum class Priority : uint8_t { max, high, normal, low };

// What the engine needs to unwind; set by raise*().
struct Exception {
  ExceptionClass exception_class = ExceptionClass::error;
  Term reason;
  Term arguments;   // list for the top stack frame, or none(): its arity
  const BifRow* bif = nullptr;  // the built-in function that raised, for the top frame and error_info
  Term cause;       // for error_info, or none()
  Term error_info;  // erlang:error/3: the map of {error_info, Map} in the top frame, or none()
  // Raw trace to raise again with, or none(): taken where it happens. A list was given by the guest (erlang:raise/3) and
  // is the finished stack trace, already checked: to be used as it is, cut to the backtrace depth.
  Term trace;
  // error:undef of a function that nobody can load: module and function of the top frame.
  Term undefined_module;
  Term undefined_function;
};

// State of a built-in function that yielded. Terms in it are visited as roots.
class ResumeState : public RootSet {
 public:
  virtual ~ResumeState() = default;
  void visit_roots(RootVisitor&) override {}
  // The address of a static of the class, for functions that may be called again with somebody else's state.
  virtual const void* kind() const { return nullptr; }
};

struct SpawnOptions {
  bool link = false;
  bool monitor = false;
  AliasMode alias = AliasMode::none;  // of the monitor's reference
  Term tag = Term::none();            // of the monitor's message, or none(): 'DOWN'
  Priority priority = Priority::normal;
  HeapSettings heap;
  bool message_queue_off_heap = false;
  bool system_process = false;
};

// Bits of Process::state; the transitions are in scheduler.cc.
namespace process_state {
inline constexpr uint32_t active = 1;      // guest code wants to run
inline constexpr uint32_t signals = 2;     // the inbox may hold something
inline constexpr uint32_t timeout = 4;     // the receive timer has fired
inline constexpr uint32_t running = 8;     // a thread runs it
inline constexpr uint32_t queued = 16;     // in a run queue
inline constexpr uint32_t suspended = 32;
inline constexpr uint32_t exited = 64;
inline constexpr uint32_t dirty = 128;     // on its way to a dirty pool, or there
inline constexpr uint32_t exiting = 256;   // what it owns is being freed: it must not be given anything any more
}  // namespace process_state

class Process final : public RootSet {
 public:
  Process(Machine& machine, Term self, const SpawnOptions& options);
  ~Process();

 private:
  // Its machine outlives all other members.
  struct MachineHold {
    explicit MachineHold(Machine& machine);
    ~MachineHold();
    Machine& machine;
  } hold_;

 public:
  // --- what the engine touches ---
  ProcessHeap heap;
  Ip ip = nullptr;               // where to continue
  int64_t reductions_left = 0;   // in this slice; the engine holds it in a register while guest code runs
  Term* x = nullptr;             // X registers of the thread that runs it; valid while it runs
  uint32_t live = 0;             // number of X registers saved below while it does not run
  // trace_flag bits (tracing.h): all that must be looked at where something may be traced. Written by whoever changes them.
  std::atomic<uint32_t> trace_flags{0};
  Mailbox mailbox;
  Exception exception;
  Export* trap_target = nullptr;
  std::unique_ptr<ResumeState> resume;

  void charge(size_t reductions) { reductions_left -= static_cast<int64_t>(reductions); }
  // Copies the first `count` X registers into the process, and back into `registers`.
  void save_registers(const Term* registers, uint32_t count);
  void load_registers(Term* registers) const;

  // --- identity and settings ---
  Machine& machine;
  const Term self;               // local pid
  Term parent = am::undefined;   // pid or undefined
  // The function it started with.
  Term initial_module = am::undefined, initial_function = am::undefined;
  uint32_t initial_arity = 0;
  Term group_leader;             // local pid, or a term in this heap
  Term registered_name = Term::none();  // atom while registered; written under LockRank::registry
  Term error_handler = am::error_handler;
  Priority priority;
  bool trap_exit = false;
  bool sensitive = false;
  bool system_process = false;
  bool message_queue_off_heap = false;
  size_t charged_bytes = 0;      // to a guest, besides its heap; guest.h
  bool owns_machines = false;    // or code realms; machine/
  uint64_t reductions_total = 0;  // of finished slices
  std::atomic<uint32_t> suspend_count{0};
  std::atomic<ProcessTrace*> trace{nullptr};  // made when first needed; see tracing.h
  Dictionary dictionary;
  Relations relations;           // links, monitors, aliases

  // --- state, written by whoever holds the transition (see scheduler.cc) ---
  std::atomic<uint32_t> state{0};
  Process* run_queue_next = nullptr;
  Process *machine_next = nullptr, *machine_previous = nullptr;  // of a guest's; guest.h
  SchedulerThread* home = nullptr;  // where it ran last
  SignalInbox inbox;

  // Asks the process to exit at the next safepoint: set by exit signals, acted on by the scheduler.
  Term pending_exit = Term::none();
  bool interrupt = false;   // the scheduler has something to do between slices: exit, tasks, suspension
  bool slice_active = false;  // guest code wanted to run before the signals of this slice were handled
  bool activated = false;   // handle_signals() saw something that guest code waits for
  bool timed_out = false;   // the receive timeout is over; cleared by cancel_receive_timeout()
  // Work to be done between slices, see request_task(). Lazily made.
  std::unique_ptr<std::vector<std::function<void(Process&)>>> tasks;
  ReceiveTimer* receive_timer = nullptr;  // lazily made; see timer_service.h

  // Takes waiting signals into the mailbox and lets the others take effect. Returns how many. Runs on its own thread.
  // Afterwards: if `interrupt` is set, the engine soon returns to the scheduler.
  size_t handle_signals();
  // On its own thread.
  void append_message(Message& message);

  void visit_roots(RootVisitor& visitor) override;

  // X registers while not running.
  std::span<Term> saved_registers() { return {saved_, live}; }

 private:
  static constexpr uint32_t inline_registers = 6;
  Term inline_saved_[inline_registers];
  Term* saved_ = inline_saved_;
  uint32_t saved_capacity_ = inline_registers;
};

}  // namespace hanse
