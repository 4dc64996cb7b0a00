// erts_literal_area_collector: what the process that frees literal areas asks of the emulator (code/literal_collector.h).
#include "bif/tables.h"
#include "code/literal_collector.h"
#include "process/call.h"
#include "process/scheduler.h"
#include "process/send.h"

namespace hanse {

// Only the collector itself, a system process, may say that an area can go.
static bool is_collector(Call& call) { return call.process.system_process; }

static Result erts_literal_area_collector_release_area_switch_0(Call& call) {
  if (!is_collector(call)) return raise_error(call, am::notsup);
  return boolean(switch_literal_area());
}

// erts_literal_area_collector:send_copy_request/3. Arguments: the process to ask, a reference that names the area in turn, and
// how hard to try. The answer is a message {copy_literals, {Area, How, Process}, ok}; a process that has gone needs nothing.
// Copying is always done at once, so that the answer is never that a collection is needed first.
static Result erts_literal_area_collector_send_copy_request_3(Call& call) {
  if (!is_collector(call)) return raise_error(call, am::notsup);
  Term target = call.args[0], area_name = call.args[1], how = call.args[2];
  if (!target.is_local_pid() || !area_name.is_internal_reference() || !how.is_atom()) return raise_badarg(call);
  LiteralArea* area = literal_area_in_turn();
  ReferenceNumber name = reference_number(area_name);
  auto answer = [collector = call.process.self, name, how, target] {
    FragmentArena fragment(16);
    Term message = make_tuple(fragment, am::copy_literals,
                              make_tuple(fragment, make_reference(fragment, name), how, target), am::ok);
    deliver_fragment(collector, message, fragment.take());
  };
  auto copy = [area, answer](Process& process) {
    CollectionResult result = collect_process(process, CollectionKind::full, area);
    // Where there is no room for the copies the process is about to end. Nobody may free the area before that.
    if (area != nullptr && (result.heap_limit_exceeded || result.out_of_memory)) return;
    answer();
  };
  request_task(target, copy, answer);
  return am::ok;
}

static constexpr BifRow rows[] = {
    {"erts_literal_area_collector", "release_area_switch", 0, erts_literal_area_collector_release_area_switch_0,
     BifKind::plain, Authority::host},
    {"erts_literal_area_collector", "send_copy_request", 3, erts_literal_area_collector_send_copy_request_3, BifKind::plain,
     Authority::host},
};
const BifTable literal_area_collector_bifs = rows;

}  // namespace hanse
