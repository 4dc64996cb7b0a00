// The exchanges that Erlang code holds, by number, and which process owns a stream. Any thread.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "gateway/server.h"
#include "term/term.h"

namespace hanse::gateway {

constexpr int64_t answer_s = 900;  // for Erlang code to answer: after it, the node does (500)

class ExchangeTable {
 public:
  static ExchangeTable& node();

  uint64_t add(uint64_t server, std::shared_ptr<Exchange> exchange);
  std::shared_ptr<Exchange> find(uint64_t id);
  std::shared_ptr<Exchange> take(uint64_t id);
  // It is a stream now, which ends with that process.
  void set_owner(uint64_t id, Term process);
  // Lets go of exchanges, which ends them.
  void drop_server(uint64_t server);
  void drop_owner(Term process);
  void drop_late(int64_t now_s);
  bool has_owned() const { return owned_.load(std::memory_order_relaxed) != 0; }

 private:
  struct Entry {
    std::shared_ptr<Exchange> exchange;
    uint64_t server;
    int64_t since_s;
    Word owner = 0;  // 0: not a stream
  };
  template <class Predicate>
  void drop_if(Predicate wanted);
  std::shared_ptr<Exchange> remove(std::unordered_map<uint64_t, Entry>::iterator found) REQUIRES_LOCK(mutex_);

  Mutex<LockRank::gateway> mutex_;
  std::unordered_map<uint64_t, Entry> entries_ GUARDED_BY(mutex_);
  std::unordered_multimap<Word, uint64_t> streams_of_ GUARDED_BY(mutex_);
  uint64_t next_ GUARDED_BY(mutex_) = 1;
  std::atomic<size_t> owned_{0};  // entries of streams_of_; read without the lock by processes that end
};

}  // namespace hanse::gateway
