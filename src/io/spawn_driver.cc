// See spawn_driver.h. What a child gets, and the order of the messages at its end, were seen on stock.
#include "io/spawn_driver.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bif/os_environment.h"
#include "heap/fragment.h"
#include "io/built_in_drivers.h"
#include "io/child_process.h"
#include "io/port.h"
#include "io/posix_error.h"
#include "term/atom.h"
#include "term/build.h"

namespace hanse {

void SpawnDriver::finish_with_status() {
  FragmentArena arena(12);
  Term status = make_tuple(arena, am::exit_status, Term::small(*status_));
  port_.send_to_owner(arena, make_tuple(arena, port_.self, status));
  report_end();
}

void SpawnDriver::child_ended(int status) {
  status_ = status;
  // What the program and its children wrote comes first.
  if (options_.exit_status && (input_ended_ || !options_.input)) finish_with_status();
}

void SpawnDriver::end_of_input() {
  input_ended_ = true;
  if (!options_.exit_status) return report_end();
  if (status_) return finish_with_status();
  stop_reading();  // the status is still to come
}

static std::vector<std::string> child_environment(const PortOptions& options) {
  std::vector<std::string> entries = environment_snapshot();
  for (auto& [name, value] : options.environment) {
    std::erase_if(entries, [&](const std::string& entry) {
      return entry.size() > name.size() && entry[name.size()] == '=' && entry.compare(0, name.size(), name) == 0;
    });
    if (value) entries.push_back(name + "=" + *value);
  }
  return entries;
}

// enoent or eacces as spawn_executable answers them; none() if the file looks executable.
static Term check_executable(const std::string& path) {
  struct stat status;
  if (stat(path.c_str(), &status) != 0) return errno == EACCES ? am::eacces : am::enoent;
  if (access(path.c_str(), X_OK) != 0) return am::eacces;
  return Term::none();
}

static bool is_directory(const std::string& path) {
  struct stat status;
  return stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode) && access(path.c_str(), X_OK) == 0;
}

static std::string quoted(const std::string& text) {
  std::string result = "'";
  for (char c : text) {
    if (c == '\'')
      result += "'\\''";
    else
      result += c;
  }
  return result + "'";
}

static ChildPlan make_plan(const PortOptions& options, const PortName& name) {
  ChildPlan plan;
  plan.environment = child_environment(options);
  plan.stderr_to_stdout = options.stderr_to_stdout;
  plan.input_target = options.use_stdio ? 0 : 3;
  plan.output_target = options.use_stdio ? 1 : 4;
  if (name.kind == PortName::Kind::executable) {
    plan.program = name.text;
    plan.arguments = options.arguments;
    plan.arguments.insert(plan.arguments.begin(), options.argument0.value_or(name.text));
  } else {
    plan.program = "/bin/sh";
    plan.arguments = {"sh", "-c", "exec " + name.text};
    plan.outlives_node = name.text.starts_with("heart ");
  }
  if (options.directory.empty()) return plan;
  if (is_directory(options.directory)) {
    plan.directory = options.directory;
  } else {
    // The port opens; the program complains and ends.
    plan.program = "/bin/sh";
    plan.arguments = {"sh", "-c", "echo " + quoted("spawn: Could not cd to " + options.directory + "\r") + " >&2; exit 2"};
  }
  return plan;
}

namespace {
// Both ends of up to two pipes; what is not taken is closed.
struct Pipes {
  int to_child[2] = {-1, -1}, from_child[2] = {-1, -1};
  ~Pipes() {
    for (int descriptor : {to_child[0], to_child[1], from_child[0], from_child[1]})
      if (descriptor >= 0) ::close(descriptor);
  }
  // 0 or an errno. The ends of the node do not block.
  int open(const PortOptions& options) {
    if (options.output && pipe2(to_child, O_CLOEXEC) != 0) return errno;
    if (options.input && pipe2(from_child, O_CLOEXEC) != 0) return errno;
    // dup2 onto itself would leave a descriptor that closes on exec: the child's ends stay clear of its targets.
    for (int* end : {&to_child[0], &from_child[1]}) {
      if (*end < 0 || *end > 4) continue;
      int moved = fcntl(*end, F_DUPFD_CLOEXEC, 5);
      if (moved < 0) return errno;
      ::close(*end);
      *end = moved;
    }
    if (options.output) fcntl(to_child[1], F_SETFL, O_NONBLOCK);
    if (options.input) fcntl(from_child[0], F_SETFL, O_NONBLOCK);
    return 0;
  }
};
}  // namespace

std::unique_ptr<Driver> open_program(Port& port, const PortOptions& options, const PortName& name, OpenFailure& failure) {
  if (name.kind == PortName::Kind::executable) {
    failure.reason = check_executable(name.text);
    if (!failure.reason.is_none()) return nullptr;
  }
  Pipes pipes;
  if (int error = pipes.open(options); error != 0) {
    failure.reason = posix_error_atom(error);
    return nullptr;
  }
  ChildPlan plan = make_plan(options, name);
  plan.input = pipes.to_child[0];
  plan.output = pipes.from_child[1];
  ChildProcess child = start_child(plan);
  if (child.error != 0 && child.error != EAGAIN && child.error != ENOMEM) {
    // It cannot be executed after all: the port opens, and the status tells why.
    plan.program = "/bin/sh";
    plan.arguments = {"/bin/sh", "-c", "exit " + std::to_string(child.error)};
    plan.environment.clear();  // it may be what is too long
    plan.directory.clear();
    child = start_child(plan);
  }
  if (child.error != 0) {
    failure.reason = posix_error_atom(child.error);
    return nullptr;
  }
  StreamDriver::Channel channel;
  channel.output = std::exchange(pipes.to_child[1], -1);
  channel.input = std::exchange(pipes.from_child[0], -1);
  channel.owns_output = options.output;
  channel.owns_input = options.input;
  auto driver = std::make_unique<SpawnDriver>(port, options, channel, child);
  driver->start_reading();
  return driver;
}

}  // namespace hanse
