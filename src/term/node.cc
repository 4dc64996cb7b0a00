#include "term/node.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <utility>

#include "base/epoch.h"
#include "base/mutex.h"
#include "term/atom.h"
#include "term/views.h"

namespace hanse {

namespace {

constexpr size_t fewest_before_sweep = 1024;

int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

class NodeTable {
 public:
  OffHeapBinary* retain(Term name, uint32_t creation) {
    Lock lock(mutex_);
    auto [place, is_new] = rows_.try_emplace({name.word(), creation});
    Row& row = place->second;
    if (is_new) {
      row.handle = make(name, creation);
      if (rows_.size() > sweep_at_) {
        row.handle->retain();  // stays
        sweep(now_ms(), 0);
        row.handle->release();
        sweep_at_ = std::max(fewest_before_sweep, 2 * rows_.size());
      }
    }
    row.unused_since_ms = 0;
    row.handle->retain();
    return row.handle;
  }
  std::vector<Term> names() {
    std::vector<Term> names;
    Lock lock(mutex_);
    sweep(now_ms(), node_delay_ms());
    for (auto& [key, row] : rows_)
      if (Term name = Term::from_word(key.first); names.empty() || names.back() != name) names.push_back(name);
    return names;
  }
  size_t size() {
    Lock lock(mutex_);
    return rows_.size();
  }
  // Grows when rows go: what was seen in the table before may be gone.
  uint64_t sweeps() const { return sweeps_.load(std::memory_order_acquire); }

  std::atomic<int64_t> delay_ms{default_node_delay_ms};  // anybody reads and writes

 private:
  struct Row {
    OffHeapBinary* handle = nullptr;
    int64_t unused_since_ms = 0;  // as a sweep has seen it; 0: not
  };

  // Shared by all machines, and so charged to none, and no part of those binaries that a heap keeps alive.
  static OffHeapBinary* make(Term name, uint32_t creation) {
    Budget* budget = std::exchange(thread_budget, nullptr);
    OffHeapBinary* handle = Magic<NodeEntry>::create(name, creation);
    thread_budget = budget;
    handle->size = 0;
    return handle;
  }

  // A row with one reference has only the table's, and another comes only from the table, or from a thread that still sees the
  // number of sweeps before this one. Such a thread may use the handle while its epoch lasts.
  void sweep(int64_t now, int64_t delay) REQUIRES_LOCK(mutex_) {
    if (delay_ms.load(std::memory_order_relaxed) == keep_nodes_for_ever) return;
    std::vector<OffHeapBinary*> gone;
    for (auto place = rows_.begin(); place != rows_.end();) {
      Row& row = place->second;
      bool is_used = row.handle->reference_count() != 1;
      if (is_used) row.unused_since_ms = 0;
      else if (row.unused_since_ms == 0) row.unused_since_ms = now;
      if (is_used || now - row.unused_since_ms < delay) {
        ++place;
        continue;
      }
      gone.push_back(row.handle);
      place = rows_.erase(place);
    }
    if (gone.empty()) return;
    sweeps_.fetch_add(1, std::memory_order_acq_rel);
    for (OffHeapBinary* handle : gone) epoch::retire(handle, [](void* binary) { static_cast<OffHeapBinary*>(binary)->release(); });
  }

  Mutex<LockRank::nodes> mutex_;
  std::map<std::pair<Word, uint32_t>, Row> rows_ GUARDED_BY(mutex_);
  size_t sweep_at_ GUARDED_BY(mutex_) = fewest_before_sweep;
  std::atomic<uint64_t> sweeps_{0};  // written under the lock, read by anybody
};

NodeTable& table() {
  static NodeTable& instance = *new NodeTable;
  return instance;
}

// Index of the name and creation in one word: read by everybody, written by set_this_node.
constinit std::atomic<uint64_t> self{0};
constexpr uint64_t is_set = uint64_t{1} << 63;

}  // namespace

OffHeapBinary* retain_node_entry(Term name, uint32_t creation) {
  static thread_local OffHeapBinary* latest = nullptr;  // not counted
  static thread_local uint64_t latest_sweeps = 0;
  epoch::Guard guard;
  uint64_t sweeps = table().sweeps();
  if (latest != nullptr && latest_sweeps == sweeps) {
    auto* entry = reinterpret_cast<NodeEntry*>(latest->data);
    if (entry->name == name && entry->creation == creation) {
      latest->retain();
      return latest;
    }
  }
  // What sweeps in between makes the number old: then the next call looks again.
  latest = table().retain(name, creation);
  latest_sweeps = sweeps;
  return latest;
}

std::vector<Term> known_nodes() { return table().names(); }
size_t node_entry_count() { return table().size(); }

int64_t node_delay_ms() { return table().delay_ms.load(std::memory_order_relaxed); }
void set_node_delay_ms(int64_t delay_ms) { table().delay_ms.store(delay_ms, std::memory_order_relaxed); }

ThisNode this_node() {
  uint64_t word = self.load(std::memory_order_acquire);
  if (word == 0) return {am::nonode_at_nohost, 0};
  return {Term::atom(static_cast<uint32_t>((word & ~is_set) >> 32)), static_cast<uint32_t>(word)};
}

void set_this_node(Term name, uint32_t creation) {
  self.store(is_set | uint64_t{name.atom_index()} << 32 | creation, std::memory_order_release);
}
bool is_port_of_other_node(Term port) { return port.is_boxed() && port.as<ExternalPort>()->node()->name != this_node().name; }

}  // namespace hanse
