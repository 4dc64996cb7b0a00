// A part of a built-in function on a dirty thread in which it only waits, for a time or for the system: meanwhile a
// scheduler deals with the signals of the process, so that others get their answers and the process can be killed.
//
//   {
//     DirtyWindow window(call);
//     sleep();
//   }
//   if (has_exited(call.process)) return Result::yield();
//
// Terms may move while the window is open: only call.args may be used afterwards, and no term inside. If the process has
// exited, nothing of it may be touched but what says so.
//
// A native function (src/nif) runs as a whole in a window in which terms stay where they are: what would move them, a
// collection, waits for its end. It looks at its arguments, and makes terms in an arena of its own; if the process exits, its
// heap stays as long as the thread of the dirty pool does not leave its epoch.
#pragma once

#include "process/call.h"

namespace hanse {

class DirtyWindow {
 public:
  enum class Terms : uint8_t { may_move, stay };
  explicit DirtyWindow(Call& call, Terms terms = Terms::may_move);
  ~DirtyWindow();
  DirtyWindow(const DirtyWindow&) = delete;
  DirtyWindow& operator=(const DirtyWindow&) = delete;

 private:
  Call& call_;
  const bool open_;  // false on a thread that is not dirty
  const Terms terms_;
};

// Any thread, under an epoch::Guard.
bool has_exited(const Process& process);

}  // namespace hanse
