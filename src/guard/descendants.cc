// See descendants.h.
#include "guard/descendants.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <string>

namespace hanse::guard {

std::vector<pid_t> children_of(pid_t process) {
  std::vector<pid_t> children;
  std::string name = "/proc/" + std::to_string(process) + "/task/" + std::to_string(process) + "/children";
  std::FILE* file = std::fopen(name.c_str(), "re");
  if (file == nullptr) return children;
  int child = 0;
  while (std::fscanf(file, "%d", &child) == 1) children.push_back(child);
  std::fclose(file);
  return children;
}

std::vector<pid_t> descendants_of(pid_t process, size_t limit) {
  std::vector<pid_t> found = children_of(process);
  for (size_t i = 0; i < found.size() && found.size() < limit; i++)
    for (pid_t child : children_of(found[i])) found.push_back(child);
  return found;
}

uint64_t resident_bytes(pid_t process) {
  std::string name = "/proc/" + std::to_string(process) + "/statm";
  std::FILE* file = std::fopen(name.c_str(), "re");
  if (file == nullptr) return 0;
  unsigned long long total = 0, resident = 0;
  int fields = std::fscanf(file, "%llu %llu", &total, &resident);
  std::fclose(file);
  return fields == 2 ? resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE)) : 0;
}

void end_descendants() {
  constexpr int rounds = 500, pause_us = 10000;
  for (int round = 0; round < rounds; round++) {
    for (pid_t child : descendants_of(getpid())) kill(child, SIGKILL);
    // What a killed process had started comes to us, and is found in the next round.
    for (;;) {
      pid_t reaped = waitpid(-1, nullptr, WNOHANG);
      if (reaped < 0 && errno == ECHILD) return;
      if (reaped <= 0 && errno != EINTR) break;
    }
    if (round > 0) usleep(pause_us);
  }
}

}  // namespace hanse::guard
