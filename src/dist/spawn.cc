// Processes that one node asks another for (Distribution Protocol, "Protocol for processes spawned").
#include "bif/process_options.h"
#include "bif/tables.h"
#include "dist/control.h"
#include "dist/distribution.h"
#include "dist/incoming.h"
#include "process/machine.h"
#include "process/seq_trace.h"
#include "process/signals.h"
#include "process/tracing.h"
#include "term/build.h"
#include "term/copy.h"

namespace hanse {
namespace dist {

// --- asked by a local process ---

namespace {

struct Request {
  SpawnRequest record;
  std::vector<Term> remote_options;
  bool valid = true;  // false: badopt
};

bool parse_reply_option(Term value, SpawnRequest& record) {
  if (value != am::yes && value != am::no && value != am::success_only && value != am::error_only) return false;
  record.reply_on_success = value == am::yes || value == am::success_only;
  record.reply_on_error = value == am::yes || value == am::error_only;
  return true;
}

// What concerns this side is taken out, up to the first wrong option; the other node judges the rest. False: no proper list.
bool parse_options(Term list, bool with_reply, Request& request) {
  request.record.reply_tag.set(am::spawn_reply);
  for (; list.is_cons() && request.valid; list = list.as_cons()->tail) {
    Term option = list.as_cons()->head;
    Term key = is_tuple_of_arity(option, 2) ? as_tuple(option)->elements[0] : option;
    Term value = is_tuple_of_arity(option, 2) ? as_tuple(option)->elements[1] : Term::none();
    if (option == am::link) {
      request.record.link = true;
    } else if (key == am::monitor) {
      request.record.monitor = true;
      Term tag = Term::none();
      if (!value.is_none()) request.valid &= parse_monitor_options(value, request.record.alias, tag);
      if (!tag.is_none()) request.record.monitor_tag.set(tag);
    } else if (with_reply && key == am::reply_tag && !value.is_none()) {
      request.record.reply_tag.set(value);
    } else if (with_reply && key == am::reply && !value.is_none()) {
      request.valid &= parse_reply_option(value, request.record);
    } else {
      request.remote_options.push_back(option);
    }
  }
  if (request.record.link) request.remote_options.insert(request.remote_options.begin(), am::link);
  if (request.record.monitor) request.remote_options.insert(request.remote_options.begin(), am::monitor);
  return list.is_nil() || !request.valid;
}

// connection: of the request; 0 if it has failed, for the reason that is returned.
Term send_request(Call& call, Connection* connection, Term reference, SpawnRequest& record, const Request& request) {
  record.connection = 0;
  if (!connection || !connection->involve(call.process.self)) return am::noconnection;
  if (connection->state() == Connection::State::up && !connection->has(flag::spawn)) return am::notsup;
  record.connection = connection->id;
  std::span<Term> target = as_tuple(call.args[1])->span();
  Arena& arena = call.arena();
  Term arity = Term::small(spawn_arity(target[0], target[1], target[2]));
  Term function = make_tuple(arena, target[0], target[1], arity), options = make_list(arena, request.remote_options);
  Term self = call.process.self, leader = call.process.group_leader;
  size_t size;
  if (is_traced(call.process, trace_flag::has_token)) [[unlikely]] {
    Term token = seq_trace_remote_spawn(call.process, connection->node.name, {function, target[2], options, reference});
    ControlTuple control(Operation::spawn_request_tt, reference, self, leader, function, options, token);
    size = connection->transmit(self.word(), control.term(), target[2]);
  } else {
    ControlTuple control(Operation::spawn_request, reference, self, leader, function, options);
    size = connection->transmit(self.word(), control.term(), target[2]);
  }
  if (size == Connection::too_large) return am::system_limit;
  if (size == 0 && connection->state() == Connection::State::up) return am::notsup;  // it has come up meanwhile
  call.charge(64 + size / 64);
  return Term::none();
}

}  // namespace

// erts_internal:dist_spawn_request/4. Arguments: node, {M, F, A}, options, spawn_request or spawn_opt. The reference of the
// request ({Reference, IsMonitored} for spawn_opt), or badarg. The answer comes as a message.
static Result erts_internal_dist_spawn_request_4(Call& call) {
  Term node = call.args[0], target = call.args[1];
  bool plain = call.args[3] == am::spawn_request;
  if (!node.is_atom() || !is_tuple_of_arity(target, 3)) return am::badarg;
  std::span<Term> parts = as_tuple(target)->span();
  Request request;
  if (spawn_arity(parts[0], parts[1], parts[2]) < 0 || !parse_options(call.args[2], plain, request)) return am::badarg;
  Process& self = call.process;
  Ref<Connection> connection = request.valid ? connection_for_signal(RemoteNode::of(node)) : nullptr;
  if (connection && connection->delays(self.self)) return Result::wait();
  Arena& arena = call.arena();
  ReferenceNumber number = next_reference_number();
  bool has_pid = request.record.alias != AliasMode::none, monitored = request.record.monitor;
  Term reference = has_pid ? make_pid_reference(arena, number, self.self) : make_reference(arena, number);
  if (has_pid) self.relations.add_alias(number, request.record.alias);
  SpawnRequest& record = self.relations.add_spawn_request(number, std::move(request.record));
  Term failure = request.valid ? send_request(call, connection.get(), reference, record, request) : am::badopt;
  if (!failure.is_none()) fail_spawn_request(self, number, failure, Term::nil());
  return plain ? reference : make_tuple(arena, reference, boolean(monitored));
}

// erlang:spawn_request_abandon/1: false if the answer has come already.
static Result erlang_spawn_request_abandon_1(Call& call) {
  if (!call.args[0].is_reference()) return raise_badarg(call);
  if (!call.args[0].is_internal_reference()) return am::false_;
  Process& self = call.process;
  self.handle_signals();
  ReferenceNumber number = reference_number(call.args[0]);
  SpawnRequest* request = self.relations.find_spawn_request(number);
  if (!request || request->abandoned) return am::false_;
  request->abandoned = true;
  if (request->alias != AliasMode::none) self.relations.remove_alias(number);
  return am::true_;
}

namespace {

// The answer to a request.
struct SpawnReplySignal final : ControlSignal {
  SpawnReplySignal(Connection& origin, ReferenceNumber number, int64_t given_flags, Term outcome, Term trace_token)
      : connection(&origin), request(number), flags(given_flags), result(outcome), token(trace_token) {}
  Ref<Connection> connection;
  ReferenceNumber request;
  int64_t flags;
  StoredTerm result;
  StoredTerm token;

  void deliver(Process& receiver) override {
    SpawnRequest* record = receiver.relations.find_spawn_request(request);
    if (record && record->connection == connection->id) {
      if (!result.term().is_pid()) fail_spawn_request(receiver, request, result.term(), token.term());
      else if (record->abandoned) abandon(receiver);
      else succeed(receiver, *record);
    }
    delete this;
  }
  void undeliverable() override { delete this; }

 private:
  // Nobody waits for it any more; what it was started with goes.
  void abandon(Process& receiver) {
    Arena& arena = receiver.heap;
    Term self = receiver.self, child = result.term();
    if ((flags & spawn_reply_link) != 0)
      distribution_of_node().exit_link(self, child, am::abandoned, seq_token_of_exit(receiver, child, am::abandoned), connection->id);
    if ((flags & spawn_reply_monitor) != 0) {
      ControlTuple control(Operation::demonitor_p, self, child, make_reference(arena, request));
      connection->transmit(self.word(), control.term());
    }
    receiver.relations.remove_spawn_request(request);
  }

  void succeed(Process& receiver, SpawnRequest& record) {
    Arena& arena = receiver.heap;
    Term child = result.read(arena);
    bool has_pid = record.alias != AliasMode::none;
    if ((flags & spawn_reply_link) != 0) {
      receiver.relations.peer_links(child, connection->id);
      TRACE_EVENT(receiver, trace_flag::procs, am::link, child);
    }
    if ((flags & spawn_reply_monitor) != 0) {
      Monitor monitor;
      monitor.alias = record.alias;
      monitor.has_pid = has_pid;
      monitor.target.set(child);
      monitor.tag = std::move(record.monitor_tag);
      monitor.connection = connection->id;
      receiver.relations.add_monitor(request, std::move(monitor));
    }
    if (record.reply_on_success) {
      Term reference = has_pid ? make_pid_reference(arena, request, receiver.self) : make_reference(arena, request);
      append_own_message(receiver, make_tuple(arena, record.reply_tag.read(arena), reference, am::ok, child), token.term());
    }
    receiver.relations.remove_spawn_request(request);
  }
};

}  // namespace

const char* handle_spawn_reply(Connection& connection, std::span<const Term> parts, Term token) {
  Term reference = parts[1], to = parts[2], result = parts[4];
  if (!reference.is_reference() || !to.is_pid() || !parts[3].is_small() || !(result.is_pid() || result.is_atom()))
    return "an answer to a spawn request";
  if (!to.is_local_pid() || !reference.is_internal_reference()) return nullptr;
  deliver_signal(to, new SpawnReplySignal(connection, reference_number(reference), parts[3].as_small(), result, token));
  return nullptr;
}

// --- asked by a process of another node ---

const char* handle_spawn_request(Connection& connection, std::span<const Term> parts, const EncodedView& payload, Term token) {
  Term request = parts[1], from = parts[2], leader = parts[3], function = parts[4];
  if (!request.is_reference() || !from.is_boxed_kind(Boxed::external_pid) || !leader.is_pid() || payload.bytes.empty() ||
      from.as<ExternalPid>()->node()->name != connection.node.name || !is_tuple_of_arity(function, 3))
    return "a spawn request";
  std::span<Term> target = as_tuple(function)->span();
  if (!target[0].is_atom() || !target[1].is_atom() || !target[2].is_small() || target[2].as_small() < 0 || target[2].as_small() > 255)
    return "the function of a spawn request";

  // child: none() if there is none, for a reason.
  auto answer = [&](Term child, int64_t flags, Term reason) {
    Term sender = child.is_none() ? from : child, result = child.is_none() ? reason : child;
    if (token.is_none()) {
      ControlTuple control(Operation::spawn_reply, request, from, Term::small(flags), result);
      connection.transmit(sender.word(), control.term());
    } else {
      FragmentArena arena(64);
      Term reply = seq_trace_spawned(arena, token, from, leader, child, reason, {function, Term::nil(), parts[5], request});
      ControlTuple control(Operation::spawn_reply_tt, request, from, Term::small(flags), result, reply);
      connection.transmit(sender.word(), control.term());
    }
  };
  SpawnOptions options;
  SpawnReply ignored;
  if (parse_spawn_options(parts[5], options, &ignored) != OptionError::none) {
    answer(Term::none(), 0, am::badopt);
    return nullptr;
  }
  Signal* arguments = make_message_signal(connection, payload, {.token = token});
  if (arguments->is_message && static_cast<Message*>(arguments)->term.is_none()) {
    static_cast<UnreadableMessage*>(arguments)->found();
    arguments->undeliverable();
    return nullptr;
  }
  // The answer is first in the queue of what the new process sends.
  Term child = spawn_for_node(host_machine(), target[0], target[1], static_cast<uint32_t>(target[2].as_small()), options,
                              [&](Process& process) {
    process.parent = copy(process.heap, from);
    process.group_leader = copy(process.heap, leader);
    if (options.link || options.monitor) connection.involve(process.self);
    if (options.link) process.relations.peer_links(from, connection.id);
    if (options.monitor) {
      RemoteWatcher watcher;
      watcher.watcher.set(from);
      watcher.connection = connection.id;
      process.relations.add_remote_watcher(request, std::move(watcher));
    }
    process.inbox.push(arguments);
    answer(process.self, (options.link ? spawn_reply_link : 0) | (options.monitor ? spawn_reply_monitor : 0), Term::none());
  });
  if (!child.is_none()) {
    connection.tell_if_ended(child);
    return nullptr;
  }
  arguments->undeliverable();
  answer(Term::none(), 0, am::system_limit);
  return nullptr;
}

}  // namespace dist

static constexpr BifRow rows[] = {
    {"erlang", "spawn_request_abandon", 1, dist::erlang_spawn_request_abandon_1, BifKind::plain, Authority::own_machine},
    {"erts_internal", "dist_spawn_request", 4, dist::erts_internal_dist_spawn_request_4, BifKind::plain, Authority::host},
};
const BifTable dist_spawn_bifs = rows;

}  // namespace hanse
