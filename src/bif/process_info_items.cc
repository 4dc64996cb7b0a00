#include <vector>

#include "base/epoch.h"
#include "bif/list_builder.h"
#include "bif/process_info.h"
#include "bif/process_options.h"
#include "process/distribution.h"
#include "process/guest.h"
#include "process/heap_report.h"
#include "process/machine.h"
#include "process/node_settings.h"
#include "process/ports_interface.h"
#include "process/outside_watcher.h"
#include "process/process_states.h"
#include "process/process_table.h"
#include "process/saved_calls.h"
#include "process/scheduler.h"
#include "process/seq_trace.h"
#include "process/tracing.h"
#include "term/copy.h"

namespace hanse {

static constexpr Term items[] = {
    am::backtrace,         am::binary,          am::catchlevel,
    am::current_function,  am::current_location, am::current_stacktrace,
    am::dictionary,        am::error_handler,   am::fullsweep_after,
    am::garbage_collection, am::garbage_collection_info, am::group_leader,
    am::heap_size,         am::initial_call,    am::last_calls,
    am::links,             am::magic_ref,       am::max_heap_size,
    am::memory,            am::message_queue_data, am::message_queue_len,
    am::messages,          am::min_bin_vheap_size, am::min_heap_size,
    am::monitored_by,      am::monitors,        am::parent,
    am::priority,          am::reductions,      am::registered_name,
    am::sequential_trace_token, am::stack_size, am::status,
    am::suspending,        am::total_heap_size, am::trace,
    am::trap_exit};

std::span<const Term> process_info_item_names() { return items; }

bool is_process_info_item(Term name) {
  for (Term item : items)
    if (item == name) return true;
  return false;
}

Term ProcessInfo::keep(Term term) { return is_self ? term : copy(arena, term); }
bool ProcessInfo::is_known(Term pid) {
  if (!is_inside) return true;
  epoch::Guard guard;
  return may_watch(process, pid);
}
Term ProcessInfo::pair(Term key, Term content) { return make_tuple(arena, key, content); }

Term ProcessInfo::item(Term name) {
  if (!is_process_info_item(name)) return Term::none();
  return pair(name, value(name));
}

Term ProcessInfo::value(Term name) {
  if (name == am::registered_name)
    return process.registered_name.is_none() ? Term::nil() : process.registered_name;
  if (name == am::message_queue_len) return make_unsigned(arena, process.mailbox.length());
  if (name == am::status) return status();
  if (name == am::dictionary) return dictionary();
  if (name == am::messages) return messages();
  if (name == am::group_leader) return keep(process.group_leader);
  if (name == am::priority) return priority_atom(process.priority);
  if (name == am::trap_exit) return boolean(process.trap_exit);
  if (name == am::error_handler) return process.error_handler;
  if (name == am::parent) return keep(process.parent);
  if (name == am::message_queue_data) return process.message_queue_off_heap ? am::off_heap : am::on_heap;
  if (name == am::initial_call)
    return make_tuple(arena, process.initial_module, process.initial_function, Term::small(process.initial_arity));
  if (name == am::reductions) {
    int64_t used = is_self ? slice_reductions - process.reductions_left : 0;
    return make_integer(arena, static_cast<int64_t>(process.reductions_total) + used);
  }
  if (name == am::last_calls) return saved_calls(arena, process);
  if (name == am::trace) return Term::small(trace_settings(process).flags);
  if (name == am::sequential_trace_token) return token();
  if (name == am::magic_ref) return Term::nil();
  if (name == am::catchlevel) return catch_level();
  if (name == am::binary) return binaries();
  if (name == am::links || name == am::monitors || name == am::monitored_by || name == am::suspending) return relation(name);
  if (name == am::backtrace || name == am::current_function || name == am::current_location ||
      name == am::current_stacktrace)
    return position(name);
  return heap_figure(name);
}

// Whoever sent it from outside stays unknown.
Term ProcessInfo::token() {
  Term token = seq_token(process);
  if (token.is_nil()) return token;
  Term* parts = as_tuple(token)->elements;
  Term sender = is_known(parts[3]) ? keep(parts[3]) : process.self;
  return make_tuple(arena, parts[0], keep(parts[1]), keep(parts[2]), sender, keep(parts[4]));
}

// The handlers on the stack.
Term ProcessInfo::catch_level() {
  int64_t count = 0;
  auto* bottom = reinterpret_cast<const Term*>(process.heap.stack_bottom());
  for (auto* slot = reinterpret_cast<const Term*>(process.heap.stack_top()); slot < bottom; slot++)
    if (slot->is_catch_marker()) count++;
  return Term::small(count);
}

// Where memory is, is nobody's business inside: zeros in place of the digits.
static std::string without_addresses(std::string text) {
  static constexpr std::string_view digits = "0123456789abcdef";
  for (size_t at = text.find("0x"); at != std::string::npos; at = text.find("0x", at))
    for (at += 2; at < text.size() && digits.contains(text[at]); at++) text[at] = '0';
  return text;
}

// Of a built-in function, which only waits.
static bool is_native(Process& process, Term frame) {
  Term* parts = as_tuple(frame)->elements;
  return parts[2].is_small() && process.machine.realm.find_bif(parts[0], parts[1], static_cast<uint32_t>(parts[2].as_small())) != nullptr;
}

Term ProcessInfo::position(Term name) {
  if (name == am::backtrace) {
    if (process.sensitive) return make_binary(arena, std::string_view());
    std::string text = engine().backtrace(process);
    return make_binary(arena, is_inside ? without_addresses(std::move(text)) : text);
  }
  size_t depth = name == am::current_stacktrace ? static_cast<size_t>(node_settings().backtrace_depth.load(std::memory_order_relaxed)) : 1;
  if (depth == 0) return Term::nil();
  Term trace = engine().stack_trace(arena, process, depth);
  if (trace.is_nil()) {  // it has not run yet
    Term start = make_tuple(arena, process.initial_module, process.initial_function, Term::small(process.initial_arity), Term::nil());
    trace = make_cons(arena, start, Term::nil());
  }
  Term frame = trace.as_cons()->head;
  bool is_in_native = !is_self && is_native(process, frame);
  if (name == am::current_stacktrace) return is_in_native ? engine().stack_trace(arena, process, depth + 1).as_cons()->tail : trace;
  if (!is_self && !is_in_native && !process.slice_active && port_signals() && port_signals()->holds_up(process.self))
    frame = make_tuple(arena, am::erlang, am::send, Term::small(2), Term::nil());  // the instruction is that function
  if (name == am::current_location) return frame;
  Term* parts = as_tuple(frame)->elements;
  // In stock the built-in function has done its work, and its return waits for the busy connection.
  bool waits = !is_self && !process.slice_active && distribution_signals() && distribution_signals()->holds_up(process.self);
  if (waits) return make_tuple(arena, am::erlang, make_atom("bif_return_trap"), Term::small(2));
  return make_tuple(arena, parts[0], parts[1], parts[2]);
}

// Of messages that wait; on stock's heap they are, unless message_queue_data says off_heap.
static size_t queued_words(const Process& process) {
  size_t words = 0;
  if (!process.message_queue_off_heap)
    for (const Message* message = process.mailbox.first(); message; message = static_cast<const Message*>(message->next))
      for (const Fragment* fragment = message->fragment; fragment; fragment = fragment->next) words += fragment->used_words;
  return words;
}

Term ProcessInfo::heap_figure(Term name) {
  const ProcessHeap& heap = process.heap;
  if (name == am::heap_size) return make_unsigned(arena, heap.heap_words());
  if (name == am::stack_size) return make_unsigned(arena, heap.stack_words());
  if (name == am::total_heap_size)
    return make_unsigned(arena, heap.heap_words() + heap.old_heap_words() + heap.fragment_words() + queued_words(process));
  if (name == am::memory) return make_unsigned(arena, memory_bytes());
  if (name == am::min_heap_size) return make_unsigned(arena, heap.settings.minimum_words);
  if (name == am::min_bin_vheap_size) return make_unsigned(arena, heap.settings.minimum_binary_words);
  if (name == am::max_heap_size) return max_heap_size_map(arena, heap.settings);
  if (name == am::fullsweep_after) return make_unsigned(arena, heap.settings.full_sweep_after);
  if (name == am::garbage_collection) return garbage_collection();
  return garbage_collection_info(arena, heap);
}

Term ProcessInfo::relation(Term name) {
  if (!process.relations.tables()) return Term::nil();
  if (name == am::links) return links();
  if (name == am::monitors) return monitors();
  if (name == am::monitored_by) return monitored_by();
  return suspending();
}

Term ProcessInfo::status() {
  if (is_self) return am::running;
  if (process.state.load(std::memory_order_relaxed) & process_state::away) return am::running;
  if (process.state.load(std::memory_order_relaxed) & process_state::suspended) return am::suspended;
  if (process.slice_active) return am::runnable;
  bool held_up = (distribution_signals() && distribution_signals()->holds_up(process.self)) ||
                 (port_signals() && port_signals()->holds_up(process.self));
  return held_up ? am::suspended : am::waiting;
}

// A sensitive process tells neither its messages nor its dictionary; nor its stack (position).
Term ProcessInfo::messages() {
  ListBuilder list(arena);
  if (process.sensitive) return Term::nil();
  for (Message* message = process.mailbox.first(); message; message = static_cast<Message*>(message->next))
    list.add(copy(arena, message->term));
  return list.finish();
}

Term ProcessInfo::dictionary() {
  if (process.sensitive) return Term::nil();
  Term list = Term::nil();  // in the order of erlang:get/0
  process.dictionary.for_each([&](Term key, Term content) { list = make_cons(arena, pair(keep(key), keep(content)), list); });
  return list;
}

static Term binary_item(Arena& arena, const OffHeapBinary& binary, uintptr_t identity) {
  return make_tuple(arena, make_unsigned(arena, identity), make_unsigned(arena, binary.size), make_unsigned(arena, binary.reference_count()));
}

Term ProcessInfo::binaries() {
  // The lists begin with the newest, the answer with the oldest.
  Term list = Term::nil();
  uintptr_t count = 0;
  const OffHeapList* generations[] = {&process.heap.off_heap, &process.heap.old_off_heap()};
  for (const OffHeapList* generation : generations)
    for (OffHeapObject* object = generation->first; object != nullptr; object = object->next)
      if (!object->value->is_magic())
        list = make_cons(arena, binary_item(arena, *object->value, is_inside ? ++count : reinterpret_cast<uintptr_t>(object->value)), list);
  return list;
}

Term ProcessInfo::garbage_collection() {
  const HeapSettings& settings = process.heap.settings;
  ListBuilder list(arena);
  list.add(pair(am::max_heap_size, max_heap_size_map(arena, settings)));
  list.add(pair(am::min_bin_vheap_size, make_unsigned(arena, settings.minimum_binary_words)));
  list.add(pair(am::min_heap_size, make_unsigned(arena, settings.minimum_words)));
  list.add(pair(am::fullsweep_after, make_unsigned(arena, settings.full_sweep_after)));
  list.add(pair(am::minor_gcs, make_unsigned(arena, process.heap.minor_collections())));
  return list.finish();
}

Term ProcessInfo::links() {
  ListBuilder list(arena);
  process.relations.tables()->links.for_each([&](const StoredTerm& peer, Relations::Link& link) {
    if (link.unlinking == 0 && is_known(peer.term())) list.add(peer.read(arena));
  });
  return list.finish();
}

Term ProcessInfo::monitors() {
  ListBuilder list(arena);
  process.relations.tables()->monitors.for_each([&](ReferenceNumber, Monitor& monitor) {
    Term type = monitor.kind == MonitorKind::port          ? am::port
                : monitor.kind == MonitorKind::time_offset ? am::time_offset
                                                           : am::process;
    Term target = monitor.name.is_none() ? monitor.target.read(arena) : make_tuple(arena, monitor.name, monitor.node);
    list.add(pair(type, target));
  });
  return list.finish();
}

Term ProcessInfo::monitored_by() {
  ListBuilder list(arena);
  process.relations.tables()->watchers.for_each([&](ReferenceNumber, StoredTerm& watcher) {
    Term pid = watcher.term();
    if (OutsideWatcher* outside = outside_watcher(pid)) pid = is_inside ? Term::none() : outside->shown(arena);
    if (pid.is_cons()) pid = pid.as_cons()->head;
    if (!pid.is_none() && (pid.is_reference() || is_known(pid))) list.add(pid);
  });
  process.relations.tables()->remote_watchers.for_each(
      [&](const StoredTerm&, RemoteWatcher& watcher) { if (!is_inside) list.add(watcher.watcher.read(arena)); });
  return list.finish();
}

void forget_ended_suspended(Process& process) {
  if (!process.relations.tables()) return;
  std::vector<Term> ended;
  epoch::Guard guard;
  process.relations.tables()->suspended.for_each([&](const StoredTerm& pid, Suspension&) {
    Process* suspended = find_process(pid.term());
    if (!suspended || (suspended->state.load(std::memory_order_acquire) & process_state::exited) != 0) ended.push_back(pid.term());
  });
  for (Term pid : ended) process.relations.forget_suspended(pid);
}

Term ProcessInfo::suspending() {
  ListBuilder list(arena);
  forget_ended_suspended(process);
  process.relations.tables()->suspended.for_each([&](const StoredTerm& pid, Suspension& suspension) {
    Term count = Term::small(suspension.count), none = Term::small(0);
    bool in_force = suspension.in_force->load(std::memory_order_acquire);
    list.add(make_tuple(arena, pid.read(arena), in_force ? count : none, in_force ? none : count));
  });
  return list.finish();
}

size_t ProcessInfo::memory_bytes() {
  size_t bytes = sizeof(Process) + process.heap.total_bytes() + process.dictionary.bytes() + process.relations.bytes();
  for (Message* message = process.mailbox.first(); message; message = static_cast<Message*>(message->next)) {
    bytes += sizeof(Message);
    if (message->fragment && !message->attached) bytes += Fragment::words_of_chain(message->fragment) * sizeof(Word);
  }
  return bytes;
}

}  // namespace hanse
