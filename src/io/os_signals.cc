// See os_signals.h.
#include "io/os_signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>

#include "bif/tables.h"
#include "heap/fragment.h"
#include "io/child_keeper.h"
#include "io/child_process.h"
#include "io/poller.h"
#include "io/terminal.h"
#include "process/call.h"
#include "process/scheduler.h"
#include "process/send.h"

namespace hanse {

namespace {

struct SignalName {
  int number;
  Term name;
};
// Those that os:set_signal/2 accepts.
constexpr SignalName signal_names[] = {
    {SIGHUP, am::sighup},   {SIGQUIT, am::sigquit}, {SIGABRT, am::sigabrt}, {SIGALRM, am::sigalrm},
    {SIGTERM, am::sigterm}, {SIGUSR1, am::sigusr1}, {SIGUSR2, am::sigusr2}, {SIGCHLD, am::sigchld},
    {SIGSTOP, am::sigstop}, {SIGTSTP, am::sigtstp},
};

std::atomic<int> pipe_write_end{-1};  // written once before handlers are installed

// What a handler tells the poller's thread. Fits into a pipe as a whole.
struct NotedSignal {
  int number;
  pid_t child = 0;  // SIGCHLD of the system's: which child
};

void note(NotedSignal signal) {
  int saved = errno;
  [[maybe_unused]] ssize_t written = write(pipe_write_end.load(std::memory_order_acquire), &signal, sizeof signal);
  errno = saved;
}
void note_signal(int number) { note({number}); }

void note_child_signal(int number, siginfo_t* info, void*) { note({number, info->si_code > 0 ? info->si_pid : 0}); }

// Programs of ports are the virtual machine's own matter; what somebody sends on purpose is for the guest, and so are children
// that a native function has made.
bool is_for_guest(const NotedSignal& signal) {
  if (signal.child == 0) return true;
  if (is_program_of_port(signal.child)) return false;
  siginfo_t ended{};
  bool is_there = waitid(P_PID, static_cast<id_t>(signal.child), &ended, WEXITED | WNOHANG | WNOWAIT) == 0;
  return is_there && ended.si_pid == signal.child;  // else it was such a program, and is gone
}

void install(int number, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigfillset(&action.sa_mask);
  sigaction(number, &action, nullptr);
}

void handle_child_signal() {
  struct sigaction action {};
  action.sa_sigaction = note_child_signal;
  action.sa_flags = SA_RESTART | SA_SIGINFO;
  sigfillset(&action.sa_mask);
  sigaction(SIGCHLD, &action, nullptr);
}

// A crash: the terminal gets its modes back, then the signal does what it does by default.
void restore_and_die(int number) {
  restore_terminal();
  install(number, SIG_DFL);
  ::raise(number);
}

// ^Z: the terminal is given back while the node stands still.
void suspend(int) {
  int saved = errno;
  restore_terminal();
  install(SIGTSTP, SIG_DFL);
  sigset_t stop, previous;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTSTP);
  kill(getpid(), SIGTSTP);
  pthread_sigmask(SIG_UNBLOCK, &stop, &previous);  // stops here
  pthread_sigmask(SIG_SETMASK, &previous, nullptr);
  install(SIGTSTP, suspend);
  resume_raw_terminal();
  errno = saved;
}

class SignalReader final : public PollTarget {
 public:
  SignalReader(int descriptor, BreakActions actions) : descriptor_(descriptor), actions_(std::move(actions)) {
    watch_.start(this, descriptor, 0);
    watch_.set(EPOLLIN);
  }
  void descriptor_ready(uint32_t, uint32_t) override {
    NotedSignal signals[64];
    ssize_t bytes = read(descriptor_, signals, sizeof signals);
    for (size_t i = 0; bytes > 0 && i < static_cast<size_t>(bytes) / sizeof(NotedSignal); i++) act(signals[i]);
  }
  void deadline_passed(uint64_t) override {}
  void retain_target() override {}  // lives as long as the node
  void release_target() override {}

 private:
  void act(const NotedSignal& signal) {
    if (!is_for_guest(signal)) return;
    int number = signal.number;
    if (number == SIGINT) return run_break_menu(actions_);
    if (number == SIGTERM) spare_no_children();
    for (const SignalName& row : signal_names) {
      if (row.number != number) continue;
      FragmentArena arena(4);
      if (deliver_to_name(am::erl_signal_server, make_tuple(arena, am::notify, row.name))) has_had_server_ = true;
      else if (!has_had_server_) act_without_server(number);
    }
  }
  // Before the server is there, or without it (-mode minimal). Who has taken it away wants to hear of no signal.
  void act_without_server(int number) {
    if (number == SIGUSR1 && actions_.crash_dump) return actions_.crash_dump("Received SIGUSR1");
    if (number == SIGTERM || number == SIGQUIT || number == SIGUSR1) halt_node(number == SIGTERM ? 0 : 1, true);
  }
  const int descriptor_;
  const BreakActions actions_;
  bool has_had_server_ = false;
  Watch watch_;
};

}  // namespace

void start_os_signals(BreakHandling handling, BreakActions actions) {
  int ends[2];
  CHECK(pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
  pipe_write_end.store(ends[1], std::memory_order_release);
  new SignalReader(ends[0], std::move(actions));

  install(SIGPIPE, SIG_IGN);
  install(SIGCHLD, SIG_DFL);
  for (int number : {SIGTERM, SIGQUIT, SIGUSR1}) install(number, note_signal);
  install(SIGTSTP, suspend);
  for (int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGHUP}) {
    struct sigaction present;
    // A debugger's or sanitizer's own handler stays.
    if (sigaction(number, nullptr, &present) == 0 && present.sa_handler == SIG_DFL) install(number, restore_and_die);
  }
  switch (handling) {
    case BreakHandling::menu: install(SIGINT, note_signal); break;
    case BreakHandling::ignore: install(SIGINT, SIG_IGN); break;
    case BreakHandling::interrupt:
      set_interrupt_key_to_guest();
      install(SIGINT, note_signal);
      break;
    case BreakHandling::quit: install(SIGINT, restore_and_die); break;
  }
}

// os:set_signal/2. Arguments: signal, default | handle | ignore.
static Result os_set_signal_2(Call& call) {
  if (!call.args[0].is_atom()) return raise_badarg(call);
  Term option = call.args[1];
  for (const SignalName& row : signal_names) {
    if (row.name != call.args[0]) continue;
    if (option == am::ignore) {
      // Ignored children would leave no exit status; the default does nothing else.
      install(row.number, row.number == SIGCHLD ? SIG_DFL : SIG_IGN);
    } else if (option == am::handle) {
      if (row.number == SIGCHLD) handle_child_signal();
      else install(row.number, note_signal);
    } else if (option == am::default_) {
      bool restores = row.number == SIGHUP || row.number == SIGABRT || row.number == SIGTERM || row.number == SIGQUIT;
      install(row.number, row.number == SIGTSTP ? suspend : restores ? restore_and_die : SIG_DFL);
    } else {
      return raise_badarg(call, am::badopt);
    }
    return am::ok;
  }
  return raise_badarg(call, am::badopt);
}

static constexpr BifRow rows[] = {
    {"os", "set_signal", 2, os_set_signal_2, BifKind::plain, Authority::host},
};
const BifTable os_signal_bifs = rows;

}  // namespace hanse
