// See launch.h. Between fork() and exec the child calls what is safe there; the guard has one thread, so the C library
// is sound.
#include "guard/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vector>

#include "guard/network_wall.h"

namespace hanse::guard {

namespace {

struct User {
  bool wanted = false;
  uid_t uid = 0;
  gid_t gid = 0;
};

[[noreturn]] void fail(int report, const std::string& what) {
  std::string text = what + ": " + strerror(errno);
  [[maybe_unused]] ssize_t written = write(report, text.data(), text.size());
  _exit(127);
}

// Moves the descriptors to their places. Sources above the targets first, so that none is overwritten before it is
// used.
void place_descriptors(const Plan& plan, const Channels& channels, int& report) {
  constexpr int free_number = 16;
  auto lifted = [&](int descriptor) {
    return descriptor < 0 ? open("/dev/null", O_RDWR) : fcntl(descriptor, F_DUPFD_CLOEXEC, free_number);
  };
  int null = fcntl(open("/dev/null", O_RDWR | O_CLOEXEC), F_DUPFD_CLOEXEC, free_number);
  int sources[5] = {null, lifted(channels.output), lifted(channels.errors), -1, -1};
  sources[plan.channel_input] = lifted(channels.data_input);
  sources[plan.channel_output] = lifted(channels.data_output);
  int lifted_report = fcntl(report, F_DUPFD_CLOEXEC, free_number);
  report = lifted_report;
  for (int target = 0; target < 5; target++) {
    if (sources[target] < 0)
      close(target);
    else if (dup2(sources[target], target) < 0)
      fail(report, "dup2");
  }
  // All but the report, which closes when the program starts.
  if (dup2(report, 5) < 0) fail(report, "dup2");
  fcntl(5, F_SETFD, FD_CLOEXEC);
  report = 5;
  close_range(6, ~0U, 0);
}

void reset_signals() {
  struct sigaction plain = {};
  plain.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; number++) sigaction(number, &plain, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void become_worker(const Plan& plan, const Channels& channels, const User& user, int report, pid_t guard) {
  reset_signals();
  if (setsid() < 0) fail(report, "setsid");
  place_descriptors(plan, channels, report);
  for (auto [resource, number] : plan.limits) {
    rlimit limit = {number, number};
    if (setrlimit(static_cast<__rlimit_resource_t>(resource), &limit) != 0) fail(report, "setrlimit");
  }
  if (user.wanted) {
    if (getuid() == 0 && initgroups(plan.user.c_str(), user.gid) != 0) fail(report, "initgroups");
    if (setgid(user.gid) != 0 || setuid(user.uid) != 0) fail(report, "cannot become user " + plan.user);
  }
  if (!plan.directory.empty() && chdir(plan.directory.c_str()) != 0) fail(report, "cannot enter " + plan.directory);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // after setuid, which would undo it
  if (getppid() != guard) _exit(127);
  if (!plan.network && !close_network()) fail(report, "cannot close the network");
  std::vector<char*> arguments, environment;
  for (const std::string& text : plan.arguments) arguments.push_back(const_cast<char*>(text.c_str()));
  for (const std::string& text : plan.environment) environment.push_back(const_cast<char*>(text.c_str()));
  arguments.push_back(nullptr);
  environment.push_back(nullptr);
  environ = environment.data();  // PATH is the worker's
  execvp(arguments[0], arguments.data());
  fail(report, "cannot run " + plan.arguments[0]);
}

bool find_user(const std::string& name, User& user) {
  if (name.empty()) return true;
  passwd* entry = getpwnam(name.c_str());
  if (entry == nullptr) return false;
  user = {true, entry->pw_uid, entry->pw_gid};
  return true;
}

}  // namespace

Launched launch(const Plan& plan, const Channels& channels) {
  User user;
  if (!find_user(plan.user, user)) return {-1, "there is no user " + plan.user};
  int report[2];
  if (pipe2(report, O_CLOEXEC) != 0) return {-1, std::string("pipe: ") + strerror(errno)};
  pid_t guard = getpid();
  pid_t child = fork();
  if (child == 0) become_worker(plan, channels, user, report[1], guard);
  Launched launched = {child, {}};
  if (child < 0) launched.error = std::string("fork: ") + strerror(errno);
  close(report[1]);
  char buffer[1024];
  ssize_t count = 0;
  while (child > 0 && ((count = read(report[0], buffer, sizeof buffer)) > 0 || (count < 0 && errno == EINTR)))
    if (count > 0) launched.error.append(buffer, static_cast<size_t>(count));
  close(report[0]);
  if (!launched.error.empty() && child > 0) {
    waitpid(child, nullptr, 0);
    launched.pid = -1;
  }
  return launched;
}

}  // namespace hanse::guard
