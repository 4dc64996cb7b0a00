#include "process/relations.h"

#include <atomic>

namespace hanse {

// A key to look up with: borrows the term.
struct BorrowedKey {
  explicit BorrowedKey(Term term) : key(term, nullptr) {}
  StoredTerm key;
};

static uint64_t next_unlink_id() {
  static std::atomic<uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

bool Relations::link(Term peer) {
  Links& links = make().links;
  if (Link* link = links.find(BorrowedKey(peer).key)) {
    if (link->unlinking == 0) return false;
    link->unlinking = 0;
    return true;
  }
  links.insert(StoredTerm(peer), Link{});
  return true;
}

uint64_t Relations::unlink(Term peer) {
  if (!tables_) return 0;
  Link* link = tables_->links.find(BorrowedKey(peer).key);
  if (!link || link->unlinking != 0) return 0;
  return link->unlinking = next_unlink_id();
}

Relations::Link* Relations::find_link(Term peer) {
  return tables_ ? tables_->links.find(BorrowedKey(peer).key) : nullptr;
}

void Relations::peer_links(Term peer, uint64_t connection) {
  // An entry that waits for an acknowledgement stays: the peer will see our unlink after its link.
  Links& links = make().links;
  if (!links.find(BorrowedKey(peer).key)) links.insert(StoredTerm(peer), Link{0, connection});
}

void Relations::peer_unlinks(Term peer) {
  if (!tables_) return;
  BorrowedKey key(peer);
  Link* link = tables_->links.find(key.key);
  if (link && link->unlinking == 0) tables_->links.erase(key.key);
}

void Relations::unlink_acknowledged(Term peer, uint64_t id) {
  if (!tables_) return;
  BorrowedKey key(peer);
  Link* link = tables_->links.find(key.key);
  if (link && link->unlinking == id) tables_->links.erase(key.key);
}

bool Relations::peer_exits(Term peer) {
  if (!tables_) return false;
  BorrowedKey key(peer);
  Link* link = tables_->links.find(key.key);
  if (!link) return false;
  bool active = link->unlinking == 0;
  tables_->links.erase(key.key);
  return active;
}

bool Relations::is_linked(Term peer) {
  if (!tables_) return false;
  Link* link = tables_->links.find(BorrowedKey(peer).key);
  return link && link->unlinking == 0;
}

Monitor& Relations::add_monitor(ReferenceNumber reference, Monitor monitor) {
  return make().monitors.insert(reference, std::move(monitor));
}
Monitor* Relations::find_monitor(ReferenceNumber reference) {
  return tables_ ? tables_->monitors.find(reference) : nullptr;
}
bool Relations::remove_monitor(ReferenceNumber reference) { return tables_ && tables_->monitors.erase(reference); }

void Relations::add_watcher(ReferenceNumber reference, Term watcher) {
  make().watchers.insert(reference, StoredTerm(watcher));
}
bool Relations::remove_watcher(ReferenceNumber reference) { return tables_ && tables_->watchers.erase(reference); }

void Relations::add_alias(ReferenceNumber reference, AliasMode mode) { make().aliases.insert(reference, mode); }
AliasMode Relations::find_alias(ReferenceNumber reference) {
  AliasMode* mode = tables_ ? tables_->aliases.find(reference) : nullptr;
  return mode ? *mode : AliasMode::none;
}
bool Relations::remove_alias(ReferenceNumber reference) { return tables_ && tables_->aliases.erase(reference); }

Suspension& Relations::suspension(Term pid) {
  Suspended& suspended = make().suspended;
  if (Suspension* known = suspended.find(BorrowedKey(pid).key)) return *known;
  return suspended.insert(StoredTerm(pid), {});
}
void Relations::forget_suspended(Term pid) {
  if (tables_) tables_->suspended.erase(BorrowedKey(pid).key);
}

void Relations::add_remote_watcher(Term reference, RemoteWatcher watcher) {
  RemoteWatchers& watchers = make().remote_watchers;
  if (!watchers.find(BorrowedKey(reference).key)) watchers.insert(StoredTerm(reference), std::move(watcher));
}
bool Relations::remove_remote_watcher(Term reference) {
  return tables_ && tables_->remote_watchers.erase(BorrowedKey(reference).key);
}
SpawnRequest& Relations::add_spawn_request(ReferenceNumber reference, SpawnRequest request) {
  return make().spawn_requests.insert(reference, std::move(request));
}
SpawnRequest* Relations::find_spawn_request(ReferenceNumber reference) {
  return tables_ ? tables_->spawn_requests.find(reference) : nullptr;
}
void Relations::remove_spawn_request(ReferenceNumber reference) {
  if (tables_) tables_->spawn_requests.erase(reference);
}

size_t Relations::bytes() const {
  if (!tables_) return 0;
  return sizeof(Tables) + tables_->links.bytes() + tables_->monitors.bytes() + tables_->watchers.bytes() +
         tables_->aliases.bytes() + tables_->suspended.bytes() + tables_->remote_watchers.bytes() +
         tables_->spawn_requests.bytes() + tables_->node_watches.capacity() * sizeof(NodeWatch);
}

}  // namespace hanse
