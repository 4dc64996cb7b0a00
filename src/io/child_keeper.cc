// See child_keeper.h. Records are four bytes: a pid that is kept, the negative one that is not any more, 0 at an orderly end.
#include "io/child_keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string_view>
#include <thread>
#include <vector>

namespace hanse {

namespace {

using std::chrono::milliseconds, std::chrono::steady_clock;

// After the end of their input, and after SIGTERM: then SIGKILL.
constexpr milliseconds grace(1000), terminate_limit(2000);
constexpr milliseconds look_every(20);

// Written once, before the node has threads; -1: no keeper.
int records = -1;
std::atomic<bool> spares{true};

void tell(pid_t record) {
  if (records < 0) return;
  while (write(records, &record, sizeof record) < 0 && errno == EINTR) {
  }
}

// Of the keeper: nobody tells it whose children they are, so a pid that is used again must at least lead a session.
bool is_alive(pid_t leader) { return getsid(leader) == leader; }

bool all_ended(std::vector<pid_t>& leaders, milliseconds limit) {
  auto deadline = steady_clock::now() + limit;
  for (;;) {
    std::erase_if(leaders, [](pid_t leader) { return !is_alive(leader); });
    if (leaders.empty()) return true;
    if (steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(look_every);
  }
}

void signal_all(const std::vector<pid_t>& leaders, int number) {
  for (pid_t leader : leaders) kill(-leader, number);
}

// The keeper itself. Returns when the node is gone and its programs are, or may stay.
void keep_children() {
  std::vector<pid_t> leaders;
  for (;;) {
    pid_t record;
    ssize_t count = read(0, &record, sizeof record);
    if (count < 0 && errno == EINTR) continue;
    if (count != sizeof record) break;
    if (record == 0) return;
    if (record > 0) leaders.push_back(record);
    else std::erase(leaders, -record);
  }
  if (all_ended(leaders, grace)) return;
  signal_all(leaders, SIGTERM);
  if (all_ended(leaders, terminate_limit)) return;
  signal_all(leaders, SIGKILL);
}

// What the system shows of a process lies one behind the other in the memory that it has begun with.
void show_as(std::string_view title, std::span<char* const> arguments) {
  if (arguments.empty()) return;
  char* begin = arguments.front();
  auto size = static_cast<size_t>(arguments.back() + strlen(arguments.back()) - begin);
  std::fill_n(begin, size, '\0');
  std::copy_n(title.data(), std::min(size, title.size()), begin);
}

// Nothing of the node but a pipe.
void leave_node(int input) {
  setsid();
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGTSTP}) signal(number, SIG_IGN);
  dup2(input, 0);
  close_range(1, ~0u, 0);
  (void)!chdir("/");
}

}  // namespace

void start_child_keeper(std::span<char* const> arguments) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return;
  pid_t keeper = fork();
  if (keeper == 0) {
    leave_node(ends[0]);
    show_as("hanse-child-keeper", arguments);
    keep_children();
    _exit(0);
  }
  close(ends[0]);
  if (keeper < 0) close(ends[1]);
  else records = ends[1];
}

void keep_child(pid_t leader) { tell(leader); }
void forget_child(pid_t leader) { tell(-leader); }

void spare_no_children() { spares.store(false, std::memory_order_relaxed); }

void dismiss_child_keeper() {
  if (spares.load(std::memory_order_relaxed)) tell(0);
}

}  // namespace hanse
