// See child_keeper.h. Records are four bytes: a pid that is kept, the negative one that is not any more, 0 at an orderly end.
#include "io/child_keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <vector>

namespace hanse {

namespace {

// After the end of their input, and after SIGTERM: then SIGKILL.
constexpr int grace_ms = 1000, terminate_ms = 2000;
constexpr int look_every_ms = 20;

// Written once, under once(); -1: no keeper.
std::atomic<int> records{-1};
std::atomic<bool> spares{true};

void start_keeper() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[0], 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  posix_spawn_file_actions_addchdir_np(&actions, "/");
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
  char name[] = "hanse-vm", verb[] = "--child-keeper";
  char* arguments[] = {name, verb, nullptr};
  char* environment[] = {nullptr};
  pid_t keeper;
  int error = posix_spawn(&keeper, "/proc/self/exe", &actions, &attributes, arguments, environment);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[0]);
  if (error != 0) close(ends[1]);
  else records.store(ends[1], std::memory_order_release);
}

void tell(pid_t record) {
  int descriptor = records.load(std::memory_order_acquire);
  if (descriptor < 0) return;
  while (write(descriptor, &record, sizeof record) < 0 && errno == EINTR) {
  }
}

// Of the keeper: nobody tells it whose children they are, so a pid that is used again must at least lead a session.
bool is_alive(pid_t leader) { return getsid(leader) == leader; }

bool all_ended(std::vector<pid_t>& leaders, int limit_ms) {
  for (int waited_ms = 0;; waited_ms += look_every_ms) {
    std::erase_if(leaders, [](pid_t leader) { return !is_alive(leader); });
    if (leaders.empty()) return true;
    if (waited_ms >= limit_ms) return false;
    usleep(look_every_ms * 1000);
  }
}

void signal_all(const std::vector<pid_t>& leaders, int number) {
  for (pid_t leader : leaders) kill(-leader, number);
}

}  // namespace

void keep_child(pid_t leader) {
  static std::once_flag once;
  std::call_once(once, start_keeper);
  tell(leader);
}

void forget_child(pid_t leader) { tell(-leader); }

void spare_no_children() { spares.store(false, std::memory_order_relaxed); }

void dismiss_child_keeper() {
  if (spares.load(std::memory_order_relaxed)) tell(0);
}

int run_child_keeper() {
  for (int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGTSTP}) signal(number, SIG_IGN);
  std::vector<pid_t> leaders;
  for (;;) {
    pid_t record;
    ssize_t count = read(0, &record, sizeof record);
    if (count < 0 && errno == EINTR) continue;
    if (count != sizeof record) break;
    if (record == 0) return 0;
    if (record > 0) leaders.push_back(record);
    else std::erase(leaders, -record);
  }
  if (all_ended(leaders, grace_ms)) return 0;
  signal_all(leaders, SIGTERM);
  if (all_ended(leaders, terminate_ms)) return 0;
  signal_all(leaders, SIGKILL);
  return 0;
}

}  // namespace hanse
