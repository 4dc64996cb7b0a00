// What a worker without work waits in: the io layer's poller, if nobody waits there yet. A message that arrives over a
// socket is then handled, and its receiver run, by the thread that was woken for it.
//
// At most one thread leads: it waits, handles what it found, and releases. The protocol of a worker (Worker::sleep()):
//  1. With its queue's mutex held it says that it is asleep, and then looks at all queues and at its timers. Whoever
//     queues a process or sets a timer does so first, and then looks for sleepers: one of the two sees the other.
//  2. If it can lead, it notes where it waits, gives up the mutex and waits until its next timer at the latest.
//  Otherwise
//     it waits on its condition variable, which gives up the mutex.
//  3. Whoever wakes it takes the mutex, and calls interrupt() or signals the condition, whichever it waits in.
//  interrupt()
//     is not lost if the wait has not begun yet, and outlives the wait if that ends for another reason: the next leader
//     then wakes once without cause.
//  4. It says that it is awake, handles what it found (which may queue processes, here: they run next), and releases.
//
// While no worker leads, the poller sees to it in about a millisecond that a thread of its own does: workers that are
// busy for long, in one slice or many, never keep a descriptor waiting. What that thread finds wakes workers as any
// other thread would.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hanse {

class IdlePoller {
 public:
  // True: the caller is the one that waits, until it calls release().
  virtual bool try_lead() = 0;
  virtual bool is_led() const = 0;
  // Until a descriptor is ready, interrupt() is called or the time is over (UINT64_MAX: never). True: the time is over.
  virtual bool wait(uint64_t timeout_ns) = 0;
  // Handles what wait() has found. No lock is held.
  virtual void dispatch() = 0;
  virtual void release() = 0;
  // Ends the wait of whoever leads. Any thread.
  virtual void interrupt() = 0;
  // A worker that may lead sleeps elsewhere, as somebody leads already; it has woken.
  virtual void add_idle_worker() = 0;
  virtual void remove_idle_worker() = 0;
  // That somebody waits for, or may wait for. Any thread.
  virtual size_t watched_descriptors() = 0;

 protected:
  ~IdlePoller() = default;
};

// Whether the calling thread, which is no worker, has put a process into a queue since it last asked.
bool has_made_process_run();

// Set once by main, before the schedulers run.
void set_idle_poller(IdlePoller* poller);
IdlePoller* idle_poller();  // nullptr: there is none

}  // namespace hanse
