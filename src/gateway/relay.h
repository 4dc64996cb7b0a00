// Forwards requests to nodes that nobody can connect to. A node keeps one event stream open to the relay and gets requests as events; it posts
// their answers, streams piece by piece. Requests and answers stay signed from end to end: a relay can read them and lose them, nothing else.
//
//   event: request   data: {"id", "method", "target", "headers": [[NAME, VALUE]...], "body": BASE64}
//   event: cancel    data: {"id"}                       the client of that request has gone
//   POST .../answers/ID {"status", "headers", "body": BASE64, "more": BOOLEAN}, then {"body", "more"}... if there was more
//
// Owned by the directory's service. Any thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "gateway/server.h"

namespace hanse::gateway {

struct RelayLimits {
  size_t waiting_of_node = 256;
  size_t waiting = 10'000;
  int64_t answer_s = 900;  // until an answer begins
};

class Relay {
 public:
  explicit Relay(RelayLimits limits = {}) : limits_(limits) {}

  // A node listens: the stream of an earlier connection of it ends.
  void listen(const std::string& name, std::shared_ptr<Exchange> exchange, std::vector<Field> fields);
  // A request for a node; target begins behind the relay's own part.
  void forward(const std::string& name, std::string_view target, std::shared_ptr<Exchange> exchange);
  // A node's answer, or a piece of it. The problem is the node's.
  std::expected<void, Problem> answer(const std::string& name, const std::string& id, std::string_view body);
  // Nobody of that name is there any more.
  void drop(const std::string& name);
  void second_passed(int64_t now_s);

  size_t listening() const;
  size_t waiting() const;

 private:
  struct Listener {
    std::shared_ptr<Exchange> exchange;
    size_t waiting = 0;
  };
  struct Waiting {
    std::string name;
    std::shared_ptr<Exchange> exchange;
    int64_t deadline_s;
    bool streaming = false;
  };
  using Ended = std::vector<Waiting>;

  void closed(const std::string& name, const Exchange* exchange);
  void client_gone(const std::string& id);
  void forget(const std::string& id) REQUIRES_LOCK(mutex_);
  Ended take_all(const std::string& name) REQUIRES_LOCK(mutex_);
  static void fail(Ended ended, const Problem& problem);

  const RelayLimits limits_;
  mutable Mutex<LockRank::gateway> mutex_;
  std::unordered_map<std::string, Listener> listeners_ GUARDED_BY(mutex_);
  std::map<std::string, Waiting> waiting_ GUARDED_BY(mutex_);  // by id
};

}  // namespace hanse::gateway
