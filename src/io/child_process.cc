// See child_process.h.
#include "io/child_process.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mutex>
#include <unordered_set>

#include "base/detached_thread.h"
#include "base/ref.h"
#include "io/child_keeper.h"
#include "io/poller.h"
#include "io/port.h"
#include "io/spawn_driver.h"

namespace hanse {

static std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (const std::string& text : strings) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

namespace {
struct Programs {
  std::mutex mutex;
  std::unordered_set<pid_t> running;
};
Programs& programs() {
  static auto* only = new Programs;
  return *only;
}
}  // namespace

bool is_program_of_port(pid_t pid) {
  std::lock_guard lock(programs().mutex);
  return programs().running.contains(pid);
}

ChildProcess start_child(const ChildPlan& plan) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  int highest = 2;
  if (plan.input >= 0) {
    posix_spawn_file_actions_adddup2(&actions, plan.input, plan.input_target);
    highest = std::max(highest, plan.input_target);
  }
  if (plan.output >= 0) {
    posix_spawn_file_actions_adddup2(&actions, plan.output, plan.output_target);
    highest = std::max(highest, plan.output_target);
  }
  if (plan.stderr_to_stdout) posix_spawn_file_actions_adddup2(&actions, plan.output >= 0 ? plan.output_target : 1, 2);
  posix_spawn_file_actions_addclosefrom_np(&actions, highest + 1);
  if (!plan.directory.empty()) posix_spawn_file_actions_addchdir_np(&actions, plan.directory.c_str());

  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t defaults, none;
  sigfillset(&defaults);
  sigemptyset(&none);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);

  ChildProcess child;
  auto arguments = pointers(plan.arguments), environment = pointers(plan.environment);
  {
    // Who hears of its end asks under the same lock.
    std::lock_guard lock(programs().mutex);
    child.error = posix_spawn(&child.pid, plan.program.c_str(), &actions, &attributes, arguments.data(), environment.data());
    if (child.error == 0) programs().running.insert(child.pid);
  }
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (child.error != 0) return child;
  if (!plan.outlives_node) keep_child(child.pid);
  child.pid_descriptor = static_cast<int>(syscall(SYS_pidfd_open, child.pid, 0));
  return child;
}

namespace {
class ChildWatcher final : public RefCounted<ChildWatcher>, public PollTarget {
 public:
  ChildWatcher(const ChildProcess& child, Term port) : child_(child), port_(port) {}
  static void destroy(ChildWatcher* watcher) { delete watcher; }
  void start() {
    // No descriptor was left for it: a thread waits instead.
    if (child_.pid_descriptor < 0) return run_detached([self = Ref<ChildWatcher>(this)] { self->reap(); });
    watch_.start(this, child_.pid_descriptor, 0);
    watch_.set(EPOLLIN);
  }
  void descriptor_ready(uint32_t, uint32_t) override { reap(); }
  void deadline_passed(uint64_t) override {}
  void retain_target() override { retain(); }
  void release_target() override { release(); }

 private:
  void reap() {
    // Its number is free once it has been reaped: the keeper forgets it before.
    siginfo_t ended{};
    int result;
    do result = waitid(P_PID, static_cast<id_t>(child_.pid), &ended, WEXITED | WNOWAIT | (child_.pid_descriptor < 0 ? 0 : WNOHANG));
    while (result < 0 && errno == EINTR);
    if (result == 0 && ended.si_pid == 0) return;
    forget_child(child_.pid);
    int status = 0;
    {
      std::lock_guard lock(programs().mutex);
      do result = waitpid(child_.pid, &status, 0);
      while (result < 0 && errno == EINTR);
      programs().running.erase(child_.pid);
    }
    int code = result < 0 ? 0 : WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    Ref<ChildWatcher> self(this);
    watch_.stop();  // before another thread can get the same number for its own child
    if (child_.pid_descriptor >= 0) close(child_.pid_descriptor);
    child_.pid_descriptor = -1;
    tell_port(code);
  }
  void tell_port(int code) {
    Ref<Port> port = Port::find(port_);
    if (!port) return;
    PortLock lock(*port);
    if (port->is_open()) static_cast<SpawnDriver*>(port->driver())->child_ended(code);
  }
  ChildProcess child_;
  Term port_;
  Watch watch_;
};
}  // namespace

void watch_child(const ChildProcess& child, Term port) {
  auto watcher = Ref<ChildWatcher>::adopt(new ChildWatcher(child, port));
  watcher->start();
}

}  // namespace hanse
