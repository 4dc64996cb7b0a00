#include "machine/machine_options.h"

#include <algorithm>

#include "machine/figures.h"
#include "term/build.h"

namespace hanse {

namespace {

constexpr Limit plain_limits[] = {Limit::memory, Limit::processes, Limit::atoms,  Limit::ets_tables,
                                  Limit::timers, Limit::mailbox,   Limit::binary};
constexpr Limit rate_limits[] = {Limit::outside_messages, Limit::reductions};

bool parse_count(Term term, int64_t& value) {
  if (term == am::infinity) {
    value = Guest::unlimited;
    return true;
  }
  if (!term.is_small() || term.as_small() < 0) return false;
  value = term.as_small();
  return true;
}

// Hard, or {Soft, Hard}.
bool parse_bound(Term term, int64_t& soft, int64_t& hard) {
  if (!is_tuple_of_arity(term, 2)) {
    soft = Guest::unlimited;
    return parse_count(term, hard);
  }
  return parse_count(as_tuple(term)->elements[0], soft) && parse_count(as_tuple(term)->elements[1], hard);
}

// {PerSecond, Burst}, or infinity.
bool parse_rate(Term term, int64_t& per_second, int64_t& burst) {
  if (term == am::infinity) {
    per_second = burst = 0;
    return true;
  }
  return is_tuple_of_arity(term, 2) && parse_count(as_tuple(term)->elements[0], per_second) &&
         parse_count(as_tuple(term)->elements[1], burst) && per_second > 0 && burst > 0;
}

bool set_limits(Guest& guest, Term map) {
  if (!map.is_map()) return false;
  size_t known = 0;
  for (Limit limit : plain_limits) {
    Term value = map_get(map, limit_name(limit));
    if (value.is_none()) continue;
    known++;
    int64_t soft, hard;
    if (!parse_bound(value, soft, hard)) return false;
    guest.set_limit(limit, soft, hard);
  }
  for (Limit limit : rate_limits) {
    Term value = map_get(map, limit_name(limit));
    if (value.is_none()) continue;
    known++;
    int64_t per_second, burst;
    if (!parse_rate(value, per_second, burst)) return false;
    guest.set_rate(limit, per_second, burst);
  }
  return known == map_size(map);
}

bool set_watchable(Guest& guest, Term list, Term group_leader) {
  std::vector<Term> pids;
  if (group_leader.is_local_pid()) pids.push_back(group_leader);
  for (; list.is_cons(); list = list.as_cons()->tail) {
    if (!list.as_cons()->head.is_local_pid()) return false;
    pids.push_back(list.as_cons()->head);
  }
  guest.set_watchable(std::move(pids));
  return list.is_nil();
}

bool set_names(Guest& guest, Term map) {
  if (!map.is_map()) return false;
  std::unordered_map<Word, Term> names;
  MapIterator iterator(map);
  for (Term inside, outside; iterator.next(inside, outside);) {
    if (!inside.is_atom() || !outside.is_atom()) return false;
    names.emplace(inside.word(), outside);
  }
  guest.set_known_names(std::move(names));
  return true;
}

// All of them at once: what is not named is not permitted any more.
bool set_permissions(Guest& guest, Term list, Term group_leader) {
  static constexpr std::pair<Term, Authority> authorities[] = {
      {am::clock, Authority::clock}, {am::environment, Authority::environment}, {am::statistics, Authority::statistics}};
  Term watchable = Term::nil();
  uint32_t wanted = 0;
  for (; list.is_cons(); list = list.as_cons()->tail) {
    Term item = list.as_cons()->head;
    auto named = std::find_if(std::begin(authorities), std::end(authorities), [&](auto& row) { return row.first == item; });
    if (named != std::end(authorities)) {
      wanted |= uint32_t{1} << (named - authorities);
      continue;
    }
    if (!is_tuple_of_arity(item, 2)) return false;
    Term what = as_tuple(item)->elements[0], value = as_tuple(item)->elements[1];
    if (what == am::monitor) watchable = value;
    else if (what != am::names || !set_names(guest, value)) return false;
  }
  if (!list.is_nil() || !set_watchable(guest, watchable, group_leader)) return false;
  for (size_t i = 0; i < std::size(authorities); i++) guest.permit(authorities[i].second, (wanted >> i & 1) != 0);
  return true;
}

bool set_policy(Guest& guest, Term policy) {
  static constexpr std::pair<Term, OnLimit> policies[] = {
      {am::error, OnLimit::error}, {am::kill_process, OnLimit::kill_process}, {am::kill_machine, OnLimit::kill_machine}};
  for (auto& [name, value] : policies)
    if (policy == name) {
      guest.set_policy(value);
      return true;
    }
  return false;
}

bool set_share(Guest& guest, Term share) {
  if (!share.is_small() || share.as_small() < 1 || share.as_small() > 1000) return false;
  guest.share.store(static_cast<uint32_t>(share.as_small()), std::memory_order_relaxed);
  return true;
}

}  // namespace

bool apply_options(GuestMachine& machine, Term options) {
  Guest& guest = machine.limits();
  Term leader = map_get(options, am::group_leader), permissions = map_get(options, am::permissions);
  if (Term limits = map_get(options, am::limits); !limits.is_none() && !set_limits(guest, limits)) return false;
  if (!permissions.is_none() && !set_permissions(guest, permissions, leader.is_none() ? machine.owner : leader)) return false;
  if (Term policy = map_get(options, am::on_limit); !policy.is_none() && !set_policy(guest, policy)) return false;
  if (Term share = map_get(options, am::share); !share.is_none() && !set_share(guest, share)) return false;
  if (Term notify = map_get(options, am::notify); !notify.is_none()) {
    if (!notify.is_local_pid()) return false;
    guest.set_observer(notify);
  }
  if (leader.is_none()) return true;
  if (leader.is_local_pid()) guest.set_log_target(leader);
  return leader.is_local_pid();
}

static Term bound_term(Arena& arena, int64_t value) { return value == Guest::unlimited ? am::infinity : make_integer(arena, value); }

Term limits_map(Arena& arena, const Guest& guest) {
  Figures figures(arena);
  for (Limit limit : plain_limits)
    if (guest.hard_limit(limit) != Guest::unlimited || guest.soft_limit(limit) != Guest::unlimited)
      figures.add(limit_name(limit), make_tuple(arena, bound_term(arena, guest.soft_limit(limit)), bound_term(arena, guest.hard_limit(limit))));
  for (Limit limit : rate_limits)
    if (auto [per_second, burst] = guest.rate(limit); per_second > 0)
      figures.add(limit_name(limit), make_tuple(arena, make_integer(arena, per_second), make_integer(arena, burst)));
  return figures.map();
}

}  // namespace hanse
