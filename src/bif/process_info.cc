// erlang:process_info/1,2. Another process is asked by a signal, so that the answer counts everything the caller has sent
// to it before.
#include "bif/process_info.h"

#include <algorithm>

#include "bif/list_builder.h"
#include "bif/process_reply.h"
#include "bif/tables.h"
#include "process/guest.h"
#include "process/machine.h"
#include "process/process_table.h"
#include "process/signals.h"
#include "process/urgency.h"

namespace hanse {

static constexpr Term default_items[] = {
    am::registered_name, am::current_function, am::initial_call,  am::status,       am::message_queue_len, am::links,
    am::dictionary,      am::trap_exit,        am::error_handler, am::priority,     am::group_leader,      am::total_heap_size,
    am::heap_size,       am::stack_size,       am::reductions,    am::garbage_collection, am::suspending};

enum class InfoShape : uint8_t { single, list, all };

// Messages that cannot be read are found before anything is told of them. On stock the sizes of messages on the heap are part
// of its size.
static bool looks_at_messages(const Process& process, const std::vector<Term>& names) {
  auto looks = [&](Term name) { return name == am::messages || (name == am::total_heap_size && !process.message_queue_off_heap); };
  return std::any_of(names.begin(), names.end(), looks);
}

static Term collect_items(ProcessInfo info, InfoShape shape, const std::vector<Term>& names) {
  if (looks_at_messages(info.process, names)) info.process.mailbox.discard_unreadable();
  if (shape == InfoShape::single) {
    if (names[0] == am::registered_name && info.process.registered_name.is_none()) return Term::nil();
    return info.item(names[0]);
  }
  ListBuilder list(info.arena);
  for (Term name : names) {
    if (shape == InfoShape::all && name == am::registered_name && info.process.registered_name.is_none()) continue;
    list.add(info.item(name));
  }
  return list.finish();
}

static void answer(Process& process, Term caller, uint64_t serial, bool is_inside, InfoShape shape, const std::vector<Term>& names) {
  FragmentArena arena(64);
  Term reply = collect_items({arena, process, false, is_inside}, shape, names);
  send_reply(caller, serial, StoredTerm(reply, arena.take()));
}

static Result ask(Call& call, InfoShape shape, std::vector<Term> names) {
  Term pid = call.args[0];
  bool is_inside = call.process.machine.guest() != nullptr;
  if (pid == call.process.self) {
    call.process.handle_signals();
    if (!call.process.pending_exit.is_none()) return Result::yield();
    call.charge(names.size());
    return collect_items({call.arena(), call.process, true, is_inside}, shape, names);
  }
  epoch::Guard guard;
  if (!find_process(pid) || !may_control(call.process, pid)) return am::undefined;
  uint64_t serial = expect_reply(call);
  auto* signal = new ActionSignal;
  Term caller = call.process.self;
  signal->action = [caller, serial, is_inside, shape, names = std::move(names)](Process& process) {
    answer(process, caller, serial, is_inside, shape, names);
  };
  signal->gone = [caller, serial] { send_reply(caller, serial, am::undefined); };
  deliver_signal(pid, signal);
  answer_is_urgent(pid, call.process.priority);
  return Result::wait();
}

static Result erlang_process_info_1(Call& call) {
  if (auto reply = take_reply(call)) return *reply;
  if (!call.args[0].is_local_pid()) return raise_badarg(call);
  return ask(call, InfoShape::all, std::vector<Term>(std::begin(default_items), std::end(default_items)));
}

static Result erlang_process_info_2(Call& call) {
  if (auto reply = take_reply(call)) return *reply;
  if (!call.args[0].is_local_pid()) return raise_badarg(call);
  Term wanted = call.args[1];
  std::vector<Term> names;
  if (wanted.is_atom()) {
    if (!is_process_info_item(wanted)) return raise_badarg(call);
    return ask(call, InfoShape::single, {wanted});
  }
  for (; wanted.is_cons(); wanted = wanted.as_cons()->tail) {
    if (!is_process_info_item(wanted.as_cons()->head)) return raise_badarg(call);
    names.push_back(wanted.as_cons()->head);
  }
  if (!wanted.is_nil()) return raise_badarg(call);
  return ask(call, InfoShape::list, std::move(names));
}

static constexpr BifRow rows[] = {
    {"erlang", "process_info", 1, erlang_process_info_1, BifKind::plain, Authority::own_machine},
    {"erlang", "process_info", 2, erlang_process_info_2, BifKind::plain, Authority::own_machine},
};
const BifTable process_info_bifs = rows;

}  // namespace hanse
