// The break menu of ^C. It runs on the poller's thread and reads standard input by itself; processes go on meanwhile.
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "io/os_signals.h"
#include "io/terminal.h"
#include "process/process_table.h"
#include "process/scheduler.h"
#include "process/send.h"
#include "term/atom.h"
#include "term/print.h"

namespace hanse {

static constexpr const char* menu =
    "\r\nBREAK: (a)bort (A)bort with dump (c)ontinue (p)roc info (i)nfo\r\n"
    "       (l)oaded (v)ersion (k)ill (D)b-tables (d)istribution\r\n";

static void print(std::string_view text) {
  while (!text.empty()) {
    ssize_t written = write(STDOUT_FILENO, text.data(), text.size());
    if (written < 0 && errno == EAGAIN) {
      pollfd wait{STDOUT_FILENO, POLLOUT, 0};
      poll(&wait, 1, -1);
    } else if (written < 0 && errno != EINTR) {
      return;
    } else if (written > 0) {
      text.remove_prefix(static_cast<size_t>(written));
    }
  }
}

// One line without its end; false at the end of input.
static bool read_line(std::string& line) {
  line.clear();
  for (;;) {
    pollfd wait{STDIN_FILENO, POLLIN, 0};
    if (poll(&wait, 1, -1) < 0 && errno == EINTR) continue;
    char character;
    ssize_t count = read(STDIN_FILENO, &character, 1);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count <= 0) return false;
    if (character == '\n' || character == '\r') return true;
    line += character;
  }
}

static std::string describe(Process& process) {
  std::string text = "=proc:" + pid_to_text(process.self) + "\r\n";
  if (!process.registered_name.is_none()) text += "Name: " + atom_to_text(process.registered_name) + "\r\n";
  text += "Spawned as: " + atom_to_text(process.initial_module) + ":" + atom_to_text(process.initial_function) + "/" +
          std::to_string(process.initial_arity) + "\r\n";
  text += "Reductions: " + std::to_string(process.reductions_total) + "\r\n";
  return text;
}

// Asks for each process; ends at the end of input.
static void kill_processes() {
  for (Term pid : all_pids()) {
    std::string text;
    {
      epoch::Guard guard;
      Process* process = find_process(pid);
      if (process == nullptr) continue;
      text = describe(*process);
    }
    print(text + "(k)ill (n)ext (r)eturn:\r\n");
    std::string answer;
    if (!read_line(answer) || answer == "r") return;
    if (answer == "k") send_exit_signal(pid, pid, am::kill, ExitKind::direct);
  }
}

[[noreturn]] static void abort_node(int status) {
  restore_terminal();
  _exit(status);
}

static std::string text_of(const std::function<std::string()>& action) { return action ? action() : std::string(); }

// False: the menu is shown again.
static bool act(const std::string& answer, const BreakActions& actions) {
  char choice = answer.empty() ? '\0' : answer[0];
  switch (choice) {
    case 'a': abort_node(0);
    case 'A':
      if (actions.crash_dump) actions.crash_dump("Crash dump requested by user");
      abort_node(1);
    case 'c': return true;
    case 'p':
      for_each_process([](Process& process) { print(describe(process) + "\r\n"); });
      return true;
    case 'i': print(text_of(actions.information)); return true;
    case 'l': print(text_of(actions.loaded)); return true;
    case 'v': print(actions.version + "\r\n"); return true;
    case 'D': print(text_of(actions.tables)); return true;
    case 'd': print(text_of(actions.distribution)); return true;
    case 'k': kill_processes(); return true;
    case '\0': return false;
    default:
      print("Invalid option '" + std::string(1, choice) + "'. Please enter one of the following:");
      return false;
  }
}

void run_break_menu(const BreakActions& actions) {
  restore_terminal();
  print(menu);
  std::string answer;
  for (;;) {
    if (!read_line(answer)) abort_node(0);
    if (act(answer, actions)) break;
    if (!answer.empty()) print(menu);
  }
  resume_raw_terminal();
}

}  // namespace hanse
