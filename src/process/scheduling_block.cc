#include "process/scheduling_block.h"

#include <algorithm>

#include "process/spawn.h"
#include "process/worker.h"

namespace hanse {

namespace {

struct Block {
  Term pid;
  BlockKind kind;
};
struct Blocks {
  std::mutex mutex;  // a leaf
  std::vector<Block> all;
};
Blocks& blocks() {
  static auto* only = new Blocks;
  return *only;
}

// Under the mutex.
void publish() {
  scheduler_state().blocked.store(!blocks().all.empty(), std::memory_order_seq_cst);
  for (auto& worker : scheduler_state().workers) worker->wake();
}

class ReleaseAtExit final : public ProcessExitHook {
 public:
  void process_exits(Process& process, Term) override {
    if (!scheduler_state().blocked.load(std::memory_order_relaxed)) return;
    std::lock_guard lock(blocks().mutex);
    if (std::erase_if(blocks().all, [&](const Block& block) { return block.pid == process.self; }) > 0) publish();
  }
};

}  // namespace

void block_scheduling(Process& process, BlockKind kind) {
  std::lock_guard lock(blocks().mutex);
  blocks().all.push_back({process.self, kind});
  publish();
}

bool scheduling_block_holds() {
  SchedulerThread* here = this_scheduler_thread();
  const auto& workers = scheduler_state().workers;
  return here == workers[0].get() && std::all_of(workers.begin() + 1, workers.end(), [](auto& worker) { return worker->is_asleep(); });
}

void unblock_scheduling(Process& process, BlockKind kind) {
  std::lock_guard lock(blocks().mutex);
  auto& all = blocks().all;
  auto own = std::find_if(all.begin(), all.end(), [&](const Block& block) { return block.pid == process.self && block.kind == kind; });
  if (own == all.end()) return;
  all.erase(own);
  publish();
}

std::vector<Term> scheduling_blockers(BlockKind kind) {
  std::lock_guard lock(blocks().mutex);
  std::vector<Term> pids;
  for (const Block& block : blocks().all)
    if (block.kind == kind && std::find(pids.begin(), pids.end(), block.pid) == pids.end()) pids.push_back(block.pid);
  return pids;
}

void release_scheduling_blocks_at_exit() {
  static ReleaseAtExit hook;
  add_exit_hook(&hook);
}

}  // namespace hanse
