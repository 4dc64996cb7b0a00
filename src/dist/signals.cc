// Signals from local processes to those of other nodes.
#include "dist/control.h"
#include "dist/distribution.h"
#include "process/call.h"
#include "process/machine.h"
#include "process/seq_trace.h"
#include "process/tracing.h"
#include "term/build.h"

namespace hanse::dist {

namespace {

// How many bytes of a message count as a reduction.
constexpr size_t bytes_per_reduction = 64;

struct Address {
  RemoteNode* node = nullptr;  // nullptr: this node as it was in an earlier life
  Term to;                     // pid, alias or name
};

// to: external pid or reference, or {Name, Node}.
Address resolve(Term to) {
  if (to.is_tuple()) {
    Tuple* tuple = as_tuple(to);
    return {&RemoteNode::of(tuple->elements[1]), tuple->elements[0]};
  }
  NodeEntry* entry = node_of_external(to);
  if (entry->name == this_node().name) return {nullptr, to};
  return {&RemoteNode::of(entry), to};
}

class Distribution final : public DistributionSignals {
 public:
  bool is_alive() override { return is_or_will_be_alive(); }
  bool creation_of(Term name, uint32_t& creation) override {
    RemoteNode* node = RemoteNode::find(name);
    creation = node ? node->creation.load(std::memory_order_relaxed) : 0;
    return creation != 0;
  }
  size_t busy_limit() override { return dist::busy_limit(); }
  bool holds_up(Term process) override {
    for (RemoteNode* node : RemoteNode::all()) {
      Ref<Connection> connection = node->connection();
      if (connection && connection->holds_up(process)) return true;
    }
    return false;
  }
  bool delays(Term process, Term to) override {
    RemoteNode* node = resolve(to).node;
    Ref<Connection> connection = node ? node->connection() : nullptr;
    return connection && connection->delays(process);
  }
  bool delays_end(Process& process, Term name, uint64_t number) override {
    RemoteNode* node = RemoteNode::find(name);
    Ref<Connection> connection = node ? connection_of(*node, number) : nullptr;
    return connection && connection->delays_end(process);
  }
  Term controllers(Arena& arena) override {
    Term list = Term::nil();
    for (RemoteNode* node : RemoteNode::all()) {
      Ref<Connection> connection = node->connection();
      if (connection && connection->state() == Connection::State::up)
        list = make_cons(arena, make_tuple(arena, node->name, connection->carrier()), list);
    }
    return list;
  }

  Result send(Call& call, Term to, Term message, SendOptions options) override {
    Address address = resolve(to);
    if (!address.node) return am::ok;
    Ref<Connection> connection = options.no_connect ? address.node->connection() : connection_for_signal(*address.node);
    if (!connection) return options.no_connect ? am::noconnect : am::ok;
    Term self = call.process.self;
    if (options.no_suspend && connection->is_busy(self)) return am::nosuspend;
    if (!options.no_suspend && connection->delays(self)) return Result::wait();
    bool has_token = is_traced(call.process, trace_flag::has_token);
    if (has_token && call.process.machine.guest() != nullptr) has_token = is_modest_token(seq_token(call.process));
    if (has_token) [[unlikely]] return send_with_token(call, *connection, to, address.to, message);
    size_t size;
    if (address.to.is_atom()) {
      ControlTuple control(Operation::reg_send, self, am::empty, address.to);
      size = connection->transmit(self.word(), control.term(), message);
    } else {
      Operation operation = address.to.is_reference() ? Operation::alias_send : Operation::send_sender;
      size = connection->transmit(self.word(), ControlTuple(operation, self, address.to).term(), message);
    }
    return sent(call, size, am::ok);
  }

  // to: as the caller names it; there: as the peer does.
  static Result send_with_token(Call& call, Connection& connection, Term to, Term there, Term message) {
    Term self = call.process.self, token = next_seq_token(call.process);
    seq_event(token, seq_flag::send, am::send, self, to, message);
    if (there.is_atom()) {
      ControlTuple control(Operation::reg_send_tt, self, am::empty, there, token);
      return sent(call, connection.transmit(self.word(), control.term(), message), am::ok);
    }
    Operation operation = there.is_reference() ? Operation::alias_send_tt : Operation::send_sender_tt;
    return sent(call, connection.transmit(self.word(), ControlTuple(operation, self, there, token).term(), message), am::ok);
  }

  Result exit(Call& call, Term to, Term reason) override {
    RemoteNode* node = resolve(to).node;
    Ref<Connection> connection = node ? connection_for_signal(*node) : nullptr;
    if (!connection) return am::true_;
    Term self = call.process.self;
    if (connection->delays(self)) return Result::wait();
    size_t size = connection->transmit(self.word(), ControlTuple(Operation::payload_exit2, self, to).term(), reason);
    return sent(call, size, am::true_);
  }

  void group_leader(Process& from, Term leader, Term to) override {
    RemoteNode* node = resolve(to).node;
    Ref<Connection> connection = node ? connection_for_signal(*node) : nullptr;
    if (connection) connection->transmit(from.self.word(), ControlTuple(Operation::group_leader, leader, to).term());
  }

  uint64_t link(Process& from, Term to) override {
    RemoteNode* node = resolve(to).node;
    Ref<Connection> connection = node ? connection_for_signal(*node) : nullptr;
    if (!connection || !connection->involve(from.self)) return 0;
    connection->transmit(from.self.word(), ControlTuple(Operation::link, from.self, to).term());
    return connection->id;
  }

  uint64_t monitor(Process& watcher, Term to, Term reference) override {
    Address address = resolve(to);
    Ref<Connection> connection = address.node ? connection_for_signal(*address.node) : nullptr;
    if (!connection || !connection->involve(watcher.self)) return 0;
    ControlTuple control(Operation::monitor_p, watcher.self, address.to, reference);
    connection->transmit(watcher.self.word(), control.term());
    return connection->id;
  }

  bool unlink(Term from, Term to, uint64_t id, uint64_t number) override {
    Ref<Connection> connection = present(to, number);
    if (!connection) return false;
    FragmentArena arena(4);
    connection->transmit(from.word(), ControlTuple(Operation::unlink_id, make_unsigned(arena, id), from, to).term());
    return connection->state() == Connection::State::pending || connection->has(flag::unlink_id);
  }

  void demonitor(Term watcher, Term to, Term reference, uint64_t number) override {
    Ref<Connection> connection = present(to, number);
    if (!connection) return;
    ControlTuple control(Operation::demonitor_p, watcher, resolve(to).to, reference);
    connection->transmit(watcher.word(), control.term());
  }

  void exit_link(Term from, Term to, Term reason, Term token, uint64_t number) override {
    Ref<Connection> connection = present(to, number);
    if (!connection) return;
    if (token.is_none()) connection->transmit(from.word(), ControlTuple(Operation::payload_exit, from, to).term(), reason);
    else connection->transmit(from.word(), ControlTuple(Operation::payload_exit_tt, from, to, token).term(), reason);
  }

  void down(Term from, Term name, Term watcher, Term reference, Term reason, uint64_t number) override {
    Ref<Connection> connection = present(watcher, number);
    if (!connection) return;
    ControlTuple control(Operation::payload_monitor_p_exit, name.is_none() ? from : name, watcher, reference);
    connection->transmit(from.word(), control.term(), reason);
  }

 private:
  // The caller pays for the bytes that its signal took.
  static Result sent(Call& call, size_t bytes, Term answer) {
    if (bytes == Connection::too_large) return raise_system_limit(call);
    call.charge(16 + bytes / bytes_per_reduction);
    return answer;
  }
  static Ref<Connection> present(Term to, uint64_t number) {
    RemoteNode* node = resolve(to).node;
    return node ? connection_of(*node, number) : nullptr;
  }
};

}  // namespace

DistributionSignals& distribution_of_node() {
  static Distribution& instance = *new Distribution;
  return instance;
}

}  // namespace hanse::dist
