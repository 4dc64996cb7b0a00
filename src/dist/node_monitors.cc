#include "dist/node_monitors.h"

#include <algorithm>

#include "process/call.h"
#include "term/build.h"
#include "term/map.h"

namespace hanse::dist {

NodeMonitors& node_monitors() {
  static NodeMonitors& instance = *new NodeMonitors;
  return instance;
}

bool NodeMonitors::parse(Term map, Options& options) {
  if (!map.is_map()) return false;
  options.format = Options::Format::map;
  Term key, value;
  for (MapIterator iterator(map); iterator.next(key, value);) {
    if (key == am::node_type) {
      if (value == am::visible) options.types = Options::Types::visible;
      else if (value == am::hidden) options.types = Options::Types::hidden;
      else if (value == am::all) options.types = Options::Types::all;
      else return false;
      continue;
    }
    if (value != am::true_ && value != am::false_) return false;
    bool on = value == am::true_;
    if (key == am::connection_id) options.connection_id = on;
    else if (key == am::nodedown_reason) options.reason = on;
    else if (key != am::list) return false;
    else if (on) options.format = Options::Format::list;
  }
  return true;
}

Result NodeMonitors::set(Call& call, Term flag, Term value) {
  Options options;
  if (flag != am::monitor_nodes && !parse(as_tuple(flag)->elements[1], options)) return raise_badarg(call);
  if (value != am::true_ && value != am::false_) return raise_badarg(call);
  Term self = call.process.self;
  Lock lock(mutex_);
  auto found = std::find_if(subscriptions_.begin(), subscriptions_.end(),
                            [&](Subscription& s) { return s.process == self && s.options == options; });
  uint32_t old = found == subscriptions_.end() ? 0 : found->count;
  if (value == am::true_) {
    if (old == 0) subscriptions_.push_back({self, options, 1});
    else found->count++;
  } else if (old != 0) {
    subscriptions_.erase(found);
  }
  count_.store(subscriptions_.size(), std::memory_order_relaxed);
  return Term::small(old);
}

void NodeMonitors::process_exits(Term process) {
  if (count_.load(std::memory_order_relaxed) == 0) return;
  Lock lock(mutex_);
  std::erase_if(subscriptions_, [&](Subscription& s) { return s.process == process; });
  count_.store(subscriptions_.size(), std::memory_order_relaxed);
}

Term NodeMonitors::list(Arena& arena) {
  Term list = Term::nil();
  Lock lock(mutex_);
  for (const Subscription& s : subscriptions_) {
    Term options = Term::nil();
    Term types[] = {Term::none(), am::visible, am::hidden, am::all};
    Term type = types[static_cast<size_t>(s.options.types)];
    if (!type.is_none()) options = make_cons(arena, make_tuple(arena, am::node_type, type), options);
    if (s.options.reason) options = make_cons(arena, am::nodedown_reason, options);
    for (uint32_t i = 0; i < s.count; i++) list = make_cons(arena, make_tuple(arena, s.process, options), list);
  }
  return list;
}

bool NodeMonitors::wants(const Options& options, bool hidden) {
  switch (options.types) {
    case Options::Types::unnamed: case Options::Types::visible: return !hidden;
    case Options::Types::hidden: return hidden;
    case Options::Types::all: return true;
  }
  return false;
}

Term NodeMonitors::message(Arena& arena, const Options& options, const Event& event) {
  if (options.format == Options::Format::plain) return make_tuple(arena, event.tag, event.node);
  std::vector<Term> keys, values;
  auto add = [&](Term key, Term value) {
    keys.push_back(key);
    values.push_back(value);
  };
  if (options.connection_id)
    add(am::connection_id, event.connection == 0 ? am::undefined : make_unsigned(arena, event.connection));
  if (options.types != Options::Types::unnamed) add(am::node_type, event.hidden ? am::hidden : am::visible);
  if (options.reason && !event.reason.is_none()) add(am::nodedown_reason, event.reason);
  if (options.format == Options::Format::map)
    return make_tuple(arena, event.tag, event.node, map_from_pairs(arena, keys, values));
  Term list = Term::nil();
  for (size_t i = 0; i < keys.size(); i++) list = make_cons(arena, make_tuple(arena, keys[i], values[i]), list);
  return make_tuple(arena, event.tag, event.node, list);
}

void NodeMonitors::tell(const Event& event) {
  std::vector<Subscription> interested;
  {
    Lock lock(mutex_);
    for (const Subscription& s : subscriptions_)
      if (wants(s.options, event.hidden)) interested.push_back(s);
  }
  for (const Subscription& s : interested) {
    FragmentArena arena(64);
    Term term = message(arena, s.options, event);
    for (uint32_t i = 0; i < s.count; i++) deliver(s.process, term);
  }
}

void NodeMonitors::node_up(Connection& connection) {
  tell({am::nodeup, connection.node.name, connection.is_hidden(), connection.id, Term::none()});
}

void NodeMonitors::node_down(Connection& connection, Term reason) {
  if (reason == am::normal) reason = am::connection_closed;
  tell({am::nodedown, connection.node.name, connection.is_hidden(), connection.id, reason});
}

void NodeMonitors::this_node_up(Term name) { tell({am::nodeup, name, false, 0, Term::none()}); }
void NodeMonitors::this_node_down(Term name, Term reason) { tell({am::nodedown, name, false, 0, reason}); }

}  // namespace hanse::dist
