#include "gateway/exchanges.h"

namespace hanse::gateway {

ExchangeTable& ExchangeTable::node() {
  static auto* table = new ExchangeTable();
  return *table;
}

uint64_t ExchangeTable::add(uint64_t server, std::shared_ptr<Exchange> exchange) {
  int64_t now_s = unix_seconds();
  Lock lock(mutex_);
  uint64_t id = next_++;
  entries_.emplace(id, Entry{std::move(exchange), server, now_s});
  return id;
}

std::shared_ptr<Exchange> ExchangeTable::find(uint64_t id) {
  Lock lock(mutex_);
  auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : found->second.exchange;
}

std::shared_ptr<Exchange> ExchangeTable::remove(std::unordered_map<uint64_t, Entry>::iterator found) {
  std::shared_ptr<Exchange> exchange = std::move(found->second.exchange);
  if (found->second.owner != 0) {
    auto [first, last] = streams_of_.equal_range(found->second.owner);
    for (; first != last; ++first)
      if (first->second == found->first) {
        streams_of_.erase(first);
        owned_.fetch_sub(1, std::memory_order_relaxed);
        break;
      }
  }
  entries_.erase(found);
  return exchange;
}

std::shared_ptr<Exchange> ExchangeTable::take(uint64_t id) {
  Lock lock(mutex_);
  auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : remove(found);
}

void ExchangeTable::set_owner(uint64_t id, Term process) {
  Lock lock(mutex_);
  auto found = entries_.find(id);
  if (found == entries_.end()) return;
  found->second.owner = process.word();
  streams_of_.emplace(process.word(), id);
  owned_.fetch_add(1, std::memory_order_relaxed);
}

// Exchanges end outside of the lock: that calls into the server.
template <class Predicate>
void ExchangeTable::drop_if(Predicate wanted) {
  std::vector<std::shared_ptr<Exchange>> dropped;
  std::vector<std::shared_ptr<Exchange>> streams;
  {
    Lock lock(mutex_);
    for (auto at = entries_.begin(); at != entries_.end();) {
      auto here = at++;
      if (!wanted(here->second)) continue;
      auto& kind = here->second.owner != 0 ? streams : dropped;
      kind.push_back(remove(here));
    }
  }
  for (auto& stream : streams) stream->end();
}

void ExchangeTable::drop_server(uint64_t server) {
  drop_if([server](const Entry& entry) { return entry.server == server; });
}

void ExchangeTable::drop_late(int64_t now_s) {
  drop_if([now_s](const Entry& entry) { return entry.owner == 0 && entry.since_s + answer_s < now_s; });
}

void ExchangeTable::drop_owner(Term process) {
  std::vector<std::shared_ptr<Exchange>> streams;
  {
    Lock lock(mutex_);
    for (;;) {
      auto found = streams_of_.find(process.word());
      if (found == streams_of_.end()) break;
      streams.push_back(remove(entries_.find(found->second)));
    }
  }
  for (auto& stream : streams) stream->end();
}

}  // namespace hanse::gateway
