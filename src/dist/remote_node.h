// Other nodes by name, and the connection that each has at the moment. Nodes live as long as this node does; any thread.
#pragma once

#include <unordered_set>
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

  // Atoms and functions that are known because this peer sent them, which is for ever. False: it has sent too many.
  bool count_new_name();
  // A fun, by a hash of what names it: as above if this peer has not sent it before.
  bool count_fun(uint64_t identity);

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
  std::atomic<size_t> names_made_{0};
  Mutex<LockRank::remote_node> funs_mutex_;
  std::unordered_set<uint64_t> funs_ GUARDED_BY(funs_mutex_);
  Mutex<LockRank::remote_node> mutex_;
  Ref<dist::Connection> connection_ GUARDED_BY(mutex_);
};

// +zpeernames: so many names may each peer send that were not known before.
void set_peer_name_limit(size_t count);

}  // namespace hanse
