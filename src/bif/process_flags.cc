// erlang:process_flag/2 and the group leader.
#include "bif/process_options.h"
#include "bif/tables.h"
#include "process/distribution.h"
#include "process/guest.h"
#include "process/machine.h"
#include "process/process_table.h"
#include "process/saved_calls.h"
#include "process/scheduler.h"
#include "process/signals.h"
#include "process/spawn.h"
#include "process/urgency.h"

namespace hanse {

static bool boolean_flag(Term value, bool& flag, Term& old) {
  if (value != am::true_ && value != am::false_) return false;
  old = boolean(flag);
  flag = value == am::true_;
  return true;
}

static bool number_flag(Arena& arena, Term value, uint32_t least, uint32_t& setting, Term& old) {
  uint32_t before = setting;
  if (!parse_heap_number(value, least, setting)) return false;
  old = make_unsigned(arena, before);
  return true;
}

static bool is_saved_calls_limit(Term value) { return value.is_small() && value.as_small() >= 0 && value.as_small() <= 10000; }
// The limit before. Calls of guests are not saved.
static Term change_saved_calls(Process& process, Term limit) {
  if (process.machine.guest() != nullptr) return Term::small(0);
  return Term::small(static_cast<int64_t>(set_saved_calls_limit(process, static_cast<size_t>(limit.as_small()))));
}

enum class FlagOutcome : uint8_t { done, bad_value, bad_flag };

static FlagOutcome set_heap_flag(Process& process, Term flag, Term value, Term& old) {
  HeapSettings& settings = process.heap.settings;
  bool valid;
  if (flag == am::min_heap_size) {
    valid = number_flag(process.heap, value, default_heap_settings().minimum_words, settings.minimum_words, old);
  } else if (flag == am::min_bin_vheap_size) {
    valid = number_flag(process.heap, value, default_heap_settings().minimum_binary_words, settings.minimum_binary_words, old);
  } else if (flag == am::max_heap_size) {
    HeapSettings changed = settings;
    valid = parse_max_heap_size(value, changed);
    if (valid) {
      old = max_heap_size_map(process.heap, settings);
      settings = changed;
    }
  } else if (flag == am::fullsweep_after) {
    valid = value.is_small() && value.as_small() >= 0;
    if (valid) {
      old = make_unsigned(process.heap, settings.full_sweep_after);
      settings.full_sweep_after = static_cast<uint32_t>(std::min<int64_t>(value.as_small(), 65535));
    }
  } else {
    return FlagOutcome::bad_flag;
  }
  return valid ? FlagOutcome::done : FlagOutcome::bad_value;
}

static FlagOutcome set_flag(Process& process, Term flag, Term value, Term& old) {
  bool valid = false;
  if (flag == am::trap_exit) {
    valid = boolean_flag(value, process.trap_exit, old);
  } else if (flag == am::error_handler) {
    old = process.error_handler;
    valid = value.is_atom();
    if (valid) process.error_handler = value;
  } else if (flag == am::priority) {
    old = priority_atom(process.priority);
    Priority wanted = process.priority;
    valid = parse_priority(value, wanted);
    std::atomic_ref(process.priority).store(wanted, std::memory_order_relaxed);  // see urgency.cc
  } else if (flag == am::message_queue_data) {
    old = process.message_queue_off_heap ? am::off_heap : am::on_heap;
    valid = value == am::off_heap || value == am::on_heap;
    if (valid) process.message_queue_off_heap = value == am::off_heap;
  } else if (flag == am::sensitive) {
    valid = boolean_flag(value, process.sensitive, old);
  } else if (flag == am::scheduler) {
    old = Term::small(0);
    valid = value.is_small() && value.as_small() >= 0 && value.as_small() <= static_cast<int64_t>(scheduler_options().schedulers);
  } else if (flag == am::save_calls) {
    valid = is_saved_calls_limit(value);
    if (valid) old = change_saved_calls(process, value);
  } else {
    return set_heap_flag(process, flag, value, old);
  }
  return valid ? FlagOutcome::done : FlagOutcome::bad_value;
}

static Result erlang_process_flag_2(Call& call) {
  Term old, flag = call.args[0];
  bool about_nodes = flag == am::monitor_nodes || (is_tuple_of_arity(flag, 2) && as_tuple(flag)->elements[0] == am::monitor_nodes);
  if (about_nodes && call.process.machine.guest() != nullptr) return raise_badarg(call);
  if (about_nodes) {
    if (NodeMonitoring* nodes = node_monitoring()) return nodes->set(call, flag, call.args[1]);
    if (call.args[1] != am::true_ && call.args[1] != am::false_) return raise_badarg(call);
    return Term::small(0);  // no node will ever come up
  }
  switch (set_flag(call.process, flag, call.args[1], old)) {
    case FlagOutcome::done: return old;
    case FlagOutcome::bad_value: return raise_badarg(call);
    case FlagOutcome::bad_flag: break;
  }
  return raise_badarg(call, am::badopt);
}

// erts_internal:process_flag/3: the value, an atom to raise, or a reference under which {Reference, Value} comes.
static Result erts_internal_process_flag_3(Call& call) {
  Term pid = call.args[0], flag = call.args[1], value = call.args[2];
  if (!pid.is_local_pid()) return am::badtype;
  bool valid = flag == am::save_calls && is_saved_calls_limit(value);
  if (pid == call.process.self) return valid ? change_saved_calls(call.process, value) : am::badarg;
  epoch::Guard guard;
  if (!find_process(pid) || !may_control(call.process, pid)) return am::badtype;
  ReferenceNumber number = next_reference_number();
  auto answer = [caller = call.process.self, number](Term outcome) {
    FragmentArena arena(8);
    Term message = make_tuple(arena, make_reference(arena, number), outcome);
    deliver(caller, message);
  };
  auto* signal = new ActionSignal;
  signal->action = [answer, valid, value](Process& process) { answer(valid ? change_saved_calls(process, value) : am::badarg); };
  signal->gone = [answer] { answer(am::badtype); };
  deliver_signal(pid, signal);
  return make_reference(call.arena(), number);
}

// --- group leader ---

static Result erlang_group_leader_0(Call& call) { return call.process.group_leader; }

static void change_group_leader(Call& call, Term leader, Term pid, std::function<void(Term)> done) {
  auto* signal = new ActionSignal;
  auto stored = std::make_shared<StoredTerm>(leader);
  signal->action = [stored, done](Process& process) {
    process.group_leader = stored->read(process.heap);
    done(am::true_);
  };
  signal->gone = [done] { done(am::badarg); };
  deliver_signal(pid, signal);
  answer_is_urgent(pid, call.process.priority);
}

// Arguments: the new leader, the process. true, the atom that the caller raises, or false: the process has to be asked with
// the function below.
static Result erts_internal_group_leader_2(Call& call) {
  Term leader = call.args[0], pid = call.args[1];
  if (!leader.is_pid() || !pid.is_pid() || !may_control(call.process, pid)) return am::badarg;
  if (!pid.is_local_pid()) {
    if (DistributionSignals* remote = distribution_signals()) remote->group_leader(call.process, leader, pid);
    return am::true_;
  }
  epoch::Guard guard;
  if (!find_process(pid)) return am::badarg;
  if (pid != call.process.self) return am::false_;
  call.process.group_leader = leader;
  return am::true_;
}

// The answer comes as {Reference, true | badarg}.
static Result erts_internal_group_leader_3(Call& call) {
  Term leader = call.args[0], pid = call.args[1], reference = call.args[2];
  if (!leader.is_pid() || !pid.is_local_pid() || !reference.is_internal_reference() || !may_control(call.process, pid)) return raise_badarg(call);
  auto stored = std::make_shared<StoredTerm>(reference);
  change_group_leader(call, leader, pid, [stored, caller = call.process.self](Term outcome) {
    FragmentArena arena(8);
    deliver(caller, make_tuple(arena, stored->term(), outcome));
  });
  return am::ok;
}

static constexpr BifRow rows[] = {
    {"erlang", "process_flag", 2, erlang_process_flag_2, BifKind::plain, Authority::own_process},
    {"erlang", "group_leader", 0, erlang_group_leader_0, BifKind::plain, Authority::own_process},
    {"erts_internal", "process_flag", 3, erts_internal_process_flag_3, BifKind::plain, Authority::own_machine},
    {"erts_internal", "group_leader", 2, erts_internal_group_leader_2, BifKind::plain, Authority::own_machine},
    {"erts_internal", "group_leader", 3, erts_internal_group_leader_3, BifKind::plain, Authority::own_machine},
};
const BifTable process_flags_bifs = rows;

}  // namespace hanse
