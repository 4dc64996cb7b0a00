// Sending signals: everything that one process, port or node sends to a local process goes through here. Any thread
// unless a Process& says that it is the sender's own. Signals from one sender to one receiver arrive in order.
#pragma once

#include <functional>

#include "process/signal.h"
#include "term/reference.h"
#include "term/result.h"

namespace hanse {

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

// --- exits, links, monitors; `from` is a local pid or port, or anything the distribution puts there ---
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
// `count` more reasons for the process not to run; acted on between two slices. `done` is called when it is (also if the
// process is gone: false), on any thread.
void send_suspend(Term to, std::function<void(bool)> done);
void send_resume(Term to, uint32_t count);
// Tells `watcher` that what it watches under `reference` is gone.
void send_down_signal(Term watcher, ReferenceNumber reference, Term reason);

// --- the rest of the world; implemented by dist/, set once by main ---
class DistributionSignals {
 public:
  virtual ~DistributionSignals() = default;
  // to: external pid, external reference (alias) or {Name, Node} of another node.
  virtual Result send(Call& call, Term to, Term message, SendOptions options) = 0;
  virtual void exit(Process& from, Term to, Term reason, ExitKind kind) = 0;
  // False: not connected and connecting is impossible; the caller gets noconnection.
  virtual bool link(Process& from, Term to) = 0;
  virtual void unlink(Process& from, Term to, uint64_t id) = 0;
  virtual bool monitor(Process& watcher, Term to, Term reference) = 0;
  virtual void demonitor(Process& watcher, Term to, Term reference) = 0;
  virtual void group_leader(Process& from, Term leader, Term to) = 0;
  // What a local process owes a remote one: to exit linked and watching processes, acknowledge unlinks.
  virtual void exit_to(Term from, Term to, Term reason) = 0;
  virtual void down_to(Term from, Term watcher, Term reference, Term reason) = 0;
};
// process_flag(monitor_nodes, ...): who is told of nodes that come and go.
class NodeMonitoring {
 public:
  virtual ~NodeMonitoring() = default;
  // flag: monitor_nodes or {monitor_nodes, Options}. The old value, or badarg.
  virtual Result set(Call& call, Term flag, Term value) = 0;
};
void set_node_monitoring(NodeMonitoring* nodes);
NodeMonitoring* node_monitoring();  // nullptr while there is no distribution

void set_distribution_signals(DistributionSignals* distribution);
DistributionSignals* distribution_signals();  // nullptr while there is none

}  // namespace hanse
