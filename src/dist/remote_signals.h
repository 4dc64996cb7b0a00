// Signals from processes of other nodes to local ones, as far as they differ from those within the node: their answers go
// back over the connection that they came from.
#pragma once

#include "dist/connection.h"
#include "process/process.h"
#include "process/signals.h"

namespace hanse::dist {

struct RemoteLink final : ControlSignal {
  RemoteLink(Connection& origin, Term peer, Term target);
  Ref<Connection> connection;
  StoredTerm from, to;
  void deliver(Process& receiver) override;
  void undeliverable() override;  // the sender gets an exit signal with reason noproc
};

// id 0: a peer that does not want to know.
struct RemoteUnlink final : ControlSignal {
  RemoteUnlink(Connection& origin, Term peer, Term target, uint64_t number);
  Ref<Connection> connection;
  StoredTerm from, to;
  uint64_t id;
  void deliver(Process& receiver) override;
  void undeliverable() override;
  void acknowledge();
};

struct RemoteMonitor final : ControlSignal {
  // name: none() if it watches by pid; target: as the peer named it.
  RemoteMonitor(Connection& origin, Term peer, Term name, Term target, Term reference);
  Ref<Connection> connection;
  StoredTerm watcher, to, reference;
  Term name;
  void deliver(Process& receiver) override;
  void undeliverable() override;  // the watcher gets noproc
};

struct RemoteDemonitor final : ControlSignal {
  explicit RemoteDemonitor(Term number) : reference(number) {}
  StoredTerm reference;
  void deliver(Process& receiver) override;
  void undeliverable() override { delete this; }
};

}  // namespace hanse::dist
