#include "process/seq_trace.h"

#include <algorithm>

#include "process/machine.h"
#include "process/ports_interface.h"
#include "process/process_table.h"
#include "process/signals.h"
#include "process/tracing.h"
#include "process/wall.h"
#include "term/atom.h"
#include "term/binary_view.h"
#include "term/build.h"
#include "term/copy.h"
#include "term/node.h"

namespace hanse {

// Places in a token.
static constexpr size_t flags_place = 0, label_place = 1, serial_place = 2, sender_place = 3, previous_place = 4;

static std::atomic<const Tracer*> the_tracer{nullptr};  // replaced as a whole, read under an epoch guard

Tracer seq_tracer() {
  epoch::Guard guard;
  const Tracer* tracer = the_tracer.load(std::memory_order_acquire);
  return tracer ? *tracer : Tracer();
}

Tracer set_seq_tracer(const Tracer& tracer) {
  epoch::Guard guard;
  const Tracer* old = the_tracer.exchange(tracer.is_none() ? nullptr : new Tracer(tracer.kept()), std::memory_order_acq_rel);
  Tracer before = old ? *old : Tracer();
  if (old) epoch::retire(const_cast<Tracer*>(old));
  return before;
}

// A tracer that is gone is nobody's, unless another one has come meanwhile.
static void forget_tracer(const Tracer& tracer) {
  epoch::Guard guard;
  const Tracer* current = the_tracer.load(std::memory_order_acquire);
  if (current == nullptr || !(*current == tracer) || !the_tracer.compare_exchange_strong(current, nullptr, std::memory_order_acq_rel)) return;
  epoch::retire(const_cast<Tracer*>(current));
}

// Returns false if there is no such tracer.
static bool tell(const Tracer& tracer, uint32_t stamps, Term label, Term event) {
  FragmentArena arena(flat_size(event) + flat_size(label) + 64);
  if (tracer.is_module()) {
    if (ask_tracer(tracer, am::seq_trace, label) == TracerAnswer::trace)
      tracer_modules().trace(tracer, am::seq_trace, label, event, tracer_options(arena, stamps, Term::none(), Term::none()));
    return true;  // as in stock, it stays whatever it answers
  }
  Term time = trace_timestamp(arena, stamps), what = copy(arena, event), about = copy(arena, label);
  Term whole = time.is_none() ? make_tuple(arena, am::seq_trace, about, what) : make_tuple(arena, am::seq_trace, about, what, time);
  Term to = tracer.term();
  return to.is_local_pid() ? deliver_fragment(to, whole, arena.take()) : port_signals() && port_signals()->trace(to, whole);
}

Term seq_token(Process& process) {
  return is_traced(process, trace_flag::has_token) ? trace_of(process).token : Term::nil();
}

void set_seq_token(Process& process, Term token) {
  if (token.is_nil() && !is_traced(process, trace_flag::has_token)) return;
  trace_of(process).token = token;
  if (token.is_nil()) process.trace_flags.fetch_and(~trace_flag::has_token, std::memory_order_relaxed);
  else process.trace_flags.fetch_or(trace_flag::has_token, std::memory_order_relaxed);
}

Term next_seq_token(Process& process) {
  ProcessTrace& own = trace_of(process);
  if (own.token.is_nil()) return own.token;
  Term* parts = as_tuple(own.token)->elements;
  Term serial = make_unsigned(process.heap, ++own.clock), previous = make_unsigned(process.heap, own.last_received);
  Term token = make_tuple(process.heap, parts[flags_place], parts[label_place], serial, process.self, previous);
  return own.token = token;
}

void seq_event(Term token, int64_t flag, Term what, Term from, Term to, Term message) {
  Term* parts = as_tuple(token)->elements;
  int64_t flags = parts[flags_place].as_small();
  Tracer tracer = seq_tracer();
  if (!(flags & flag) || tracer.is_none() || tracer.is(from)) return;
  FragmentArena arena(16);
  Term event = make_tuple(arena, what, make_tuple(arena, parts[previous_place], parts[serial_place]), from, to, message);
  uint32_t stamps = 0;
  if (flags & seq_flag::timestamp) stamps = trace_flag::timestamp;
  else if (flags & seq_flag::strict_monotonic_timestamp) stamps = trace_flag::strict_monotonic_timestamp;
  else if (flags & seq_flag::monotonic_timestamp) stamps = trace_flag::monotonic_timestamp;
  if (!tell(tracer, stamps, parts[label_place], event)) forget_tracer(tracer);
}

bool is_seq_token(Term term) {
  if (!is_tuple_of_arity(term, 5)) return false;
  Term *parts = as_tuple(term)->elements, sender = parts[sender_place];
  return parts[flags_place].is_small() && parts[serial_place].is_small() && parts[serial_place].as_small() >= 0 &&
         (sender.is_pid() || sender.is_atom()) && parts[previous_place].is_small();
}

TaggedMessage* message_with(Term token, Term message) {
  auto* tagged = new_tagged_message();
  FragmentArena arena(flat_size(message) + 16);
  tagged->term = copy(arena, message);
  tagged->token = copy(arena, token);
  tagged->fragment = arena.take();
  return tagged;
}

bool is_modest_token(Term token) {
  static constexpr size_t longest_text = 64;  // bytes
  Term label = as_tuple(token)->elements[label_place];
  if (!label.is_pointer()) return true;
  if (!is_tuple_of_arity(label, 2)) return false;
  Term name = as_tuple(label)->elements[0], text = as_tuple(label)->elements[1];
  return name.is_atom() && text.is_binary() && bit_view(text).byte_size() <= longest_text;
}

Message* message_with_token(Process& sender, Term to, Term message, Machine* across) {
  auto* tagged = new_tagged_message();
  tagged->sender = sender.self;
  FragmentArena arena(32 + (across ? flat_size_with_literals(message) : flat_size(message)));
  auto copied = [&](Term term) { return across ? copy_across(arena, *across, term) : copy(arena, term); };
  tagged->term = copied(message);
  if (is_traced(sender, trace_flag::has_token)) {
    Term token = next_seq_token(sender);
    if (!sender.sensitive) seq_event(token, seq_flag::send, am::send, sender.self, to, message);
    if (!across || is_modest_token(token)) tagged->token = copied(token);
  }
  tagged->fragment = arena.take();
  return tagged;
}

void receive_token(Process& process, Message& message) {
  Term token = message.is_tagged ? message.tagged().token : Term::none();
  if (token.is_none()) {
    if (message.from_process) set_seq_token(process, Term::nil());
    return;
  }
  if (token.is_nil()) return;
  Term* parts = as_tuple(token)->elements;
  set_seq_token(process, token);
  ProcessTrace& own = trace_of(process);
  own.last_received = static_cast<uint64_t>(parts[serial_place].as_small());
  own.clock = std::max(own.clock, own.last_received);
  if (!process.sensitive) seq_event(token, seq_flag::receive, am::receive, parts[sender_place], process.self, message.term);
}

// As in stock: an exit signal to a sensitive process is not told of.
static bool is_sensitive(Term pid) {
  epoch::Guard guard;
  Process* process = pid.is_local_pid() ? find_process(pid) : nullptr;
  return process != nullptr && process->sensitive;
}

Term seq_token_of_exit(Process& process, Term to, Term reason) {
  if (!is_traced(process, trace_flag::has_token)) return Term::none();
  Term token = next_seq_token(process);
  if (token.is_nil() || (process.machine.guest() != nullptr && !is_modest_token(token))) return Term::none();
  if (!is_sensitive(to)) seq_event(token, seq_flag::send, am::send, process.self, to, make_tuple(process.heap, am::EXIT, process.self, reason));
  return token;
}

// --- processes that are started ---

static Term serial_of(Term token) { return as_tuple(token)->elements[serial_place]; }

// A token with other serial numbers.
static Term renumbered(Arena& arena, Term token, Term previous, Term serial, Term sender) {
  Term* parts = as_tuple(token)->elements;
  return make_tuple(arena, parts[flags_place], parts[label_place], serial, sender, previous);
}

static SpawnEvent spawn_event(Arena& arena, Term module, Term function, Term arguments, const TracedSpawn& traced) {
  Term arity = Term::small(spawn_arity(module, function, arguments));
  SpawnEvent event{make_tuple(arena, module, function, arity), arguments, traced.options, traced.reference, traced.reply_tag};
  if (traced.reply == SpawnReplyEvent::returned) return event;
  // In stock the process of a request begins in a function that takes what to call.
  event.function = make_tuple(arena, am::erts_internal, am::spawn_init, Term::small(1));
  event.arguments = make_cons(arena, make_tuple(arena, module, function, arguments), Term::nil());
  return event;
}

void seq_trace_spawn(Process& parent, Process& child, Term module, Term function, Term arguments, Term reference, TracedSpawn& traced) {
  Arena& arena = parent.heap;
  traced.reference = reference.is_none() ? make_reference(arena) : reference;
  SpawnEvent event = spawn_event(arena, module, function, arguments, traced);
  Term request = make_tuple(arena, am::spawn_request, event.reference, parent.self, parent.group_leader, event.function,
                            event.options, event.reply_tag, event.arguments);
  Term token = next_seq_token(parent);
  seq_event(token, seq_flag::send, am::send, parent.self, child.self, request);
  seq_event(token, seq_flag::receive, am::receive, parent.self, child.self, request);
  ProcessTrace& own = trace_of(child);
  own.clock = own.last_received = static_cast<uint64_t>(serial_of(token).as_small());
  set_seq_token(child, copy(child.heap, token));
  traced.reply_token = next_seq_token(child);
  if (traced.reply == SpawnReplyEvent::none) return;
  Term message = make_tuple(arena, event.reply_tag, event.reference, am::ok, child.self);
  seq_event(traced.reply_token, seq_flag::send, am::send, child.self, parent.self, message);
  if (traced.reply == SpawnReplyEvent::message) return;
  seq_event(traced.reply_token, seq_flag::receive, am::receive, child.self, parent.self, message);
  trace_of(parent).clock = trace_of(parent).last_received = own.clock;
}

static Term remote_request(Arena& arena, const SpawnEvent& event, Term parent, Term leader) {
  return make_tuple(arena, am::spawn_request, event.reference, parent, leader, event.function, event.options);
}

// The request and its arguments count as two messages; the token goes with the second.
Term seq_trace_remote_spawn(Process& process, Term node, const SpawnEvent& event) {
  Term request = remote_request(process.heap, event, process.self, process.group_leader);
  seq_event(next_seq_token(process), seq_flag::send, am::send, process.self, node, request);
  Term token = next_seq_token(process);
  seq_event(token, seq_flag::send, am::send, process.self, node, event.arguments);
  return token;
}

Term seq_trace_spawned(Arena& arena, Term token, Term parent, Term leader, Term child, Term reason, const SpawnEvent& event) {
  Term serial = serial_of(token), sender = as_tuple(token)->elements[sender_place];
  Term before = Term::small(serial.as_small() - 1), here = child.is_none() ? this_node().name : child;
  Term asked = renumbered(arena, token, as_tuple(token)->elements[previous_place], before, sender);
  seq_event(asked, seq_flag::receive, am::receive, parent, here, remote_request(arena, event, parent, leader));
  Term reply = renumbered(arena, token, before, serial, here);
  Term outcome = child.is_none() ? am::error : am::ok, value = child.is_none() ? reason : child;
  seq_event(reply, seq_flag::send, am::send, here, parent, make_tuple(arena, event.reply_tag, event.reference, outcome, value));
  return reply;
}

void reset_seq_trace() {
  for_each_process([](Process& process) {
    auto* signal = new ActionSignal;
    signal->action = [](Process& receiver) {
      set_seq_token(receiver, Term::nil());
      if (ProcessTrace* own = receiver.trace.load(std::memory_order_acquire)) own->clock = own->last_received = 0;
      for (Message* message = receiver.mailbox.first(); message; message = static_cast<Message*>(message->next))
        if (message->is_tagged && !message->tagged().token.is_none()) message->tagged().token = Term::nil();
    };
    deliver_signal(process.self, signal);
  });
}

}  // namespace hanse
