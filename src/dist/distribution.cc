#include "dist/distribution.h"

#include <vector>

#include "dist/node_monitors.h"
#include "process/machine.h"
#include "process/ports_interface.h"
#include "term/atom.h"
#include "term/build.h"

namespace hanse::dist {

namespace {

struct Alive {
  std::atomic<bool> alive{false};
  std::atomic<Word> net_kernel{0};  // written when the node becomes alive
  std::atomic<size_t> carrier_count{0};
  Mutex<LockRank::remote_nodes> mutex;
  std::vector<std::pair<Term, Ref<Connection>>> carriers GUARDED_BY(mutex);
};
Alive& node_state() {
  static Alive& instance = *new Alive;
  return instance;
}

// net_kernel has ended: every connection goes, and the name with them.
void stop_being_alive(Term reason) {
  Alive& state = node_state();
  if (!state.alive.exchange(false)) return;
  state.net_kernel.store(0);
  for (RemoteNode* node : RemoteNode::all()) {
    Ref<Connection> connection = node->connection();
    if (!connection) continue;
    bool was_up = connection->state() == Connection::State::up;
    Term carrier = connection->carrier();
    connection->end(reason);
    if (!was_up) continue;
    if (carrier.is_local_port() && port_signals()) port_signals()->exit(carrier, carrier, am::kill, ExitKind::direct);
    if (carrier.is_local_pid()) send_exit_signal(carrier, carrier, am::kill, ExitKind::direct);
  }
  Term old_name = this_node().name;
  set_this_node(am::nonode_at_nohost, 0);
  node_monitors().this_node_down(old_name, reason);
}

class ExitHook final : public ProcessExitHook {
 public:
  void process_exits(Process& process, Term reason) override {
    Alive& state = node_state();
    if (state.net_kernel.load(std::memory_order_relaxed) == process.self.word()) stop_being_alive(reason);
    node_monitors().process_exits(process.self);
    if (state.carrier_count.load(std::memory_order_acquire) == 0) return;
    std::vector<Ref<Connection>> ended;
    {
      Lock lock(state.mutex);
      std::erase_if(state.carriers, [&](auto& entry) {
        if (entry.first != process.self) return false;
        ended.push_back(entry.second);
        return true;
      });
      state.carrier_count.store(state.carriers.size(), std::memory_order_release);
    }
    for (Ref<Connection>& connection : ended) connection->end(reason);
  }
};

}  // namespace

ProcessExitHook& distribution_exit_hook() {
  static ExitHook& hook = *new ExitHook;
  return hook;
}

void add_carrier_process(Term process, Connection& connection) {
  Alive& state = node_state();
  Lock lock(state.mutex);
  state.carriers.emplace_back(process, Ref<Connection>(&connection));
  state.carrier_count.store(state.carriers.size(), std::memory_order_release);
}

bool is_alive() { return node_state().alive.load(std::memory_order_acquire); }
bool is_or_will_be_alive() { return is_alive() || !host_machine().registry.find(am::net_kernel).is_none(); }

bool is_node_name(Term name) {
  if (!name.is_atom()) return false;
  std::string_view text = atom_name(name);
  size_t at = text.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < text.size() && text.find('@', at + 1) == std::string_view::npos;
}

void become_alive(Term name, uint32_t creation, Term net_kernel) {
  set_this_node(name, creation);
  node_state().net_kernel.store(net_kernel.word());
  node_state().alive.store(true, std::memory_order_release);
  node_monitors().this_node_up(name);
}

Term connection_handle(Arena& arena, Connection& connection) {
  return make_tuple(arena, make_unsigned(arena, connection.id), make_reference(arena, connection.node.handle));
}

Ref<Connection> connection_for_signal(RemoteNode& node) {
  Ref<Connection> present = node.connection();
  if (present) return present;
  Term name = this_node().name;
  if (!is_alive() || node.name == name || !is_node_name(node.name)) return nullptr;
  if (host_machine().registry.find(am::net_kernel).is_none()) return nullptr;
  bool is_new = false;
  Ref<Connection> connection = node.connection_or_pending(is_new);
  if (is_new) {
    FragmentArena arena(16);
    Term request = make_tuple(arena, am::auto_connect, node.name, connection_handle(arena, *connection));
    if (!deliver_to_name(am::net_kernel, request)) {
      connection->end(am::noconnection);
      return nullptr;
    }
  }
  return connection;
}

Ref<Connection> connection_of(RemoteNode& node, uint64_t id) {
  Ref<Connection> connection = node.connection();
  return connection && connection->id == id ? connection : nullptr;
}

NodeEntry* node_of_external(Term identifier) {
  // Pids, ports and references have it at the same place.
  return identifier.as<ExternalPid>()->node();
}

}  // namespace hanse::dist
