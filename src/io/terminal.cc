// See terminal.h.
#include "io/terminal.h"

#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <atomic>

namespace hanse {

// Written before `raw_wanted` is set, read by signal handlers after they have seen it.
static termios found_modes, raw_modes;
static std::atomic<bool> raw_wanted{false};
static std::atomic<bool> guest_interrupt{false};

bool terminal_is_present() { return isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0; }

bool set_raw_terminal(bool keep_interrupt_key) {
  if (tcgetattr(STDIN_FILENO, &found_modes) != 0) return false;
  raw_modes = found_modes;
  raw_modes.c_iflag &= ~static_cast<tcflag_t>(ICRNL | INLCR | IGNCR | ISTRIP);
  raw_modes.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | IEXTEN);
  raw_modes.c_oflag &= ~static_cast<tcflag_t>(OPOST);
  raw_modes.c_cc[VMIN] = 1;
  raw_modes.c_cc[VTIME] = 0;
  if (!keep_interrupt_key) raw_modes.c_cc[VINTR] = _POSIX_VDISABLE;
  if (tcsetattr(STDIN_FILENO, TCSANOW, &raw_modes) != 0) return false;
  raw_wanted.store(true, std::memory_order_release);
  // halt and main's return end the process through exit().
  static bool registered = [] { return atexit(restore_terminal) == 0; }();
  (void)registered;
  return true;
}

void restore_terminal() {
  if (raw_wanted.load(std::memory_order_acquire)) tcsetattr(STDIN_FILENO, TCSANOW, &found_modes);
}

void resume_raw_terminal() {
  if (raw_wanted.load(std::memory_order_acquire)) tcsetattr(STDIN_FILENO, TCSANOW, &raw_modes);
}

void release_terminal() {
  restore_terminal();
  raw_wanted.store(false, std::memory_order_release);
}

void set_interrupt_key_to_guest() { guest_interrupt.store(true); }
bool interrupt_key_to_guest() { return guest_interrupt.load(); }

TerminalSize terminal_size(int descriptor) {
  winsize size{};
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0) return {};
  return {size.ws_col, size.ws_row};
}

}  // namespace hanse
