// erlang:statistics/1. Items that say how much since the last call share one last call per node, as in OTP.
#include <sys/resource.h>

#include <mutex>
#include <vector>

#include "bif/list_builder.h"
#include "bif/tables.h"
#include "process/call.h"
#include "process/microstates.h"
#include "process/node_settings.h"
#include "process/process_table.h"
#include "process/run_queues.h"
#include "process/scheduler.h"
#include "process/timer_service.h"
#include "process/wall_time.h"
#include "term/map.h"

namespace hanse {
namespace {

// The figure of the last call.
struct SinceLast {
  std::mutex mutex;
  uint64_t last = 0;
  // {Total, Total - last}
  Term pair(Arena& arena, uint64_t total) {
    std::lock_guard lock(mutex);
    uint64_t difference = total >= last ? total - last : 0;
    last = total;
    return make_tuple(arena, make_unsigned(arena, total), make_unsigned(arena, difference));
  }
};
struct LastFigures {
  SinceLast reductions, exact_reductions, runtime, wall_clock;
};
LastFigures& last_figures() {
  static auto* figures = new LastFigures();
  return *figures;
}

uint64_t processor_ms() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  auto ms = [](const timeval& time) { return static_cast<uint64_t>(time.tv_sec) * 1000 + static_cast<uint64_t>(time.tv_usec) / 1000; };
  return ms(usage.ru_utime) + ms(usage.ru_stime);
}

Result item_context_switches(Call& call) {
  return make_tuple(call.arena(), make_unsigned(call.arena(), context_switches()), Term::small(0));
}
Result item_reductions(Call& call) { return last_figures().reductions.pair(call.arena(), total_reductions()); }
Result item_exact_reductions(Call& call) { return last_figures().exact_reductions.pair(call.arena(), total_reductions()); }
Result item_runtime(Call& call) { return last_figures().runtime.pair(call.arena(), processor_ms()); }
Result item_wall_clock(Call& call) { return last_figures().wall_clock.pair(call.arena(), monotonic_now_ns() / 1'000'000); }
Result item_garbage_collection(Call& call) {
  Arena& arena = call.arena();
  return make_tuple(arena, make_unsigned(arena, node_settings().collections), make_unsigned(arena, node_settings().reclaimed_words),
                    Term::small(0));
}
Result item_io(Call& call) {
  Arena& arena = call.arena();
  Term input = make_tuple(arena, am::input, make_unsigned(arena, node_settings().bytes_in));
  Term output = make_tuple(arena, am::output, make_unsigned(arena, node_settings().bytes_out));
  return make_tuple(arena, input, output);
}

// Run queues: those of the schedulers, then one each for the dirty pools where `all` is said; those are never counted.
Term lengths(Call& call, size_t extra, size_t (*length)(unsigned scheduler)) {
  Term list = Term::nil();
  for (size_t i = 0; i < extra; i++) list = make_cons(call.arena(), Term::small(0), list);
  for (unsigned i = scheduler_options().schedulers; i-- > 0;) list = make_cons(call.arena(), make_unsigned(call.arena(), length(i)), list);
  return list;
}
Result item_run_queue(Call& call) { return make_unsigned(call.arena(), run_queue_length()); }
Result item_run_queue_lengths(Call& call) { return lengths(call, 1, run_queue_length); }
Result item_run_queue_lengths_all(Call& call) { return lengths(call, 2, run_queue_length); }
Result item_active_tasks(Call& call) { return lengths(call, 1, active_tasks); }
Result item_active_tasks_all(Call& call) { return lengths(call, 2, active_tasks); }
Result item_total_active_tasks(Call& call) {
  size_t sum = 0;
  for (unsigned i = 0; i < scheduler_options().schedulers; i++) sum += active_tasks(i);
  return make_unsigned(call.arena(), sum);
}
Result item_run_queues(Call& call) {
  // Stock counts the dirty queues in this tuple as well.
  Term list = lengths(call, 2, run_queue_length);
  std::vector<Term> elements;
  for (; list.is_cons(); list = list.as_cons()->tail) elements.push_back(list.as_cons()->head);
  return make_tuple(call.arena(), std::span<const Term>(elements));
}
// [{Id, Active, Total}], or undefined as long as nothing is measured.
Term wall_times(Call& call, MeasuredThreads which) {
  if (!wall_time_is_measured()) return am::undefined;
  ListBuilder list(call.arena());
  for (const SchedulerTime& time : scheduler_times(which))
    list.add(make_tuple(call.arena(), Term::small(time.id), make_unsigned(call.arena(), time.active_ns), make_unsigned(call.arena(), time.total_ns)));
  return list.finish();
}
Result item_scheduler_wall_time(Call& call) { return wall_times(call, MeasuredThreads::processors); }
Result item_scheduler_wall_time_all(Call& call) { return wall_times(call, MeasuredThreads::all); }
constexpr Term microstate_threads[] = {am::scheduler, am::dirty_cpu_scheduler, am::dirty_io_scheduler, am::poll};
constexpr Term microstates[microstate_count] = {am::aux, am::check_io, am::emulator, am::gc, am::other, am::port, am::sleep};
// A map for each thread; the times are in nanoseconds, the unit of os:perf_counter/0 here.
Result item_microstate_accounting(Call& call) {
  Arena& arena = call.arena();
  ListBuilder list(arena);
  for (const MicrostateTimes& times : microstate_times()) {
    Term counters[microstate_count];
    for (size_t i = 0; i < microstate_count; i++) counters[i] = make_unsigned(arena, times.ns[i]);
    const Term keys[] = {am::type, am::id, am::counters};
    const Term values[] = {microstate_threads[static_cast<size_t>(times.kind)], Term::small(times.id), map_from_pairs(arena, microstates, counters)};
    list.add(map_from_pairs(arena, keys, values));
  }
  return list.finish();
}

struct Item {
  Term name;
  Result (*value)(Call&);
};
constexpr Item items[] = {
    {am::active_tasks, item_active_tasks},
    {am::active_tasks_all, item_active_tasks_all},
    {am::context_switches, item_context_switches},
    {am::exact_reductions, item_exact_reductions},
    {am::garbage_collection, item_garbage_collection},
    {am::io, item_io},
    {am::microstate_accounting, item_microstate_accounting},
    {am::reductions, item_reductions},
    {am::run_queue, item_run_queue},
    {am::run_queue_lengths, item_run_queue_lengths},
    {am::run_queue_lengths_all, item_run_queue_lengths_all},
    {am::run_queues, item_run_queues},
    {am::runtime, item_runtime},
    {am::scheduler_wall_time, item_scheduler_wall_time},
    {am::scheduler_wall_time_all, item_scheduler_wall_time_all},
    {am::total_active_tasks, item_total_active_tasks},
    {am::total_active_tasks_all, item_total_active_tasks},
    {am::total_run_queue_lengths, item_run_queue},
    {am::total_run_queue_lengths_all, item_run_queue},
    {am::wall_clock, item_wall_clock},
};

Result erlang_statistics_1(Call& call) {
  for (const Item& item : items)
    if (item.name == call.args[0]) return item.value(call);
  return raise_badarg(call);
}

// Argument: true to measure it; anything else ends that. Whether it was measured before. kernel_refc counts who wants it.
Result erts_internal_scheduler_wall_time_1(Call& call) {
  return boolean(measure_wall_time(call.args[0] == am::true_));
}

constexpr BifRow rows[] = {
    {"erlang", "statistics", 1, erlang_statistics_1, BifKind::plain, Authority::statistics},
    {"erts_internal", "scheduler_wall_time", 1, erts_internal_scheduler_wall_time_1, BifKind::plain, Authority::host},
};

}  // namespace
const BifTable statistics_bifs = rows;

}  // namespace hanse
