// erlang:seq_trace/2, seq_trace_info/1, seq_trace_print/1,2: what seq_trace.beam calls.
#include "bif/tables.h"
#include "process/call.h"
#include "process/machine.h"
#include "process/seq_trace.h"
#include "process/tracing.h"
#include "term/compare.h"
#include "trace/seq_trace_flags.h"

namespace hanse {

int64_t seq_flag_of(Term name) {
  if (name == am::send) return seq_flag::send;
  if (name == am::receive) return seq_flag::receive;
  if (name == am::print) return seq_flag::print;
  if (name == am::timestamp) return seq_flag::timestamp;
  if (name == am::strict_monotonic_timestamp) return seq_flag::strict_monotonic_timestamp;
  return name == am::monotonic_timestamp ? seq_flag::monotonic_timestamp : 0;
}

// The parts of the token, a new one if there is none.
static std::vector<Term> token_parts(Process& process) {
  Term token = seq_token(process);
  if (!token.is_nil()) return {as_tuple(token)->elements, as_tuple(token)->elements + 5};
  uint64_t previous = trace_of(process).last_received;
  return {Term::small(0), Term::small(0), Term::small(0), process.self, make_unsigned(process.heap, previous)};
}

bool change_seq_token(Process& process, Term what, Term value) {
  if (what == am::sequential_trace_token && value.is_nil()) {
    set_seq_token(process, value);
    return true;
  }
  int64_t flag = seq_flag_of(what);
  bool is_boolean = value == am::true_ || value == am::false_;
  bool is_serial = what == am::serial && is_tuple_of_arity(value, 2) && as_tuple(value)->elements[0].is_small() &&
                   as_tuple(value)->elements[1].is_small();
  if (!(flag != 0 && is_boolean) && what != am::label && !is_serial) return false;
  std::vector<Term> parts = token_parts(process);
  if (flag != 0) {
    int64_t old = parts[0].as_small();
    parts[0] = Term::small(value == am::true_ ? old | flag : old & ~flag);
  } else if (what == am::label) {
    parts[1] = value;
  } else {
    Term previous = as_tuple(value)->elements[0], current = as_tuple(value)->elements[1];
    parts[2] = current;
    parts[4] = previous;
    ProcessTrace& own = trace_of(process);
    own.clock = static_cast<uint64_t>(current.as_small());
    own.last_received = static_cast<uint64_t>(previous.as_small());
  }
  parts[3] = process.self;
  set_seq_token(process, hanse::make_tuple(process.heap, std::span<const Term>(parts)));
  return true;
}

// The value of one part of the token, as seq_trace:set_token/2 returns it.
static Term part_of(Process& process, Term what) {
  Term token = seq_token(process);
  int64_t flag = seq_flag_of(what);
  if (flag != 0) return boolean(!token.is_nil() && (as_tuple(token)->elements[0].as_small() & flag) != 0);
  if (token.is_nil()) return what == am::label ? Term::small(0) : Term::nil();
  Term* parts = as_tuple(token)->elements;
  return what == am::label ? parts[1] : make_tuple(process.heap, parts[4], parts[2]);
}

static Result erlang_seq_trace_2(Call& call) {
  Term what = call.args[0], value = call.args[1];
  // A guest may carry a label on, but has nothing told to the system's tracer.
  if (call.process.machine.guest() != nullptr && what != am::label) return raise_badarg(call);
  if (what == am::sequential_trace_token) {
    if (!value.is_nil()) return raise_badarg(call);
    Term token = seq_token(call.process);
    set_seq_token(call.process, value);
    return token;
  }
  if (what != am::label && what != am::serial && seq_flag_of(what) == 0) return raise_badarg(call);
  // A token is made if there is none, and the old value is the new token's.
  if (what == am::serial && seq_token(call.process).is_nil()) (void)change_seq_token(call.process, am::label, Term::small(0));
  Term old = part_of(call.process, what);
  if (!change_seq_token(call.process, what, value)) return raise_badarg(call);
  return old;
}

static Result erlang_seq_trace_info_1(Call& call) {
  Term what = call.args[0];
  if (what != am::label && what != am::serial && seq_flag_of(what) == 0) return raise_badarg(call);
  if (seq_token(call.process).is_nil() && seq_flag_of(what) == 0) return Term::nil();
  return make_tuple(call.arena(), what, part_of(call.process, what));
}

static Result print_with_token(Call& call, Term message) {
  Process& process = call.process;
  if (seq_token(process).is_nil()) return am::false_;
  Term token = next_seq_token(process);
  if (process.sensitive) return am::true_;
  seq_event(token, seq_flag::print, am::print, process.self, Term::nil(), message);
  return am::true_;
}

static Result erlang_seq_trace_print_1(Call& call) { return print_with_token(call, call.args[0]); }

// Only if the token has that label.
static Result erlang_seq_trace_print_2(Call& call) {
  Term token = seq_token(call.process);
  if (token.is_nil() || !exactly_equal(as_tuple(token)->elements[1], call.args[0])) return am::false_;
  return print_with_token(call, call.args[1]);
}

static constexpr BifRow rows[] = {
    {"erlang", "seq_trace", 2, erlang_seq_trace_2, BifKind::plain, Authority::own_process},
    {"erlang", "seq_trace_info", 1, erlang_seq_trace_info_1, BifKind::plain, Authority::own_process},
    {"erlang", "seq_trace_print", 1, erlang_seq_trace_print_1, BifKind::plain, Authority::host},
    {"erlang", "seq_trace_print", 2, erlang_seq_trace_print_2, BifKind::plain, Authority::host},
};
const BifTable seq_trace_bifs = rows;

}  // namespace hanse
