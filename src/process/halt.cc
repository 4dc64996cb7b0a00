// The end of the node.
#include <condition_variable>
#include <mutex>
#include <vector>

#include "process/scheduler.h"

namespace hanse {

namespace {

struct HaltState {
  std::mutex mutex;
  std::condition_variable condition;
  std::vector<std::function<void()>> hooks;
  bool requested = false;
  bool flush = false;
  int status = 0;
};
HaltState& halt_state() {
  static auto* state = new HaltState;
  return *state;
}

}  // namespace

void add_halt_hook(std::function<void()> hook) {
  HaltState& state = halt_state();
  std::lock_guard lock(state.mutex);
  state.hooks.push_back(std::move(hook));
}

void halt_node(int status, bool flush) {
  HaltState& state = halt_state();
  std::lock_guard lock(state.mutex);
  if (state.requested) return;
  state.requested = true;
  state.flush = flush;
  state.status = status;
  // What is written meanwhile is what is there now: no process runs while ports are flushed, nor answers other nodes.
  hold_schedulers();
  state.condition.notify_all();
}

// The hooks run here: a node that ends for want of memory gets no thread for them.
int wait_for_halt() {
  HaltState& state = halt_state();
  std::unique_lock lock(state.mutex);
  state.condition.wait(lock, [&] { return state.requested; });
  std::vector<std::function<void()>> hooks = state.flush ? state.hooks : std::vector<std::function<void()>>{};
  lock.unlock();
  for (auto& hook : hooks) hook();
  return state.status;
}

}  // namespace hanse
