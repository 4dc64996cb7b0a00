#include "dist/remote_node.h"

#include <atomic>
#include <random>
#include <unordered_map>

#include "dist/connection.h"

namespace hanse {

using dist::Connection;

namespace {
struct Table {
  Mutex<LockRank::remote_nodes> mutex;
  std::unordered_map<Word, RemoteNode*> by_name GUARDED_BY(mutex);
  std::unordered_map<Word, RemoteNode*> by_handle GUARDED_BY(mutex);
};
Table& table() {
  static Table& instance = *new Table;
  return instance;
}

Word handle_key(ReferenceNumber number) { return number.number01 ^ (number.number2 << 50); }

// Starts anywhere, so that numbers of another run of the node mean nothing here.
uint64_t next_connection_id() {
  static std::atomic<uint64_t> next{std::random_device{}() % 0x1000000 + 1};
  return next.fetch_add(1, std::memory_order_relaxed);
}
}  // namespace

static std::atomic<size_t> peer_name_limit{size_t{1} << 18};  // written at the start
void set_peer_name_limit(size_t count) { peer_name_limit.store(count, std::memory_order_relaxed); }

bool RemoteNode::count_new_name() {
  return names_made_.fetch_add(1, std::memory_order_relaxed) < peer_name_limit.load(std::memory_order_relaxed);
}

bool RemoteNode::count_fun(uint64_t identity) {
  Lock lock(funs_mutex_);
  return !funs_.insert(identity).second || count_new_name();
}

RemoteNode::RemoteNode(Term node, ReferenceNumber number) : name(node), handle(number) {}

RemoteNode& RemoteNode::of(Term name) {
  // Most messages by name go to the node that the last one went to.
  static thread_local RemoteNode* latest = nullptr;
  if (latest != nullptr && latest->name == name) return *latest;
  Lock lock(table().mutex);
  RemoteNode*& node = table().by_name[name.word()];
  if (node == nullptr) {
    node = new RemoteNode(name, next_reference_number());
    table().by_handle[handle_key(node->handle)] = node;
  }
  latest = node;
  return *node;
}

RemoteNode& RemoteNode::of(NodeEntry* entry) {
  RemoteNode* node = entry->remote.load(std::memory_order_acquire);
  if (node != nullptr) return *node;
  node = &of(entry->name);
  entry->remote.store(node, std::memory_order_release);
  return *node;
}

RemoteNode* RemoteNode::find(Term name) {
  Lock lock(table().mutex);
  auto found = table().by_name.find(name.word());
  return found == table().by_name.end() ? nullptr : found->second;
}

RemoteNode* RemoteNode::find_handle(Term reference) {
  if (!reference.is_internal_reference()) return nullptr;
  ReferenceNumber number = reference_number(reference);
  Lock lock(table().mutex);
  auto found = table().by_handle.find(handle_key(number));
  return found == table().by_handle.end() || found->second->handle != number ? nullptr : found->second;
}

std::vector<RemoteNode*> RemoteNode::all() {
  Lock lock(table().mutex);
  std::vector<RemoteNode*> nodes;
  for (auto& [name, node] : table().by_name) nodes.push_back(node);
  return nodes;
}

Ref<Connection> RemoteNode::connection() {
  Lock lock(mutex_);
  return connection_;
}

Ref<Connection> RemoteNode::connection_or_pending(bool& is_new) {
  Lock lock(mutex_);
  is_new = !connection_;
  if (is_new) connection_ = Ref<Connection>::adopt(new Connection(*this, next_connection_id()));
  return connection_;
}

void RemoteNode::forget(Connection& connection) {
  Ref<Connection> gone;  // released without the lock
  Lock lock(mutex_);
  if (connection_.get() == &connection) gone = std::exchange(connection_, nullptr);
}

}  // namespace hanse
