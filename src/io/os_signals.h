// Signals of the operating system. Handlers only write to a pipe; the poller's thread acts: it tells erl_signal_server, or
// runs the break menu. While the menu is shown the poller reads nothing else, so that the menu alone reads the keyboard.
#pragma once

#include <functional>
#include <string>

namespace hanse {

enum class BreakHandling {
  menu,       // ^C shows the break menu
  ignore,     // +Bi, +B
  interrupt,  // +Bc: ^C is input, for the shell to interrupt what it runs
  quit,       // +Bd: ^C ends the node
};

// What the break menu needs from layers above. Functions print to standard output by returning text; empty ones print
// nothing.
struct BreakActions {
  std::string version;                           // (v)ersion
  std::function<std::string()> information;      // (i)nfo
  std::function<std::string()> loaded;           // (l)oaded
  std::function<std::string()> tables;           // (D)b-tables
  std::function<std::string()> distribution;     // (d)istribution
  std::function<void(std::string)> crash_dump;   // writes a dump with this slogan, for (A)bort and SIGUSR1
};

// Once, by main, before threads are started. Restores the terminal whenever the node is stopped or crashes.
void start_os_signals(BreakHandling handling, BreakActions actions);

// break_menu.cc. Runs the menu on standard input and output until an answer ends it.
void run_break_menu(const BreakActions& actions);

}  // namespace hanse
