// erlang: spawn and relatives.
#include "bif/process_options.h"
#include "bif/tables.h"
#include "process/guest.h"
#include "process/machine.h"
#include "process/node_settings.h"
#include "process/process_table.h"
#include "process/send.h"
#include "process/seq_trace.h"
#include "process/spawn.h"
#include "process/tracing.h"

namespace hanse {

// given: the options as a term.
static Result spawn_with(Call& call, const SpawnOptions& options, Term given) {
  if (spawn_arity(call.args[0], call.args[1], call.args[2]) < 0) return raise_badarg(call);
  Spawned spawned;
  if (is_traced(call.process, trace_flag::has_token)) [[unlikely]] {
    TracedSpawn traced{given, am::spawn_reply, SpawnReplyEvent::returned};
    spawned = spawn_with_token(call.process, call.args[0], call.args[1], call.args[2], options, traced);
  } else {
    spawned = spawn(call.process, call.args[0], call.args[1], call.args[2], options);
  }
  if (spawned.pid.is_none()) return raise_system_limit(call);
  call.charge(64);
  return options.monitor ? make_tuple(call.arena(), spawned.pid, spawned.reference) : spawned.pid;
}

static SpawnOptions default_spawn_options() {
  SpawnOptions options;
  options.heap = default_heap_settings();
  options.message_queue_off_heap = node_settings().message_queue_off_heap;
  return options;
}

static Result erlang_spawn_3(Call& call) {
  SpawnOptions options = default_spawn_options();
  return spawn_with(call, options, Term::nil());
}

static Result erlang_spawn_link_3(Call& call) {
  SpawnOptions options = default_spawn_options();
  options.link = true;
  Term link[] = {am::link};
  return spawn_with(call, options, make_list(call.arena(), link));
}

static Result erlang_spawn_opt_4(Call& call) {
  SpawnOptions options;
  if (parse_spawn_options(call.args[3], options, nullptr) != OptionError::none) return raise_badarg(call, am::badopt);
  return spawn_with(call, options, call.args[3]);
}

// token: of sequential tracing, or none().
static void send_spawn_reply(Call& call, Term tag, Term reference, Term outcome, Term value, Term token = Term::none()) {
  Term message = make_tuple(call.arena(), tag, reference, outcome, value);
  if (token.is_none()) deliver(call.process.self, message);
  else deliver_message(call.process.self, message_with(token, message));
}

// erts_internal:spawn_request/4: a reference, or an atom that the caller raises. The reply comes as a message.
static Result erts_internal_spawn_request_4(Call& call) {
  Arena& arena = call.arena();
  if (spawn_arity(call.args[0], call.args[1], call.args[2]) < 0) return am::badarg;
  SpawnOptions options;
  SpawnReply reply;
  reply.tag = am::spawn_reply;
  OptionError error = parse_spawn_options(call.args[3], options, &reply);
  if (error == OptionError::not_a_list) return am::badopt;
  Term reason = am::badopt;
  if (error == OptionError::none) {
    bool has_token = is_traced(call.process, trace_flag::has_token);
    TracedSpawn traced{call.args[3], reply.tag, reply.on_success ? SpawnReplyEvent::message : SpawnReplyEvent::none};
    Spawned spawned = has_token ? spawn_with_token(call.process, call.args[0], call.args[1], call.args[2], options, traced)
                                : spawn(call.process, call.args[0], call.args[1], call.args[2], options);
    call.charge(64);
    if (!spawned.pid.is_none()) {
      Term reference = has_token ? traced.reference : spawned.reference.is_none() ? make_reference(arena) : spawned.reference;
      if (reply.on_success) send_spawn_reply(call, reply.tag, reference, am::ok, spawned.pid, traced.reply_token);
      return reference;
    }
    reason = am::system_limit;
  }
  Term reference = make_reference(arena);
  if (reply.on_error) send_spawn_reply(call, reply.tag, reference, am::error, reason);
  return reference;
}

static Result erts_internal_spawn_system_process_3(Call& call) {
  SpawnOptions options;
  options.heap = default_heap_settings();
  options.system_process = true;
  return spawn_with(call, options, Term::nil());
}

static Result erts_internal_is_system_process_1(Call& call) {
  if (!call.args[0].is_local_pid()) return raise_badarg(call);
  epoch::Guard guard;
  Process* process = may_control(call.process, call.args[0]) ? find_process(call.args[0]) : nullptr;
  return boolean(process && process->system_process);
}

// erlang:processes/0
static Result erlang_processes_0(Call& call) {
  std::vector<Term> pids = all_pids();
  std::erase_if(pids, [&](Term pid) {
    Process* process = find_process(pid);
    return !process || (call.process.machine.guest() != nullptr && &process->machine != &call.process.machine);
  });
  call.charge(pids.size() / 8);
  return make_list(call.arena(), pids);
}

static constexpr BifRow rows[] = {
    {"erlang", "spawn", 3, erlang_spawn_3, BifKind::plain, Authority::own_machine},
    {"erlang", "spawn_link", 3, erlang_spawn_link_3, BifKind::plain, Authority::own_machine},
    {"erlang", "spawn_opt", 4, erlang_spawn_opt_4, BifKind::plain, Authority::own_machine},
    {"erlang", "processes", 0, erlang_processes_0, BifKind::plain, Authority::own_machine},
    {"erts_internal", "spawn_request", 4, erts_internal_spawn_request_4, BifKind::plain, Authority::own_machine},
    {"erts_internal", "spawn_system_process", 3, erts_internal_spawn_system_process_3, BifKind::plain, Authority::host},
    {"erts_internal", "is_system_process", 1, erts_internal_is_system_process_1, BifKind::plain, Authority::own_machine},
};
const BifTable process_spawn_bifs = rows;

}  // namespace hanse
