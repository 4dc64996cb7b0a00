#include "bif/system_values.h"

#include <sched.h>
#include <unistd.h>

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
  HeapSettings settings = default_heap_settings();
  Term keys[] = {am::error_logger, am::kill, am::size};
  Term values[] = {boolean(settings.maximum_logs), boolean(settings.maximum_kills),
                   Term::small(static_cast<int64_t>(settings.maximum_words))};
  return map_from_pairs(arena, keys, values);
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
