#include "term/node.h"

#include <atomic>
#include <map>

#include "base/mutex.h"
#include "term/atom.h"

namespace hanse {

namespace {
struct NodeTable {
  Mutex<LockRank::nodes> mutex;
  std::map<std::pair<Word, uint32_t>, NodeEntry*> entries GUARDED_BY(mutex);
  // Read by everybody, written by set_this_node; entries are immutable.
  std::atomic<NodeEntry*> self{nullptr};
};
NodeTable& table() {
  static NodeTable& instance = *new NodeTable;
  return instance;
}
}  // namespace

NodeEntry* node_entry(Term name, uint32_t creation) {
  static thread_local NodeEntry* latest = nullptr;
  if (latest != nullptr && latest->name == name && latest->creation == creation) return latest;
  Lock lock(table().mutex);
  NodeEntry*& entry = table().entries[{name.word(), creation}];
  if (entry == nullptr) entry = new NodeEntry{name, creation};
  return latest = entry;
}

std::vector<Term> known_nodes() {
  std::vector<Term> names;
  Lock lock(table().mutex);
  for (auto& [key, entry] : table().entries)
    if (names.empty() || names.back() != entry->name) names.push_back(entry->name);
  return names;
}

ThisNode this_node() {
  NodeEntry* self = table().self.load(std::memory_order_acquire);
  if (self == nullptr) return {am::nonode_at_nohost, 0};
  return {self->name, self->creation};
}

void set_this_node(Term name, uint32_t creation) {
  table().self.store(node_entry(name, creation), std::memory_order_release);
}

}  // namespace hanse
