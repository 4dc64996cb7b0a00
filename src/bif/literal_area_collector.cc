// erts_literal_area_collector: what the process that frees literal areas asks of the emulator (code/literal_collector.h).
#include <algorithm>

#include "bif/tables.h"
#include "code/literal_collector.h"
#include "process/call.h"
#include "process/scheduler.h"
#include "process/send.h"
#include "process/thread_progress.h"
#include "term/copy.h"

namespace hanse {

// Only the collector itself, a system process, may say that an area can go.
static bool is_collector(Call& call) { return call.process.system_process; }

// Areas have been announced; threads may still be busy with copies of terms that refer to it.
class AwaitThreads final : public ResumeState {
 public:
  std::vector<uint64_t> before = slices_begun();
};

static Result erts_literal_area_collector_release_area_switch_0(Call& call) {
  if (!is_collector(call)) return raise_error(call, am::notsup);
  if (!call.process.resume) {
    LiteralSwitch next = switch_literal_area();
    if (next != LiteralSwitch::announced) return boolean(next == LiteralSwitch::ready);
    call.process.resume = std::make_unique<AwaitThreads>();
    return Result::yield();  // this thread too begins a slice
  }
  if (!all_have_moved_on(static_cast<AwaitThreads&>(*call.process.resume).before)) return Result::yield();
  call.process.resume.reset();
  return am::true_;
}

// Messages that wait outside the heap and refer to the area are replaced by copies, which take its literals along.
static void copy_messages(Process& process, const LiteralArea& area) {
  auto refers = [&](Word word) { return (word & 7) != 0 && area.contains(reinterpret_cast<const Word*>(word & ~Word{7})); };
  for (Message* message = process.mailbox.first(); message != nullptr; message = static_cast<Message*>(message->next)) {
    if (message->attached) continue;
    bool found = refers(message->term.word());
    for (const Fragment* part = message->fragment; part != nullptr && !found; part = part->next)
      found = std::any_of(part->words, part->words + part->size_words, refers);
    if (!found) continue;
    FragmentArena arena(flat_size(message->term) + 1);
    message->term = copy(arena, message->term);
    if (message->is_tagged && !message->tagged().token.is_none()) message->tagged().token = copy(arena, message->tagged().token);
    Fragment::destroy(message->fragment);
    message->fragment = arena.take();
  }
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
    if (area != nullptr) copy_messages(process, *area);
    CollectionResult result = collect_process(process, CollectionKind::full, area);
    bool has_copied = area == nullptr || !(result.heap_limit_exceeded || result.out_of_memory);
    // Where there is no room for the copies the process is about to end. Nobody may free the area before that.
    if (has_copied) answer();
    else request_task(process.self, [](Process&) {}, answer);
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
