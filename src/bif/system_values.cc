#include "bif/system_values.h"

#include <sched.h>
#include <unistd.h>

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

unsigned logical_processors_online() {
  long count = sysconf(_SC_NPROCESSORS_ONLN);
  return count > 0 ? static_cast<unsigned>(count) : 1;
}

unsigned logical_processors_available() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return logical_processors_online();
  return static_cast<unsigned>(CPU_COUNT(&set));
}

Term system_cpu_topology(Arena& arena) {
  Term cores = Term::nil();
  for (unsigned i = logical_processors_online(); i-- > 0;)
    cores = make_cons(arena, make_tuple(arena, am::core, make_tuple(arena, am::logical, Term::small(i))), cores);
  return make_cons(arena, make_tuple(arena, am::processor, cores), Term::nil());
}

}  // namespace hanse
