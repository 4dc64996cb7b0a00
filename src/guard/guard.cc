// See guard.h.
#include "guard/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "guard/channel.h"
#include "guard/control.h"
#include "guard/descendants.h"
#include "guard/launch.h"

namespace hanse::guard {

namespace {

int64_t now_ms() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

// What a worker prints is forwarded at this rate; the rest is counted and dropped, so that it floods nobody.
class Allowance {
 public:
  size_t take(size_t wanted) {
    int64_t now = now_ms();
    available_ = std::min(burst_bytes, available_ + (now - filled_ms_) * bytes_per_ms);
    filled_ms_ = now;
    size_t taken = std::min(wanted, static_cast<size_t>(available_));
    available_ -= static_cast<int64_t>(taken);
    return taken;
  }

 private:
  static constexpr int64_t burst_bytes = 256 << 10, bytes_per_ms = 256;
  int64_t available_ = burst_bytes;
  int64_t filled_ms_ = now_ms();
};

struct Exit {
  char kind;
  uint32_t number;
};

class Guard {
 public:
  int serve();

 private:
  bool send(char kind, std::string_view content);
  bool read_control();
  std::optional<std::string> first_order();
  bool wait_for_channel(int listener, DataChannel& channel);
  int fail(const std::string& why);
  bool start(const Plan& plan, const DataChannel& channel);
  void obey(const std::string& order);
  void forward(int& descriptor, char kind);
  void reap();
  void watch();
  void finish();

  FrameReader orders_;
  Allowance allowance_;
  uint64_t dropped_bytes_ = 0;
  pid_t worker_ = -1;
  int output_ = -1, errors_ = -1, signals_ = -1;
  unsigned grace_ms_ = 0;
  bool node_gone_ = false;
  int64_t kill_at_ms_ = -1;
  std::optional<Exit> exit_;
};

// The node reads as long as it lives: this may block, and a node that is gone ends it.
bool Guard::send(char kind, std::string_view content) {
  std::string frame = framed(kind, content);
  for (size_t done = 0; done < frame.size();) {
    ssize_t count = write(1, frame.data() + done, frame.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return node_gone_ = true, false;
    done += static_cast<size_t>(count);
  }
  return true;
}

// False at the end of the node.
bool Guard::read_control() {
  char buffer[65536];
  ssize_t count = read(0, buffer, sizeof buffer);
  if (count < 0 && errno == EINTR) return true;
  if (count <= 0) return false;
  orders_.feed({buffer, static_cast<size_t>(count)});
  return true;
}

std::optional<std::string> Guard::first_order() {
  for (;;) {
    if (auto order = orders_.next()) return order;
    if (orders_.broken() || !read_control()) return std::nullopt;
  }
}

// False if the node gives up.
bool Guard::wait_for_channel(int listener, DataChannel& channel) {
  while (channel.input < 0) {
    pollfd polled[] = {{0, POLLIN, 0}, {listener, POLLIN, 0}};
    if (poll(polled, 2, -1) < 0 && errno != EINTR) return false;
    if (polled[1].revents != 0)
      channel = accept_channel(listener);
    else if (polled[0].revents != 0 && !read_control())
      return false;
  }
  return true;
}

int Guard::fail(const std::string& why) {
  send(report_failed, why);
  // The node closes the channel when it has read the reason.
  while (!node_gone_ && read_control()) {
  }
  return 1;
}

bool Guard::start(const Plan& plan, const DataChannel& channel) {
  int output[2], errors[2];
  if (pipe2(output, O_CLOEXEC) != 0 || pipe2(errors, O_CLOEXEC) != 0) return fail("pipe"), false;
  Launched launched = launch(plan, {channel.input, channel.output, output[1], errors[1]});
  for (int descriptor : {output[1], errors[1], channel.input, channel.output}) close(descriptor);
  if (launched.pid < 0) return fail(launched.error), false;
  worker_ = launched.pid;
  grace_ms_ = plan.grace_ms;
  output_ = output[0];
  errors_ = errors[0];
  for (int descriptor : {output_, errors_}) fcntl(descriptor, F_SETFL, O_NONBLOCK);
  return send(report_started, number_bytes(static_cast<uint64_t>(worker_), 4));
}

void Guard::obey(const std::string& order) {
  switch (order[0]) {
    case order_stop: kill(-worker_, SIGTERM); break;
    case order_kill:
      kill(-worker_, SIGKILL);
      for (pid_t process : descendants_of(getpid())) kill(process, SIGKILL);
      break;
    case order_memory: {
      uint64_t bytes = 0;
      for (pid_t process : descendants_of(getpid())) bytes += resident_bytes(process);
      send(report_memory, number_bytes(bytes, 8));
      break;
    }
    default: break;
  }
}

void Guard::forward(int& descriptor, char kind) {
  char buffer[16384];
  ssize_t count = read(descriptor, buffer, sizeof buffer);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) {
    close(descriptor);
    descriptor = -1;
    return;
  }
  size_t size = static_cast<size_t>(count), taken = allowance_.take(size);
  dropped_bytes_ += size - taken;
  if (taken == size && dropped_bytes_ != 0) send(report_dropped, number_bytes(std::exchange(dropped_bytes_, 0), 8));
  if (taken != 0) send(kind, {buffer, taken});
}

void Guard::reap() {
  for (;;) {
    int status = 0;
    pid_t process = waitpid(-1, &status, WNOHANG);
    if (process < 0 && errno == EINTR) continue;
    if (process <= 0) return;
    if (process != worker_) continue;
    exit_ = WIFSIGNALED(status) ? Exit{'s', static_cast<uint32_t>(WTERMSIG(status))}
                                : Exit{'e', static_cast<uint32_t>(WEXITSTATUS(status))};
  }
}

void Guard::watch() {
  while (!exit_) {
    while (auto order = orders_.next()) obey(*order);  // some may have come while the worker was started
    if (node_gone_ && kill_at_ms_ < 0) {
      kill(-worker_, SIGTERM);
      kill_at_ms_ = now_ms() + grace_ms_;
    }
    int64_t left = kill_at_ms_ < 0 ? -1 : kill_at_ms_ - now_ms();
    if (kill_at_ms_ >= 0 && left <= 0) {
      obey(std::string(1, order_kill));
      left = 100;
    }
    pollfd polled[] = {
        {signals_, POLLIN, 0}, {output_, POLLIN, 0}, {errors_, POLLIN, 0}, {node_gone_ ? -1 : 0, POLLIN, 0}};
    if (poll(polled, 4, static_cast<int>(left)) < 0) continue;
    if (polled[1].revents != 0) forward(output_, report_output);
    if (polled[2].revents != 0) forward(errors_, report_errors);
    if (polled[3].revents != 0 && (!read_control() || orders_.broken())) node_gone_ = true;
    signalfd_siginfo information;
    if (polled[0].revents != 0 && read(signals_, &information, sizeof information) > 0) reap();
  }
}

// The worker has ended: so does all it has started. Then the last words are read, as far as pipes hold them.
void Guard::finish() {
  kill(-worker_, SIGKILL);
  end_descendants();
  for (int i = 0; i < 64 && output_ >= 0; i++) forward(output_, report_output);
  for (int i = 0; i < 64 && errors_ >= 0; i++) forward(errors_, report_errors);
  if (dropped_bytes_ != 0) send(report_dropped, number_bytes(dropped_bytes_, 8));
  send(report_exit, std::string(1, exit_->kind) + number_bytes(exit_->number, 4));
}

int Guard::serve() {
  auto order = first_order();
  if (!order) return 1;
  if ((*order)[0] != order_start) return fail("expected a plan first");
  ParsedPlan parsed = parse_plan(std::string_view(*order).substr(1));
  if (!parsed.error.empty()) return fail(parsed.error);
  Listener listener = listen_for_channel();
  if (!listener.error.empty()) return fail(listener.error);
  DataChannel channel;
  if (!send(report_channel, listener.name) || !wait_for_channel(listener.descriptor, channel)) return 1;
  close(listener.descriptor);
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child, nullptr);
  signals_ = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  if (!start(parsed.plan, channel)) return 1;
  watch();
  finish();
  return 0;
}

}  // namespace

int run() {
  for (int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGTSTP}) signal(number, SIG_IGN);
  return Guard().serve();
}

int attach(const char* name) { return hand_over(name, 0, 1) ? 0 : 1; }

}  // namespace hanse::guard
