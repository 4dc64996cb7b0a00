// Epoch-based reclamation (Fraser, "Practical lock-freedom", 2004), with exact epochs instead of three.
//
// A thread that enters a guard announces the global epoch it saw. What is retired is stamped with the epoch of that
// moment and may go when every announced epoch is later. Why that is enough:
//   guard:   A1 announce (epoch read with acquire); F1 light fence; read tables
//   retire:  unlink; R1 read the stamp by a release RMW of the epoch
//   collect: C1 epoch + 1, an RMW; F2 heavy fence; read announcements
// - A reader whose announcement is later than the stamp read it from a C1 that follows R1, in one release sequence: it
//   sees the object unlinked.
// - A reader whose announcement the collector does not see has its F1 after F2 (asymmetric_fence.h): it sees what the
//   collecting thread, which retired the object or took it over from one that ended, had unlinked before.
#include "base/epoch.h"

#include <algorithm>
#include <mutex>
#include <vector>

#include "base/asymmetric_fence.h"
#include "base/check.h"
#include "base/compiler.h"

namespace hanse::epoch {

namespace {

struct Retired {
  void* object;
  void (*free_function)(void*);
  uint64_t stamp;
};

constexpr uint64_t outside = ~uint64_t{0};
// A collection interrupts the other threads: it should be worth it.
constexpr size_t least_batch = 256;

// One per thread that ever held a guard or retired something; records of ended threads are used again, never freed.
struct alignas(64) Record {
  // Written by its thread, read by collectors: the epoch of the outermost guard, or `outside`.
  std::atomic<uint64_t> announced{outside};
  uint32_t nesting = 0;
  bool collecting = false;
  size_t collect_at = least_batch;
  std::vector<Retired> retired;
  std::atomic<bool> in_use{true};
  Record* next = nullptr;
};

std::atomic<uint64_t> global_epoch{1};
// Records are pushed by their threads and only ever added.
std::atomic<Record*> records{nullptr};

// What threads left behind when they ended.
struct Orphans {
  std::mutex mutex;
  std::vector<Retired> retired;  // under mutex
  std::atomic<bool> any{false};
};
Orphans& orphans() {
  static Orphans& instance = *new Orphans;
  return instance;
}

constinit thread_local Record* self = nullptr;

void leave_behind(Record* record) {
  if (record->retired.empty()) return;
  std::lock_guard lock(orphans().mutex);
  orphans().retired.insert(orphans().retired.end(), record->retired.begin(), record->retired.end());
  orphans().any.store(true, std::memory_order_relaxed);
  record->retired.clear();
}

void leave_thread(Record* record) {
  leave_behind(record);
  self = nullptr;
  record->in_use.store(false, std::memory_order_release);
}

HANSE_NOINLINE Record* register_thread() {
  struct Leaver {
    Record* record = nullptr;
    ~Leaver() {
      if (record != nullptr) leave_thread(record);
    }
  };
  static thread_local Leaver leaver;
  for (Record* record = records.load(std::memory_order_acquire); record != nullptr; record = record->next) {
    bool used = false;
    if (record->in_use.compare_exchange_strong(used, true, std::memory_order_acquire))
      return leaver.record = self = record;
  }
  auto* record = new Record;
  record->next = records.load(std::memory_order_relaxed);
  while (!records.compare_exchange_weak(record->next, record, std::memory_order_release)) {
  }
  return leaver.record = self = record;
}

HANSE_INLINE Record* own_record() { return self != nullptr ? self : register_thread(); }

uint64_t oldest_announced() {
  uint64_t oldest = outside;
  for (Record* record = records.load(std::memory_order_acquire); record != nullptr; record = record->next)
    oldest = std::min(oldest, record->announced.load(std::memory_order_acquire));
  return oldest;
}

// Moves what is older than every announcement from `from` to `to`.
void take_free(std::vector<Retired>& from, uint64_t oldest, std::vector<Retired>& to) {
  auto kept = std::partition(from.begin(), from.end(), [&](const Retired& item) { return item.stamp >= oldest; });
  to.insert(to.end(), kept, from.end());
  from.erase(kept, from.end());
}

}  // namespace

Guard::Guard() {
  Record* record = own_record();
  if (record->nesting++ != 0) return;
  record->announced.store(global_epoch.load(std::memory_order_acquire), std::memory_order_release);
  light_fence();
}

Guard::~Guard() {
  Record* record = self;
  DCHECK(record != nullptr && record->nesting > 0);
  if (--record->nesting == 0) record->announced.store(outside, std::memory_order_release);
}

void retire(void* object, void (*free_function)(void*)) {
  Record* record = own_record();
  record->retired.push_back({object, free_function, global_epoch.fetch_add(0, std::memory_order_acq_rel)});
  if (record->retired.size() >= record->collect_at) collection_pays = true;
}

void collect() {
  Record* record = own_record();
  if (record->collecting) return;  // a free function retired something
  if (record->retired.empty() && !orphans().any.load(std::memory_order_relaxed)) return;
  global_epoch.fetch_add(1, std::memory_order_acq_rel);
  std::vector<Retired> free_now, left_behind;
  if (orphans().any.load(std::memory_order_relaxed)) {
    std::lock_guard lock(orphans().mutex);
    left_behind.swap(orphans().retired);
    orphans().any.store(false, std::memory_order_relaxed);
  }
  record->retired.insert(record->retired.end(), left_behind.begin(), left_behind.end());
  heavy_fence();
  take_free(record->retired, oldest_announced(), free_now);
  record->collecting = true;
  for (const Retired& item : free_now) item.free_function(item.object);
  record->collecting = false;
  record->collect_at = std::max(least_batch, record->retired.size() * 2);
  collection_pays = false;
}

void pass_on() {
  if (self != nullptr) leave_behind(self);
}

}  // namespace hanse::epoch
