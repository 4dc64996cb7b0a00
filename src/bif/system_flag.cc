// erlang:system_flag/2: settings of the node. Each returns the old value.
#include <algorithm>

#include "bif/cpu_topology.h"
#include "bif/process_options.h"
#include "bif/system_values.h"
#include "bif/tables.h"
#include "heap/heap_sizes.h"
#include "process/call.h"
#include "process/machine.h"
#include "process/microstates.h"
#include "process/node_settings.h"
#include "process/run_queues.h"
#include "process/scheduler.h"
#include "process/scheduling_block.h"
#include "process/seq_trace.h"
#include "process/spawn.h"
#include "process/time_offset.h"
#include "process/tracing.h"
#include "term/map.h"

namespace hanse {
namespace {

// A small integer from minimum to maximum.
bool in_range(Term value, int64_t minimum, int64_t maximum) {
  return value.is_small() && value.as_small() >= minimum && value.as_small() <= maximum;
}

template <class T>
Result set_number(Call& call, std::atomic<T>& setting, int64_t minimum, int64_t maximum) {
  if (!in_range(call.args[1], minimum, maximum)) return raise_badarg(call);
  return Term::small(static_cast<int64_t>(setting.exchange(static_cast<T>(call.args[1].as_small()))));
}

// More than 64 is taken for 64.
Result set_backtrace_depth(Call& call) {
  if (!in_range(call.args[1], 0, Term::small_max)) return raise_badarg(call);
  return Term::small(node_settings().backtrace_depth.exchange(static_cast<int>(std::min<int64_t>(call.args[1].as_small(), 64))));
}

Result set_fullsweep_after(Call& call) {
  if (!in_range(call.args[1], 0, 65535)) return raise_badarg(call);
  HeapSettings settings = default_heap_settings();
  Term old = Term::small(settings.full_sweep_after);
  settings.full_sweep_after = static_cast<uint32_t>(call.args[1].as_small());
  set_default_heap_settings(settings);
  return old;
}

// Heap sizes are rounded up to one that heaps can have.
Result set_heap_words(Call& call, uint32_t HeapSettings::*field) {
  if (!in_range(call.args[1], 0, int64_t{1} << 30)) return raise_badarg(call);
  HeapSettings settings = default_heap_settings();
  Term old = Term::small(settings.*field);
  settings.*field = static_cast<uint32_t>(next_heap_size(static_cast<size_t>(call.args[1].as_small())));
  set_default_heap_settings(settings);
  return old;
}
Result set_min_heap_size(Call& call) { return set_heap_words(call, &HeapSettings::minimum_words); }
Result set_min_bin_vheap_size(Call& call) { return set_heap_words(call, &HeapSettings::minimum_binary_words); }
Result set_outstanding_requests(Call& call) {
  return set_number(call, node_settings().outstanding_system_requests, 1, (int64_t{1} << 27) - 1);
}

// A size, or #{size, kill, error_logger}.
Result set_max_heap_size(Call& call) {
  HeapSettings settings = default_heap_settings();
  Term old = system_max_heap_size(call.arena());
  if (!parse_max_heap_size(call.args[1], settings)) return raise_badarg(call);
  set_default_heap_settings(settings);
  return old;
}

Result set_schedulers_online(Call& call) {
  if (!in_range(call.args[1], 1, scheduler_options().schedulers)) return raise_badarg(call);
  Term old = Term::small(online_schedulers());
  set_online_schedulers(static_cast<unsigned>(call.args[1].as_small()));
  return old;
}

Result set_dirty_cpu_schedulers_online(Call& call) {
  if (!in_range(call.args[1], 1, std::min(scheduler_options().dirty_cpu, online_schedulers()))) return raise_badarg(call);
  Term old = Term::small(online_dirty_cpu());
  set_online_dirty_cpu(static_cast<unsigned>(call.args[1].as_small()));
  return old;
}

// The emulator's log messages go to a process, to `logger`, or nowhere.
Result set_system_logger(Call& call) {
  Term logger = call.args[1];
  if (logger != am::logger && logger != am::undefined && !logger.is_local_pid()) return raise_badarg(call);
  Term old = system_logger();
  set_system_logger(logger);
  return old;
}

Result set_trace_control_word(Call& call) {
  if (!in_range(call.args[1], 0, 0xffffffff)) return raise_badarg(call);
  return Term::small(static_cast<int64_t>(node_settings().trace_control_word.exchange(static_cast<Word>(call.args[1].as_small()))));
}

Result set_time_offset(Call& call) {
  if (call.args[1] != am::finalize) return raise_badarg(call, am::badopt);
  return time_offset_atom(finalize_time_offset());
}

// A process that blocks waits until it is alone. `resume` says that this call has counted already.
class BlockedCall final : public ResumeState {};

Result set_multi_scheduling(Call& call) {
  Term how = call.args[1];
  bool blocks = how == make_atom("block") || how == make_atom("block_normal");
  BlockKind kind = how == make_atom("block") || how == am::unblock ? BlockKind::all : BlockKind::normal;
  if (!blocks && how != am::unblock && how != am::unblock_normal) return raise_badarg(call);
  if (scheduler_options().schedulers == 1) return am::disabled;
  if (!blocks) {
    unblock_scheduling(call.process, kind);
  } else {
    if (!call.process.resume) {
      block_scheduling(call.process, kind);
      call.process.resume = std::make_unique<BlockedCall>();
    }
    if (!scheduling_block_holds()) return Result::yield();
    call.process.resume.reset();
  }
  return multi_scheduling_state();
}
// kernel_refc counts how often each process has asked for it, and calls erts_internal:scheduler_wall_time/1.
Result set_scheduler_wall_time(Call& call) {
  if (call.args[1] != am::true_ && call.args[1] != am::false_) return raise_badarg(call);
  call.args[0] = call.args[1];
  call.process.trap_target = call.process.machine.realm.export_for(am::erts_internal, make_atom("system_flag_scheduler_wall_time"), 1);
  return Result::trap();
}
Result set_microstate_accounting(Call& call) {
  Term how = call.args[1];
  if (how == am::true_ || how == am::false_) return boolean(measure_microstates(how == am::true_));
  if (how != am::reset) return raise_badarg(call);
  reset_microstates();
  return boolean(microstates_are_measured());
}
// false, a process, a port, {Module, State}, or {erl_tracer, process or port}.
Result set_sequential_tracer(Call& call) {
  Term whom = call.args[1];
  if (is_tuple_of_arity(whom, 2)) {
    Term* parts = as_tuple(whom)->elements;
    if (parts[0] == am::erl_tracer) whom = parts[1];
    else if (!parts[0].is_atom() || !tracer_modules().is_tracer(parts[0])) return raise_badarg(call);
  } else if (whom.is_pointer()) {
    return raise_badarg(call);
  }
  Tracer tracer = whom == am::false_ ? Tracer() : Tracer(whom);
  if (!tracer.is_none() && !tracer_is_alive(tracer)) return raise_badarg(call);
  return seq_tracer_term(call.arena(), set_seq_tracer(tracer));
}
Result reset_sequential_trace(Call& call) {
  if (call.args[1] != am::true_) return raise_badarg(call);
  reset_seq_trace();
  call.process.handle_signals();  // a token that the caller sets next stays
  return am::true_;
}

struct Flag {
  Term name;
  Result (*set)(Call&);
};
constexpr Flag flags[] = {
    {am::system_logger, set_system_logger},
    {am::backtrace_depth, set_backtrace_depth},
    {am::cpu_topology, set_cpu_topology},
    {am::dirty_cpu_schedulers_online, set_dirty_cpu_schedulers_online},
    {am::fullsweep_after, set_fullsweep_after},
    {am::max_heap_size, set_max_heap_size},
    {am::microstate_accounting, set_microstate_accounting},
    {am::min_bin_vheap_size, set_min_bin_vheap_size},
    {am::min_heap_size, set_min_heap_size},
    {am::multi_scheduling, set_multi_scheduling},
    {am::outstanding_system_requests_limit, set_outstanding_requests},
    {am::reset_seq_trace, reset_sequential_trace},
    {am::scheduler_bind_type, set_bind_type},
    {am::scheduler_wall_time, set_scheduler_wall_time},
    {am::schedulers_online, set_schedulers_online},
    {am::sequential_tracer, set_sequential_tracer},
    {am::time_offset, set_time_offset},
    {am::trace_control_word, set_trace_control_word},
};

Result erlang_system_flag_2(Call& call) {
  for (const Flag& flag : flags)
    if (flag.name == call.args[0]) return flag.set(call);
  return raise_badarg(call, am::badopt);
}

constexpr BifRow rows[] = {
    {"erlang", "system_flag", 2, erlang_system_flag_2, BifKind::plain, Authority::host},
};

}  // namespace
const BifTable system_flag_bifs = rows;

}  // namespace hanse
