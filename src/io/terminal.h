// The controlling terminal's modes: raw while tty_sl reads keys, as found otherwise. One for the node; any thread.
#pragma once

namespace hanse {

// False if standard input and output are no terminal.
bool terminal_is_present();
// Keys arrive one by one, unechoed, and output is not processed. keep_interrupt_key: ^C makes SIGINT, else it is input.
bool set_raw_terminal(bool keep_interrupt_key);
// The modes as found. Safe in signal handlers; no effect if they were never changed.
void restore_terminal();
// Raw again, after restore_terminal() for a while (break menu, suspension).
void resume_raw_terminal();
// Raw mode is over for good.
void release_terminal();
// +Bc: whether ^C is left to Erlang code.
void set_interrupt_key_to_guest();
bool interrupt_key_to_guest();

struct TerminalSize {
  unsigned columns = 0, rows = 0;
};
// Of the terminal behind a descriptor; zeros if it is none.
TerminalSize terminal_size(int descriptor);

}  // namespace hanse
