#include "bif/system_values.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <vector>

#include "bif/process_options.h"
#include "process/scheduler.h"
#include "process/scheduling_block.h"
#include "process/spawn.h"
#include "term/atom.h"
#include "term/build.h"
#include "term/map.h"

namespace hanse {

Term multi_scheduling_state() {
  if (scheduler_options().schedulers == 1) return am::disabled;
  if (!scheduling_blockers(BlockKind::all).empty()) return make_atom("blocked");
  return scheduling_blockers(BlockKind::normal).empty() ? am::enabled : make_atom("blocked_normal");
}

Term system_max_heap_size(Arena& arena) {
  return max_heap_size_map(arena, default_heap_settings());
}

Term time_offset_atom(OffsetState state) {
  if (state == OffsetState::final) return am::final;
  return make_atom(state == OffsetState::preliminary ? "preliminary" : "volatile");
}

Term time_warp_atom(TimeWarp warp) {
  if (warp == TimeWarp::none) return am::no_time_warp;
  return make_atom(warp == TimeWarp::single ? "single_time_warp" : "multi_time_warp");
}

unsigned active_schedulers() {
  bool blocked = !scheduling_blockers(BlockKind::all).empty() || !scheduling_blockers(BlockKind::normal).empty();
  return blocked ? 1 : online_schedulers();
}

Term scheduler_groups(Arena& arena) {
  Term list = Term::nil();
  for (unsigned i = scheduler_options().schedulers; i-- > 0;)
    list = make_cons(arena, make_tuple(arena, Term::small(i), Term::small(i + 1)), list);
  return list;
}

Term os_time_source(Arena& arena, bool monotonic) {
  clockid_t clock = monotonic ? CLOCK_MONOTONIC : CLOCK_REALTIME;
  timespec now, resolution;
  clock_gettime(clock, &now);
  clock_getres(clock, &resolution);
  auto ns = [](const timespec& time) { return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec); };
  auto pair = [&](const char* name, Term value) { return make_tuple(arena, make_atom(name), value); };
  std::vector<Term> list = {pair("function", make_atom("clock_gettime")),
                            pair("clock_id", make_atom(monotonic ? "CLOCK_MONOTONIC" : "CLOCK_REALTIME")),
                            pair("resolution", make_unsigned(arena, 1'000'000'000 / std::max<uint64_t>(1, ns(resolution))))};
  if (monotonic) list.push_back(pair("extended", am::no));
  list.push_back(pair("parallel", am::yes));
  list.push_back(pair("time", make_unsigned(arena, ns(now))));
  return make_list(arena, list);
}

}  // namespace hanse
