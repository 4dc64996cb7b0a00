// Links, monitors and aliases of one process. Private to it; most processes have few, so that tables are made lazily.
// Nothing in here refers into the heap.
//
// Links follow the protocol of the Erlang distribution ("Link Protocol"), within the node too: unlinking is acknowledged,
// and until then the entry stays, marked, so that signals which crossed are recognised as old.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "base/flat_table.h"
#include "heap/collector.h"
#include "process/stored_term.h"
#include "term/compare.h"
#include "term/hash.h"
#include "term/reference.h"

namespace hanse {

struct ReferenceTraits {
  static size_t hash(ReferenceNumber number) {
    uint64_t mixed = (number.number01 ^ (number.number2 << 17)) * 0x9e3779b97f4a7c15;
    return static_cast<size_t>(mixed >> 29);
  }
  static bool equal(ReferenceNumber a, ReferenceNumber b) { return a == b; }
};
// A pid or port; external ones live in fragments of their own.
struct StoredTermTraits {
  static size_t hash(const StoredTerm& key) { return hash(key.term()); }
  static size_t hash(Term term) {
    if (term.is_pointer()) return static_cast<size_t>(internal_hash(term));
    return static_cast<size_t>((term.word() * 0x9e3779b97f4a7c15) >> 29);
  }
  static bool equal(const StoredTerm& a, const StoredTerm& b) { return exactly_equal(a.term(), b.term()); }
};

// How an alias ends (erlang:alias/1, monitor/3).
enum class AliasMode : uint8_t { none, explicit_unalias, demonitor, reply_demonitor, reply };
enum class MonitorKind : uint8_t { process, port, time_offset, node };

// What this process watches.
struct Monitor {
  MonitorKind kind = MonitorKind::process;
  AliasMode alias = AliasMode::none;
  bool has_pid = false;            // the reference carries the process (aliases)
  StoredTerm target;               // pid or port; none() if it did not exist
  Term name = Term::none();        // registered name, if watched by name
  Term node = Term::none();        // with `name`
  StoredTerm tag;                  // {tag, Term}, or none(): 'DOWN'
  uint64_t connection = 0;         // to the node of a remote target
};

// A process of another node that watches this one.
struct RemoteWatcher {
  StoredTerm watcher;
  Term name = Term::none();  // registered name, if it watches by name
  uint64_t connection = 0;
};

// Another process that this one keeps from running, `count` times. in_force: set by that process once it acts on the first.
struct Suspension {
  uint32_t count = 0;
  std::shared_ptr<std::atomic<bool>> in_force;
};

// A process that was asked for on another node and has not been reported yet (erlang:spawn_request/5).
struct SpawnRequest {
  bool link = false;
  bool monitor = false;
  AliasMode alias = AliasMode::none;
  bool reply_on_success = true;
  bool reply_on_error = true;
  bool abandoned = false;
  StoredTerm reply_tag;
  StoredTerm monitor_tag;
  uint64_t connection = 0;
};

// erlang:monitor_node/2: one `nodedown` for each call.
struct NodeWatch {
  Term node;
  uint64_t connection;
  uint32_t count;
};

class Relations {
 public:
  struct Link {
    uint64_t unlinking = 0;  // id of the unlink signal whose acknowledgement is awaited; 0: linked
    uint64_t connection = 0;  // to the node of a remote peer
  };
  using Links = FlatTable<StoredTerm, Link, StoredTermTraits>;
  using Monitors = FlatTable<ReferenceNumber, Monitor, ReferenceTraits>;
  using Watchers = FlatTable<ReferenceNumber, StoredTerm, ReferenceTraits>;
  using Aliases = FlatTable<ReferenceNumber, AliasMode, ReferenceTraits>;
  using Suspended = FlatTable<StoredTerm, Suspension, StoredTermTraits>;
  using RemoteWatchers = FlatTable<StoredTerm, RemoteWatcher, StoredTermTraits>;
  using SpawnRequests = FlatTable<ReferenceNumber, SpawnRequest, ReferenceTraits>;
  struct Tables {
    Links links;
    Monitors monitors;
    Watchers watchers;  // who watches this process: a pid, or [Pid | Name] if it is known there by that name
    Aliases aliases;
    Suspended suspended;  // whom this process keeps suspended
    RemoteWatchers remote_watchers;  // by the watcher's reference
    SpawnRequests spawn_requests;
    std::vector<NodeWatch> node_watches;
  };

  // --- links ---
  // This side links. True: a link signal must be sent.
  bool link(Term peer);
  // The entry of a peer on another node, whose connection the caller fills in; nullptr if there is none.
  Link* find_link(Term peer);
  // This side unlinks. The id for the unlink signal, 0: was not linked.
  uint64_t unlink(Term peer);
  // Signals from the peer.
  void peer_links(Term peer, uint64_t connection = 0);
  void peer_unlinks(Term peer);
  void unlink_acknowledged(Term peer, uint64_t id);
  // The peer ended. True: the link was active, and is gone now.
  bool peer_exits(Term peer);
  bool is_linked(Term peer);

  // --- monitors and aliases ---
  Monitor& add_monitor(ReferenceNumber reference, Monitor monitor);
  Monitor* find_monitor(ReferenceNumber reference);
  bool remove_monitor(ReferenceNumber reference);
  void add_watcher(ReferenceNumber reference, Term watcher);
  bool remove_watcher(ReferenceNumber reference);
  void add_alias(ReferenceNumber reference, AliasMode mode);
  AliasMode find_alias(ReferenceNumber reference);
  bool remove_alias(ReferenceNumber reference);
  Suspension& suspension(Term pid);
  void forget_suspended(Term pid);

  // --- other nodes ---
  void add_remote_watcher(Term reference, RemoteWatcher watcher);
  bool remove_remote_watcher(Term reference);
  SpawnRequest& add_spawn_request(ReferenceNumber reference, SpawnRequest request);
  SpawnRequest* find_spawn_request(ReferenceNumber reference);
  void remove_spawn_request(ReferenceNumber reference);
  std::vector<NodeWatch>& node_watches() { return make().node_watches; }

  // nullptr if there has been nothing yet.
  Tables* tables() { return tables_.get(); }
  size_t bytes() const;
  void clear() { tables_.reset(); }

  void visit_roots(RootVisitor&) {}

 private:
  Tables& make() {
    if (!tables_) tables_ = std::make_unique<Tables>();
    return *tables_;
  }
  std::unique_ptr<Tables> tables_;
};

}  // namespace hanse
