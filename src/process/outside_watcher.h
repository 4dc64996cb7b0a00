// What watches a process and is no process, port or node (a resource of a library of native functions): it is told directly.
#pragma once

#include "base/ref.h"
#include "term/arena.h"
#include "term/reference.h"

namespace hanse {

class OutsideWatcher : public RefCounted<OutsideWatcher> {
 public:
  static void destroy(OutsideWatcher* watcher) { delete watcher; }
  // The process has ended, or had already. Any thread, no locks held.
  virtual void process_ended(ReferenceNumber reference, Term pid) = 0;
  // What erlang:process_info(Pid, monitored_by) shows; none(): it is not there any more.
  virtual Term shown(Arena& arena) = 0;

 protected:
  virtual ~OutsideWatcher() = default;
};

// How it stands among the watchers of a process (relations.h); nullptr: it is another one.
OutsideWatcher* outside_watcher(Term watcher);

// `to` is a local pid. False: there is no such process, nothing was done. It ends as other monitors do.
bool send_outside_monitor_signal(OutsideWatcher& watcher, Term to, ReferenceNumber reference);

}  // namespace hanse
