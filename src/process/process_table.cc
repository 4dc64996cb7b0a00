#include "process/process_table.h"

#include <bit>
#include <algorithm>
#include <cstdlib>

namespace hanse {

namespace {

// A slot holds a process, nothing, or `reserved` between the draw of the pid and the birth of its process.
Process* const reserved = reinterpret_cast<Process*>(1);

struct Table {
  size_t limit = 262144;
  size_t mask = 0;
  std::atomic<Process*>* slots = nullptr;
  std::atomic<uint64_t> next_number{0};
  std::atomic<size_t> count{0};

  void allocate() {
    size_t size = std::bit_ceil(limit);
    mask = size - 1;
    // Zeroed pages of the operating system: untouched slots cost nothing.
    slots = static_cast<std::atomic<Process*>*>(std::calloc(size, sizeof(std::atomic<Process*>)));
    CHECK(slots != nullptr);
  }
};

Table& table() {
  static Table* instance = [] {
    auto* made = new Table;
    made->allocate();
    return made;
  }();
  return *instance;
}

}  // namespace

void set_process_limit(size_t limit) {
  Table& it = table();
  CHECK(it.count.load() == 0);
  std::free(it.slots);
  it.limit = std::bit_ceil(limit);
  it.allocate();
}
size_t process_limit() { return table().limit; }
size_t process_count() { return table().count.load(std::memory_order_relaxed); }

Process* find_process(Term pid) {
  DCHECK(pid.is_local_pid());
  Table& it = table();
  Process* process = it.slots[pid.pid_number() & it.mask].load(std::memory_order_acquire);
  if (process == nullptr || process == reserved || process->self != pid) return nullptr;
  return process;
}

bool is_or_will_be_process(Term pid) {
  Table& it = table();
  Process* process = it.slots[pid.pid_number() & it.mask].load(std::memory_order_acquire);
  return process == reserved || (process != nullptr && process->self == pid);
}

bool pid_was_allocated(Term pid) {
  return pid.pid_number() < table().next_number.load(std::memory_order_relaxed);
}

uint64_t skip_pids_to(uint64_t number) {
  std::atomic<uint64_t>& next = table().next_number;
  uint64_t before = next.load(std::memory_order_relaxed);
  while (before < number && !next.compare_exchange_weak(before, number, std::memory_order_relaxed)) {}
  return std::max(before, number);
}

Term reserve_pid() {
  Table& it = table();
  if (it.count.fetch_add(1, std::memory_order_relaxed) >= it.limit) {
    it.count.fetch_sub(1, std::memory_order_relaxed);
    return Term::none();
  }
  // There is a free slot: at most `limit` are reserved at a time.
  for (;;) {
    uint64_t number = it.next_number.fetch_add(1, std::memory_order_relaxed);
    std::atomic<Process*>& slot = it.slots[number & it.mask];
    Process* expected = nullptr;
    if (slot.load(std::memory_order_relaxed) == nullptr &&
        slot.compare_exchange_strong(expected, reserved, std::memory_order_acq_rel))
      return Term::pid(number & ((uint64_t{1} << 60) - 1));
  }
}

void release_pid(Term pid) {
  Table& it = table();
  it.slots[pid.pid_number() & it.mask].store(nullptr, std::memory_order_release);
  it.count.fetch_sub(1, std::memory_order_relaxed);
}

void publish_process(Process* process) {
  Table& it = table();
  it.slots[process->self.pid_number() & it.mask].store(process, std::memory_order_release);
}

void remove_process(Process* process) { release_pid(process->self); }

std::vector<Term> all_pids() {
  Table& it = table();
  epoch::Guard guard;
  std::vector<Term> pids;
  pids.reserve(process_count());
  size_t end = std::min<uint64_t>(it.next_number.load(std::memory_order_acquire), it.mask + 1);
  for (size_t i = 0; i < end; i++) {
    Process* process = it.slots[i].load(std::memory_order_acquire);
    if (process != nullptr && process != reserved) pids.push_back(process->self);
  }
  return pids;
}

}  // namespace hanse
