// What processes ask of the distribution: signals to processes of other nodes. Implemented by dist/, set once by main.
//
// A process keeps what it shares with remote processes (links, monitors, requests) in its own Relations, marked with the
// connection it belongs to: the number of a connection is never used again. When a connection ends, every process that had
// anything to do with it is told (connection_lost below), and drops what bears that number.
#pragma once

#include "process/send.h"

namespace hanse {

class DistributionSignals {
 public:
  virtual ~DistributionSignals() = default;
  // Whether the node is alive, or will be as soon as another has given it a name. All else presupposes nothing: signals to unreachable nodes are lost.
  virtual bool is_alive() = 0;
  // erlang:system_info(dist_ctrl): [{Node, PortOrPid}].
  virtual Term controllers(Arena& arena) = 0;
  // The creation of a node that is connected or has been; false: it is unknown.
  virtual bool creation_of(Term node, uint32_t& creation) = 0;
  // Bytes that may wait for one connection before senders do.
  virtual size_t busy_limit() = 0;
  // Whether the process waits until less than that waits for some connection.
  virtual bool holds_up(Term process) = 0;
  // to: as send(), or a pid that something is to be ended with. True: the process must wait before it sends more there, and
  // is woken when it need not any more.
  virtual bool delays(Term process, Term to) = 0;
  // A process that has ended, but for its last signals on that connection. True: they take their time. The process counts as
  // one until then; continue_exit() is called (maybe it is already), and the caller must not touch it any more.
  virtual bool delays_end(Process& process, Term node, uint64_t connection) = 0;

  // --- on the sender's thread; these connect if need be ---
  // to: external pid, external reference (alias) or {Name, Node} of another node. Results as of send_message().
  virtual Result send(Call& call, Term to, Term message, SendOptions options) = 0;
  // erlang:exit/2: true, or as of send().
  virtual Result exit(Call& call, Term to, Term reason) = 0;
  virtual void group_leader(Process& from, Term leader, Term to) = 0;
  // The connection to which the relation belongs, 0 if there cannot be one.
  virtual uint64_t link(Process& from, Term to) = 0;
  // to: external pid or {Name, Node}.
  virtual uint64_t monitor(Process& watcher, Term to, Term reference) = 0;

  // --- of relations that exist; nothing happens if their connection is gone ---
  // False: the peer will not acknowledge.
  virtual bool unlink(Term from, Term to, uint64_t id, uint64_t connection) = 0;
  virtual void demonitor(Term watcher, Term to, Term reference, uint64_t connection) = 0;
  // A local process ends: its linked peers, and who watches it (by pid: name is none(); or by name).
  // token: of sequential tracing, or none().
  virtual void exit_link(Term from, Term to, Term reason, Term token, uint64_t connection) = 0;
  virtual void down(Term from, Term name, Term watcher, Term reference, Term reason, uint64_t connection) = 0;
};
void set_distribution_signals(DistributionSignals* distribution);
DistributionSignals* distribution_signals();  // nullptr while there is none

// process_flag(monitor_nodes, ...): who is told of nodes that come and go.
class NodeMonitoring {
 public:
  virtual ~NodeMonitoring() = default;
  // flag: monitor_nodes or {monitor_nodes, Options}. The old value, or badarg.
  virtual Result set(Call& call, Term flag, Term value) = 0;
};
void set_node_monitoring(NodeMonitoring* nodes);
NodeMonitoring* node_monitoring();  // nullptr while there is no distribution

// On the process's own thread: what it shares with the other end of a connection is gone.
void connection_lost(Process& process, Term node, uint64_t connection);
// A process that was asked for on another node will not come: {Tag, Reference, error, Reason} if that was wanted.
// token: as in append_own_message (signals.h).
void fail_spawn_request(Process& process, ReferenceNumber number, Term reason, Term token = Term::none());

}  // namespace hanse
