// Who is told when nodes come and go: net_kernel:monitor_nodes/1,2 (process_flag(monitor_nodes, Flag)). Any thread.
#pragma once

#include <vector>

#include "base/mutex.h"
#include "dist/connection.h"
#include "process/distribution.h"

namespace hanse::dist {

class NodeMonitors final : public NodeMonitoring {
 public:
  Result set(Call& call, Term flag, Term value) override;

  void node_up(Connection& connection);
  void node_down(Connection& connection, Term reason);
  void this_node_up(Term name);
  void this_node_down(Term name, Term reason);
  void process_exits(Term process);
  // [{Pid, [Option]}], one for each subscription.
  Term list(Arena& arena);

 private:
  struct Options {
    enum class Format : uint8_t { plain, list, map } format = Format::plain;
    enum class Types : uint8_t { unnamed, visible, hidden, all } types = Types::unnamed;
    bool connection_id = false;
    bool reason = false;
    friend bool operator==(const Options&, const Options&) = default;
  };
  struct Subscription {
    Term process;
    Options options;
    uint32_t count;
  };
  struct Event {
    Term tag;  // nodeup, nodedown
    Term node;
    bool hidden;
    uint64_t connection;  // 0: none
    Term reason;          // none() for nodeup
  };
  static bool parse(Term map, Options& options);
  static bool wants(const Options& options, bool hidden);
  static Term message(Arena& arena, const Options& options, const Event& event);
  void tell(const Event& event);

  Mutex<LockRank::remote_nodes> mutex_;
  std::vector<Subscription> subscriptions_ GUARDED_BY(mutex_);
  std::atomic<size_t> count_{0};  // of them; written under the mutex
};

NodeMonitors& node_monitors();

}  // namespace hanse::dist
