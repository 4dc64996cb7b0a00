// Sending signals: everything that one process, port or node sends to a local process goes through here. Any thread
// unless a Process& says that it is the sender's own. Signals from one sender to one receiver arrive in order.
#pragma once

#include <functional>

#include "process/signal.h"
#include "term/reference.h"
#include "term/result.h"

namespace hanse {

class Machine;
class Process;
struct Call;

// --- messages ---
struct SendOptions {
  bool no_suspend = false;  // erlang:send/3
  bool no_connect = false;
};
// `to ! message`: local pid, registered name, {Name, Node}, port, alias, external pid or reference. What erlang:send/3
// returns (ok, nosuspend, noconnect), or badarg (no such name, wrong type), or yield/wait (busy port or distribution
// channel). Copies.
Result send_message(Call& call, Term to, Term message, SendOptions options = {});

// The local pid or port behind a name in that machine, or behind the name of the host that it stands for; none().
Term find_name(Machine& machine, Term name);

// Copies the term and delivers it. False if there is no such process. `to` is a local pid.
bool deliver(Term to, Term message);
// As deliver; takes over the fragments in which the message lives.
bool deliver_fragment(Term to, Term message, Fragment* fragments);
// Takes over the message object.
bool deliver_message(Term to, Message* message);
// To the process behind a registered name of the host machine; false if there is none. Any thread.
bool deliver_to_name(Term name, Term message);

// Any signal; undeliverable() is called on it if there is no such process. False then.
bool deliver_signal(Term to, Signal* signal);

// --- exits, links, monitors; `to` is a local pid or port; for other nodes see distribution.h ---
enum class ExitKind : uint8_t {
  direct,  // erlang:exit/2: `kill` is untrappable, `normal` is ignored unless from itself
  link,    // broken link: takes effect only while the receiver is linked to `from`
};
void send_exit_signal(Term from, Term to, Term reason, ExitKind kind);
// False: there is no such process, nothing was done.
bool send_link_signal(Term from, Term to);
void send_unlink_signal(Term from, Term to, uint64_t id);
void send_unlink_ack_signal(Term from, Term to, uint64_t id);
// `watcher` starts to watch `to`. False: there is no such process.
bool send_monitor_signal(Term watcher, Term to, ReferenceNumber reference);
void send_demonitor_signal(Term watcher, Term to, ReferenceNumber reference);
// --- suspension (erlang:suspend_process/2) ---
// One more reason for the process not to run; acted on between two slices. `done`, if there is one, is then called on the
// thread that does so.
void send_suspend(Term to, std::function<void()> done);
void send_resume(Term to);
// Tells `watcher` that what it watches under `reference` is gone.
void send_down_signal(Term watcher, ReferenceNumber reference, Term reason);

}  // namespace hanse
