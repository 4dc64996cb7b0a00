// Questions and orders to other processes, which travel as signals: is it alive, suspend, collect garbage, check code.
#include <algorithm>
#include <cstdio>

#include "bif/process_info.h"
#include "bif/process_reply.h"
#include "bif/tables.h"
#include "process/guest.h"
#include "process/machine.h"
#include "process/process_table.h"
#include "process/scheduler.h"
#include "process/signals.h"
#include "process/tasks.h"
#include "process/urgency.h"

namespace hanse {

// Asks the process whether it lives; the answer comes after all earlier signals have taken effect.
static void ask_alive(const Process& caller, Term pid, std::function<void(bool)> answer) {
  auto* signal = new ActionSignal;
  signal->action = [answer](Process&) { answer(true); };
  signal->gone = [answer] { answer(false); };
  deliver_signal(pid, signal);
  answer_is_urgent(pid, caller.priority);
}

// A process that neither runs nor is about to has dealt with every signal sent to it before.
static bool is_idle(const Process& process) {
  constexpr uint32_t busy = process_state::running | process_state::queued | process_state::signals | process_state::exited;
  return (process.state.load(std::memory_order_acquire) & busy) == 0 && process.inbox.empty();
}

// erlang:is_process_alive/1. Argument: local pid.
static Result erlang_is_process_alive_1(Call& call) {
  if (auto reply = take_reply(call)) return *reply;
  Term pid = call.args[0];
  if (!pid.is_local_pid()) return raise_badarg(call);
  if (pid == call.process.self) return am::true_;
  epoch::Guard guard;
  Process* process = find_process(pid);
  if (!process || !may_control(call.process, pid)) return am::false_;
  if (is_idle(*process)) return am::true_;
  uint64_t serial = expect_reply(call);
  ask_alive(call.process, pid, [caller = call.process.self, serial](bool alive) { send_reply(caller, serial, boolean(alive)); });
  return Result::wait();
}

// erts_internal:is_process_alive/2: ok; the answer comes as {Reference, Boolean}.
static Result erts_internal_is_process_alive_2(Call& call) {
  if (!call.args[0].is_local_pid() || !call.args[1].is_internal_reference()) return raise_badarg(call);
  if (!may_control(call.process, call.args[0])) {
    deliver(call.process.self, make_tuple(call.arena(), call.args[1], am::false_));
    return am::ok;
  }
  auto reference = std::make_shared<StoredTerm>(call.args[1]);
  ask_alive(call.process, call.args[0], [caller = call.process.self, reference](bool alive) {
    FragmentArena arena(8);
    deliver(caller, make_tuple(arena, reference->term(), boolean(alive)));
  });
  return am::ok;
}

// --- suspension ---

struct SuspendOptions {
  bool unless_suspending = false;
  bool asynchronous = false;
  Term reply_tag = Term::none();
};

static bool parse_suspend_options(Term list, SuspendOptions& options) {
  for (; list.is_cons(); list = list.as_cons()->tail) {
    Term option = list.as_cons()->head;
    if (option == am::unless_suspending) {
      options.unless_suspending = true;
    } else if (option == am::asynchronous) {
      options.asynchronous = true;
    } else if (is_tuple_of_arity(option, 2) && as_tuple(option)->elements[0] == am::asynchronous) {
      options.asynchronous = true;
      options.reply_tag = as_tuple(option)->elements[1];
    } else {
      return false;
    }
  }
  return list.is_nil();
}

// erts_internal:suspend_process/2: true, false (unless_suspending), or the atom that the caller raises.
static Result erts_internal_suspend_process_2(Call& call) {
  if (auto reply = take_reply(call)) {
    if (reply->is_term() && reply->term() == am::badarg) call.process.relations.forget_suspended(call.args[0]);
    return *reply;
  }
  Term pid = call.args[0];
  if (!pid.is_local_pid() || pid == call.process.self || !may_control(call.process, pid)) return am::badarg;
  SuspendOptions options;
  if (!parse_suspend_options(call.args[1], options)) return am::badopt;
  forget_ended_suspended(call.process);
  Suspension& suspension = call.process.relations.suspension(pid);
  bool is_first = suspension.count == 0;
  Term answer = boolean(is_first || !options.unless_suspending);
  if (answer == am::true_) {
    if (suspension.count == ~uint32_t{0}) return am::system_limit;
    suspension.count++;
  }
  bool is_known = false, is_at_rest = false;
  {
    epoch::Guard guard;
    Process* process = find_process(pid);
    is_known = process != nullptr;
    constexpr uint32_t busy = process_state::running | process_state::dirty | process_state::exited;
    is_at_rest = is_known && (process->state.load(std::memory_order_acquire) & busy) == 0 && process->inbox.empty();
  }
  if (is_first) {
    suspension.in_force = std::make_shared<std::atomic<bool>>(false);
    send_suspend(pid, [in_force = suspension.in_force] { in_force->store(true, std::memory_order_release); });
  }
  Term caller = call.process.self;
  if (!options.reply_tag.is_none()) {
    ask_alive(call.process, pid, [caller, tag = std::make_shared<StoredTerm>(options.reply_tag), is_known](bool alive) {
      FragmentArena arena(8);
      deliver(caller, make_tuple(arena, tag->term(), alive ? am::suspended : is_known ? am::exited : am::badarg));
    });
  }
  // Who does not run acts on it before it does: nobody is told of that as being under way.
  if (options.asynchronous ? !is_first || !is_at_rest : suspension.in_force->load(std::memory_order_acquire)) return answer;
  Term if_gone = options.asynchronous ? answer : am::badarg;
  uint64_t serial = expect_reply(call);
  ask_alive(call.process, pid, [caller, serial, answer, if_gone](bool alive) { send_reply(caller, serial, alive ? answer : if_gone); });
  return Result::wait();
}

static Result erts_internal_is_process_executing_dirty_1(Call& call) {
  if (!call.args[0].is_local_pid()) return raise_badarg(call);
  epoch::Guard guard;
  Process* process = may_control(call.process, call.args[0]) ? find_process(call.args[0]) : nullptr;
  return boolean(process && (process->state.load(std::memory_order_relaxed) & process_state::dirty) != 0);
}

static Result erlang_resume_process_1(Call& call) {
  Term pid = call.args[0];
  if (!pid.is_local_pid() || pid == call.process.self) return raise_badarg(call);
  forget_ended_suspended(call.process);
  Suspension& suspension = call.process.relations.suspension(pid);
  bool is_suspended = suspension.count > 0;
  if (!is_suspended || --suspension.count == 0) {
    call.process.relations.forget_suspended(pid);
    if (!is_suspended) return raise_badarg(call);
    send_resume(pid);
  }
  return am::true_;
}

// --- tasks between two slices ---

// Runs `task` on the caller itself, with its registers saved, and returns the atom that the task yields.
static Result run_on_self(Call& call, std::function<Term(Process&)> task) {
  if (auto reply = take_reply(call)) return *reply;
  uint64_t serial = expect_reply(call);
  Term caller = call.process.self;
  request_task(caller, [task = std::move(task), caller, serial](Process& process) { send_reply(caller, serial, task(process)); }, {});
  call.process.handle_signals();
  return Result::wait();
}


static Term collect_now(Process& process, CollectionKind kind) {
  (void)collect_process(process, kind);
  return am::true_;
}
static Term check_code_now(Process& process, Term module) {
  CodeUsage* usage = code_usage();
  return boolean(usage && usage->uses_old_code(process, module));
}

// erts_internal:garbage_collect/1. Argument: major, minor.
static Result erts_internal_garbage_collect_1(Call& call) {
  if (call.args[0] != am::major && call.args[0] != am::minor) return raise_badarg(call);
  CollectionKind kind = call.args[0] == am::major ? CollectionKind::full : CollectionKind::minor;
  return run_on_self(call, [kind](Process& process) { return collect_now(process, kind); });
}

// erts_internal:check_process_code/1: whether the caller still uses old code of the module.
static Result erts_internal_check_process_code_1(Call& call) {
  Term module = call.args[0];
  if (!module.is_atom()) return raise_badarg(call);
  return run_on_self(call, [module](Process& process) { return check_code_now(process, module); });
}

struct RequestedTask {
  std::function<Term(Process&)> work;
  bool moves_terms;
};

// The work of {Type, RequestId, Argument}; empty if it is none. OTP's tests ask for {system_task_test, RequestId}, which does
// nothing.
static RequestedTask parse_task(Term type, Term argument) {
  if (type == am::garbage_collect && (argument == am::major || argument == am::minor)) {
    CollectionKind kind = argument == am::major ? CollectionKind::full : CollectionKind::minor;
    return {[kind](Process& process) { return collect_now(process, kind); }, true};
  }
  if (type == am::check_process_code && argument.is_atom())
    return {[argument](Process& process) { return check_code_now(process, argument); }, false};
  if (type == am::system_task_test) return {[](Process&) { return am::true_; }, false};
  return {};
}

// Arguments: requester, pid, priority, {Type, RequestId, Argument}. ok; {Type, RequestId, Boolean} comes as a message.
static Result request_system_task(Call& call, Term requester, Term pid, Term priority, Term request) {
  static constexpr Term priorities[] = {am::max, am::high, am::normal, am::low, am::inherit};
  const Term* named = std::find(std::begin(priorities), std::end(priorities), priority);
  if (named == std::end(priorities) || !pid.is_local_pid() || !requester.is_local_pid() ||
      !(is_tuple_of_arity(request, 3) || is_tuple_of_arity(request, 2)))
    return raise_badarg(call);
  std::span<Term> parts = as_tuple(request)->span();
  auto task = parse_task(parts[0], parts.size() == 3 ? parts[2] : Term::none());

  if (!task.work) return raise_badarg(call);
  auto stored = std::make_shared<StoredTerm>(request);
  auto answer = [requester, stored](Term outcome) {
    Tuple* parts = as_tuple(stored->term());
    FragmentArena arena(8);
    deliver(requester, make_tuple(arena, parts->elements[0], parts->elements[1], outcome));
  };
  if (!may_control(call.process, pid) || !may_control(call.process, requester)) {
    answer(am::false_);
    return am::ok;
  }
  auto work = [does = task.work, answer](Process& process) { answer(does(process)); };
  (task.moves_terms ? request_task : request_look)(pid, work, [answer] { answer(am::false_); });
  answer_is_urgent(pid, priority == am::inherit ? call.process.priority : static_cast<Priority>(named - priorities));
  return am::ok;
}

static Result erts_internal_request_system_task_3(Call& call) {
  return request_system_task(call, call.process.self, call.args[0], call.args[1], call.args[2]);
}
static Result erts_internal_request_system_task_4(Call& call) {
  return request_system_task(call, call.args[0], call.args[1], call.args[2], call.args[3]);
}

// erts_internal:process_display/2: prints the stack to standard error.
static Result erts_internal_process_display_2(Call& call) {
  if (auto reply = take_reply(call)) return *reply;
  if (!call.args[0].is_local_pid()) return am::badarg;
  if (call.args[1] != am::backtrace) return am::badopt;
  if (call.process.machine.guest() != nullptr) return am::badarg;  // it has no standard error
  uint64_t serial = expect_reply(call);
  Term caller = call.process.self;
  request_look(
      call.args[0],
      [caller, serial](Process& process) {
        if (!process.sensitive) std::fputs(engine().backtrace(process).c_str(), stderr);
        send_reply(caller, serial, am::true_);
      },
      [caller, serial] { send_reply(caller, serial, am::badarg); });
  if (call.args[0] == caller) call.process.handle_signals();
  return Result::wait();
}

// --- reductions ---

static Result erlang_bump_reductions_1(Call& call) {
  Term count = call.args[0];
  if (!count.is_integer() || (count.is_small() && count.as_small() < 0) || count.is_boxed_kind(Boxed::negative_big)) return raise_badarg(call);
  int64_t amount = count.is_small() ? std::min(count.as_small(), slice_reductions) : slice_reductions;
  call.charge(static_cast<size_t>(amount));
  return am::true_;
}

class Yielded final : public ResumeState {
 public:
  static constexpr char kind_tag = 0;
  const void* kind() const override { return &kind_tag; }
};

// erlang:yield/0: gives up the rest of the slice.
static Result erlang_yield_0(Call& call) {
  auto& resume = call.process.resume;
  if (resume != nullptr && resume->kind() == &Yielded::kind_tag) {
    resume.reset();
    return am::true_;
  }
  resume = std::make_unique<Yielded>();
  return Result::yield();
}

static constexpr BifRow rows[] = {
    {"erlang", "is_process_alive", 1, erlang_is_process_alive_1, BifKind::plain, Authority::own_machine},
    {"erlang", "resume_process", 1, erlang_resume_process_1, BifKind::plain, Authority::own_machine},
    {"erlang", "bump_reductions", 1, erlang_bump_reductions_1, BifKind::plain, Authority::own_process},
    {"erlang", "yield", 0, erlang_yield_0, BifKind::plain, Authority::own_process},
    {"erts_internal", "is_process_alive", 2, erts_internal_is_process_alive_2, BifKind::plain, Authority::own_machine},
    {"erts_internal", "is_process_executing_dirty", 1, erts_internal_is_process_executing_dirty_1, BifKind::plain, Authority::own_machine},
    {"erts_internal", "suspend_process", 2, erts_internal_suspend_process_2, BifKind::plain, Authority::own_machine},
    {"erts_internal", "garbage_collect", 1, erts_internal_garbage_collect_1, BifKind::plain, Authority::own_process},
    {"erts_internal", "check_process_code", 1, erts_internal_check_process_code_1, BifKind::plain, Authority::own_process},
    {"erts_internal", "request_system_task", 3, erts_internal_request_system_task_3, BifKind::plain, Authority::own_machine},
    {"erts_internal", "request_system_task", 4, erts_internal_request_system_task_4, BifKind::plain, Authority::own_machine},
    {"erts_internal", "process_display", 2, erts_internal_process_display_2, BifKind::plain, Authority::own_machine},
};
const BifTable process_requests_bifs = rows;

}  // namespace hanse
