#include "dist/incoming.h"

#include <memory>

#include "base/epoch.h"
#include "dist/control.h"
#include "dist/remote_signals.h"
#include "process/machine.h"
#include "process/process_table.h"
#include "process/send.h"
#include "process/seq_trace.h"
#include "process/tracing.h"
#include "term/big.h"
#include "term/copy.h"
#include "term/identifiers.h"

namespace hanse::dist {

// Larger payloads are decoded by their receivers, each on its own thread, while the next frames come in.
static constexpr size_t decode_here_bytes = 1024;

static constexpr const char* a_token = "a token of sequential tracing";

static Message* message_of(Term term, FragmentArena& arena, const MessageOrigin& origin) {
  Message* message;
  bool tells_sender = receivers_ask_for_senders.load(std::memory_order_relaxed);
  if (origin.token.is_none() && !tells_sender) {
    message = Message::adopt(term, arena.take());
  } else {
    auto* tagged = new_tagged_message();
    tagged->term = term;
    if (!origin.token.is_none()) tagged->token = copy(arena, origin.token);
    if (tells_sender && !origin.sender.is_none()) tagged->sender = copy(arena, origin.sender);
    tagged->fragment = arena.take();
    message = tagged;
  }
  message->from_process = true;
  return message;
}

namespace {

// Bytes that are no term end the connection that they came over when the receiver looks at the message, as on stock.
struct BadMessage final : UnreadableMessage {
  BadMessage(Connection& origin, const char* reason) : connection(&origin), expected(reason) { from_process = true; }
  Ref<Connection> connection;
  const char* expected;
  void found() override { connection->fail(expected); }
};

}  // namespace

static Message* decode_message(Connection& connection, const EncodedView& payload, const MessageOrigin& origin) {
  FragmentArena arena(words_expected(payload.bytes.size()));
  const char* expected = nullptr;
  Term term = decode_view(connection, arena, payload, &expected);
  if (term.is_none()) return new BadMessage(connection, expected);
  return message_of(term, arena, origin);
}

namespace {

// A message that its receiver decodes.
struct RemoteMessage final : ControlSignal {
  RemoteMessage(Connection& connection, const EncodedView& payload, const MessageOrigin& origin)
      : content(connection, payload), token(origin.token), sender(origin.sender) {}
  EncodedTerm content;
  StoredTerm token, sender;
  bool to_alias = false;
  ReferenceNumber alias{};

  void deliver(Process& receiver) override {
    FragmentArena arena(words_expected(content.size()));
    receiver.charge(content.size() / 64);
    const char* expected = nullptr;
    Term term = content.decode(arena, expected);
    Message* message = term.is_none() ? new BadMessage(content.connection(), expected) : message_of(term, arena, {token.term(), sender.term()});
    if (to_alias) {
      auto* signal = new AliasMessageSignal;
      signal->alias = alias;
      signal->message = message;
      signal->deliver(receiver);
    } else {
      message->deliver(receiver);
    }
    delete this;
  }
  void undeliverable() override { delete this; }
};

}  // namespace

Signal* make_message_signal(Connection& connection, const EncodedView& payload, const MessageOrigin& origin) {
  if (payload.bytes.size() <= decode_here_bytes) return decode_message(connection, payload, origin);
  return new RemoteMessage(connection, payload, origin);
}

// --- messages ---

static const char* send_to(Connection& connection, Term to, const EncodedView& payload, const MessageOrigin& origin) {
  if (payload.bytes.empty()) return "a message";
  if (!to.is_local_pid()) return nullptr;
  deliver_signal(to, make_message_signal(connection, payload, origin));
  return nullptr;
}

static const char* send_to_name(Connection& connection, Term name, const EncodedView& payload, const MessageOrigin& origin) {
  if (!name.is_atom()) return "the name of a process";
  return send_to(connection, host_machine().registry.find(name), payload, origin);
}

static const char* send_to_alias(Connection& connection, Term alias, const EncodedView& payload, const MessageOrigin& origin) {
  if (!alias.is_reference()) return "an alias";
  if (payload.bytes.empty()) return "a message";
  if (!alias.is_boxed_kind(Boxed::reference) || !alias.as<Reference>()->has_pid()) return nullptr;
  Term to = Term::pid(alias.as<Reference>()->pid_number);
  if (payload.bytes.size() > decode_here_bytes) {
    auto* signal = new RemoteMessage(connection, payload, origin);
    signal->to_alias = true;
    signal->alias = reference_number(alias);
    deliver_signal(to, signal);
  } else {
    auto* signal = new AliasMessageSignal;
    signal->alias = reference_number(alias);
    signal->message = decode_message(connection, payload, origin);
    deliver_signal(to, signal);
  }
  return nullptr;
}

// --- links and exits ---

static bool is_of_peer(Connection& connection, Term pid) {
  return pid.is_boxed_kind(Boxed::external_pid) && pid.as<ExternalPid>()->node()->name == connection.node.name;
}

static const char* link_to(Connection& connection, Term from, Term to) {
  if (!is_of_peer(connection, from) || !to.is_pid()) return "pids of a link";
  auto* signal = new RemoteLink(connection, from, to);
  if (!to.is_local_pid()) {
    signal->undeliverable();
    return nullptr;
  }
  connection.involve(to);
  deliver_signal(to, signal);
  connection.tell_if_ended(to);
  return nullptr;
}

static const char* unlink(Connection& connection, uint64_t id, Term from, Term to) {
  if (!is_of_peer(connection, from) || !to.is_pid()) return "pids of a link";
  auto* signal = new RemoteUnlink(connection, from, to, id);
  if (to.is_local_pid()) deliver_signal(to, signal);
  else signal->undeliverable();
  return nullptr;
}

static const char* unlink_acknowledged(uint64_t id, Term from, Term to) {
  if (!from.is_pid() || !to.is_pid()) return "pids of a link";
  if (!to.is_local_pid()) return nullptr;
  auto* signal = new UnlinkAckSignal;
  signal->from.set(from);
  signal->id = id;
  deliver_signal(to, signal);
  return nullptr;
}

static const char* exit_to(Term from, Term to, Term reason, ExitKind kind, Term token = Term::none()) {
  if (!from.is_pid() || !to.is_pid()) return "pids of an exit";
  if (!token.is_none() && !is_seq_token(token)) return a_token;
  if (to.is_local_pid()) send_exit_signal(from, to, reason, kind, token);
  return nullptr;
}

// --- monitors ---

static const char* monitor(Connection& connection, Term from, Term to, Term reference) {
  if (!is_of_peer(connection, from) || !reference.is_reference() || !(to.is_pid() || to.is_atom())) return "a monitor";
  Term name = to.is_atom() ? to : Term::none();
  Term pid = to.is_atom() ? host_machine().registry.find(to) : to;
  auto* signal = new RemoteMonitor(connection, from, name, to, reference);
  if (!pid.is_local_pid()) {
    signal->undeliverable();
    return nullptr;
  }
  connection.involve(pid);
  deliver_signal(pid, signal);
  connection.tell_if_ended(pid);
  return nullptr;
}

static const char* demonitor(Term from, Term to, Term reference) {
  if (!from.is_pid() || !reference.is_reference() || !(to.is_pid() || to.is_atom())) return "a monitor";
  if (to.is_atom()) to = host_machine().registry.find(to);
  if (to.is_local_pid()) deliver_signal(to, new RemoteDemonitor(reference));
  return nullptr;
}

static const char* down(Term from, Term to, Term reference, Term reason) {
  if (!(from.is_pid() || from.is_atom()) || !to.is_pid() || !reference.is_reference()) return "the end of a monitor";
  if (to.is_local_pid() && reference.is_internal_reference()) send_down_signal(to, reference_number(reference), reason);
  return nullptr;
}

static const char* set_group_leader(Term leader, Term to) {
  if (!leader.is_pid() || !to.is_pid()) return "pids of a group leader";
  if (!to.is_local_pid()) return nullptr;
  auto* signal = new ActionSignal;
  auto stored = std::make_shared<StoredTerm>(leader);
  signal->action = [stored](Process& process) { process.group_leader = stored->read(process.heap); };
  deliver_signal(to, signal);
  return nullptr;
}

// --- all of them ---

static size_t arity_of(Operation operation) {
  switch (operation) {
    case Operation::node_link: return 1;
    case Operation::link: case Operation::send: case Operation::unlink: case Operation::group_leader:
    case Operation::send_sender: case Operation::payload_exit: case Operation::payload_exit2: case Operation::alias_send:
      return 3;
    case Operation::exit: case Operation::reg_send: case Operation::exit2: case Operation::send_tt: case Operation::monitor_p:
    case Operation::demonitor_p: case Operation::send_sender_tt: case Operation::payload_exit_tt:
    case Operation::payload_exit2_tt: case Operation::payload_monitor_p_exit: case Operation::alias_send_tt:
    case Operation::unlink_id: case Operation::unlink_id_ack:
      return 4;
    case Operation::exit_tt: case Operation::reg_send_tt: case Operation::exit2_tt: case Operation::monitor_p_exit:
    case Operation::spawn_reply:
      return 5;
    case Operation::spawn_request: case Operation::spawn_reply_tt: return 6;
    case Operation::spawn_request_tt: return 7;
  }
  return 0;
}

// Exits and the like whose reason is the payload.
static const char* with_reason(Connection& connection, Operation operation, std::span<const Term> parts, const EncodedView& payload) {
  if (payload.bytes.empty()) return "a reason";
  FragmentArena arena(words_expected(payload.bytes.size()));
  Term reason = decode_view(connection, arena, payload);
  if (reason.is_none()) return nullptr;
  switch (operation) {
    case Operation::payload_exit: return exit_to(parts[1], parts[2], reason, ExitKind::link);
    case Operation::payload_exit_tt: return exit_to(parts[1], parts[2], reason, ExitKind::link, parts[3]);
    case Operation::payload_exit2: return exit_to(parts[1], parts[2], reason, ExitKind::direct);
    case Operation::payload_exit2_tt: return exit_to(parts[1], parts[2], reason, ExitKind::direct, parts[3]);
    default: return down(parts[1], parts[2], parts[3], reason);
  }
}

// Who sent it; operations without a sender tell of the node alone.
static MessageOrigin origin_of(Connection& connection, Operation operation, std::span<const Term> parts, Term token) {
  bool anonymous = operation == Operation::send || operation == Operation::send_tt;
  return {.token = token, .sender = anonymous ? connection.node.name : parts[1]};
}

// Messages that go with a token of sequential tracing, their last element.
static const char* with_token(Connection& connection, Operation operation, std::span<const Term> parts, const EncodedView& payload) {
  Term token = parts.back();
  if (!is_seq_token(token)) return a_token;
  if (operation != Operation::send_tt && !parts[1].is_pid()) return "the pid of the sender";
  MessageOrigin origin = origin_of(connection, operation, parts, token);
  if (operation == Operation::reg_send_tt) return send_to_name(connection, parts[3], payload, origin);
  if (operation == Operation::alias_send_tt) return send_to_alias(connection, parts[2], payload, origin);
  return parts[2].is_pid() ? send_to(connection, parts[2], payload, origin) : "a pid";
}

static const char* without_token(Connection& connection, Operation operation, std::span<const Term> parts, const EncodedView& payload) {
  if (operation != Operation::send && !parts[1].is_pid()) return "the pid of the sender";
  MessageOrigin origin = origin_of(connection, operation, parts, Term::none());
  if (operation == Operation::reg_send) return send_to_name(connection, parts[3], payload, origin);
  if (operation == Operation::alias_send) return send_to_alias(connection, parts[2], payload, origin);
  return parts[2].is_pid() ? send_to(connection, parts[2], payload, origin) : "a pid";
}

static const char* handle(Connection& connection, Operation operation, std::span<const Term> parts, const EncodedView& payload) {
  Term none = Term::none();
  switch (operation) {
    case Operation::link: return link_to(connection, parts[1], parts[2]);
    case Operation::send: case Operation::send_sender: case Operation::reg_send: case Operation::alias_send:
      return without_token(connection, operation, parts, payload);
    case Operation::send_tt: case Operation::send_sender_tt: case Operation::reg_send_tt: case Operation::alias_send_tt:
      return with_token(connection, operation, parts, payload);
    case Operation::exit: return exit_to(parts[1], parts[2], parts[3], ExitKind::link);
    case Operation::exit_tt: return exit_to(parts[1], parts[2], parts[4], ExitKind::link, parts[3]);
    case Operation::exit2: return exit_to(parts[1], parts[2], parts[3], ExitKind::direct);
    case Operation::exit2_tt: return exit_to(parts[1], parts[2], parts[4], ExitKind::direct, parts[3]);
    case Operation::payload_exit: case Operation::payload_exit_tt: case Operation::payload_exit2:
    case Operation::payload_exit2_tt: case Operation::payload_monitor_p_exit:
      return with_reason(connection, operation, parts, payload);
    case Operation::unlink: return unlink(connection, 0, parts[1], parts[2]);
    case Operation::unlink_id: case Operation::unlink_id_ack: {
      uint64_t id;
      if (!parts[1].is_integer() || !integer_fits_uint64(parts[1], id) || id == 0) return "the number of an unlink";
      if (operation == Operation::unlink_id) return unlink(connection, id, parts[2], parts[3]);
      return unlink_acknowledged(id, parts[2], parts[3]);
    }
    case Operation::monitor_p: return monitor(connection, parts[1], parts[2], parts[3]);
    case Operation::demonitor_p: return demonitor(parts[1], parts[2], parts[3]);
    case Operation::monitor_p_exit: return down(parts[1], parts[2], parts[3], parts[4]);
    case Operation::group_leader: return set_group_leader(parts[1], parts[2]);
    case Operation::spawn_request: case Operation::spawn_reply:
      return operation == Operation::spawn_request ? handle_spawn_request(connection, parts, payload, none)
                                                   : handle_spawn_reply(connection, parts, none);
    case Operation::spawn_request_tt: case Operation::spawn_reply_tt:
      if (!is_seq_token(parts.back())) return a_token;
      return operation == Operation::spawn_request_tt ? handle_spawn_request(connection, parts, payload, parts.back())
                                                      : handle_spawn_reply(connection, parts, parts.back());
    case Operation::node_link: return nullptr;
  }
  return "a known control message";
}

const char* handle_control(Connection& connection, Term control, const EncodedView& payload) {
  if (!control.is_tuple()) return "a control tuple";
  std::span<const Term> parts = as_tuple(control)->span();
  if (parts.empty() || !parts[0].is_small() || parts[0].as_small() < 0 || parts[0].as_small() > 255) return "a control tuple";
  auto operation = static_cast<Operation>(parts[0].as_small());
  if (arity_of(operation) != parts.size()) return "a known control message";
  return handle(connection, operation, parts, payload);
}

}  // namespace hanse::dist
