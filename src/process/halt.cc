// The end of the node.
#include <condition_variable>
#include <mutex>
#include <thread>

#include "process/scheduler.h"

namespace hanse {

namespace {

struct HaltState {
  std::mutex mutex;
  std::condition_variable condition;
  std::vector<std::function<void()>> hooks;
  bool requested = false;
  bool done = false;
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

static void finish(std::vector<std::function<void()>> hooks) {
  for (auto& hook : hooks) hook();
  HaltState& state = halt_state();
  std::lock_guard lock(state.mutex);
  state.done = true;
  state.condition.notify_all();
}

void halt_node(int status, bool flush) {
  HaltState& state = halt_state();
  std::lock_guard lock(state.mutex);
  if (state.requested) return;
  state.requested = true;
  state.status = status;
  // What is written meanwhile is what is there now: no process runs while ports are flushed, nor answers other nodes.
  hold_schedulers();
  std::thread(finish, flush ? state.hooks : std::vector<std::function<void()>>{}).detach();
}

int wait_for_halt() {
  HaltState& state = halt_state();
  std::unique_lock lock(state.mutex);
  state.condition.wait(lock, [&] { return state.done; });
  return state.status;
}

}  // namespace hanse
