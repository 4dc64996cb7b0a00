// Other nodes by name, and the connection that each has at the moment. Nodes live as long as this node does; any thread.
#pragma once

#include <vector>

#include "base/mutex.h"
#include "base/ref.h"
#include "term/node.h"
#include "term/reference.h"

namespace hanse {

namespace dist {
class Connection;
}

class RemoteNode {
 public:
  const Term name;
  // Guests name the node's connections by {Connection number, this reference} and by this reference.
  const ReferenceNumber handle;

  // Of the latest connection; 0 before the first.
  std::atomic<uint32_t> creation{0};

  // Atoms and names of nodes that exist because this peer sent them. False: it has made too many.
  bool count_new_name() { return names_made_.fetch_add(1, std::memory_order_relaxed) < peer_name_limit; }

  // Made on first use.
  static RemoteNode& of(Term name);
  static RemoteNode& of(NodeEntry* entry);
  // nullptr if nobody has asked for it yet.
  static RemoteNode* find(Term name);
  static RemoteNode* find_handle(Term reference);
  static std::vector<RemoteNode*> all();

  // nullptr while there is none.
  Ref<dist::Connection> connection();
  // The present one, or a new, pending one. `is_new`: net_kernel must be asked to set it up.
  Ref<dist::Connection> connection_or_pending(bool& is_new);
  // The connection has ended: the next one will be another.
  void forget(dist::Connection& connection);

 private:
  RemoteNode(Term node, ReferenceNumber number);
  static constexpr size_t peer_name_limit = 1 << 18;
  std::atomic<size_t> names_made_{0};
  Mutex<LockRank::remote_node> mutex_;
  Ref<dist::Connection> connection_ GUARDED_BY(mutex_);
};

}  // namespace hanse
