#include "process/time_offset.h"

#include <algorithm>
#include <unordered_set>
#include <vector>

#include "base/epoch.h"
#include "process/erlang_clock.h"
#include "process/process.h"
#include "process/process_table.h"
#include "process/send.h"
#include "process/signals.h"
#include "term/atom.h"
#include "term/build.h"
#include "term/compare.h"

namespace hanse {

namespace {

struct Watchers {
  Mutex<LockRank::timer> mutex;
  std::unordered_set<Word> pids GUARDED_BY(mutex);  // of processes that have, or had, a monitor
  size_t looked_at GUARDED_BY(mutex) = 0;           // how many were left when those that are gone were taken out
};
Watchers& watchers() {
  static auto* all = new Watchers;
  return *all;
}

void tell(Process& receiver) {
  Relations::Tables* tables = receiver.relations.tables();
  if (tables == nullptr) return;
  Arena& arena = receiver.heap;
  std::vector<std::pair<Term, Term>> messages;  // by reference, the oldest first
  tables->monitors.for_each([&](ReferenceNumber number, Monitor& monitor) {
    if (monitor.kind != MonitorKind::time_offset) return;
    Term tag = monitor.tag.is_none() ? am::CHANGE : monitor.tag.read(arena);
    Term reference = monitor.has_pid ? make_pid_reference(arena, number, receiver.self) : make_reference(arena, number);
    Term offset = make_integer(arena, time_offset_ns());
    messages.emplace_back(reference, make_tuple(arena, tag, reference, am::time_offset, am::clock_service, offset));
  });
  std::ranges::sort(messages, [](const auto& one, const auto& other) { return compare(one.first, other.first) < 0; });
  for (auto& [reference, message] : messages) append_own_message(receiver, message);
}

void tell_all() {
  std::vector<Term> pids;
  {
    Lock lock(watchers().mutex);
    for (Word pid : watchers().pids) pids.push_back(Term::from_word(pid));
  }
  for (Term pid : pids) {
    auto* signal = new ActionSignal;
    signal->action = tell;
    deliver_signal(pid, signal);
  }
}

}  // namespace

void watch_time_offset(Term pid) {
  static constexpr size_t few = 64;
  Lock lock(watchers().mutex);
  auto& pids = watchers().pids;
  pids.insert(pid.word());
  if (pids.size() < few || pids.size() < 2 * watchers().looked_at) return;
  epoch::Guard guard;
  std::erase_if(pids, [](Word word) { return find_process(Term::from_word(word)) == nullptr; });
  watchers().looked_at = pids.size();
}

void look_at_system_clock() {
  if (node_clock().compare()) tell_all();
}

OffsetState finalize_time_offset() {
  OffsetState before = node_clock().finalize();
  if (before == OffsetState::preliminary) tell_all();
  return before;
}

}  // namespace hanse
