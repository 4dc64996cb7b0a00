// Match specifications without a table: ets:match_spec_compile/1 and what runs its result, erlang:match_spec_test/3.
#include <algorithm>

#include "bif/tables.h"
#include "ets/match_spec.h"
#include "process/call.h"
#include "term/copy_whole.h"
#include "term/print.h"

namespace hanse {

static OffHeapBinary* program_of(Term term) {
  if (!term.is_boxed_kind(Boxed::magic_reference)) return nullptr;
  OffHeapBinary* binary = term.as<MagicReference>()->off_heap.value;
  MatchProgram* program = Magic<MatchProgram>::get(binary);
  return program == nullptr || program->dialect() != MatchDialect::table ? nullptr : binary;
}

// ets:match_spec_compile/1
static Result ets_match_spec_compile_1(Call& call) {
  OffHeapBinary* program = compile_match(call.args[0]);
  if (program == nullptr) return raise_badarg(call);
  return make_magic_reference(call.arena(), program);
}

// ets:is_compiled_ms/1
static Result ets_is_compiled_ms_1(Call& call) { return boolean(program_of(call.args[0]) != nullptr); }

class RunState final : public ResumeState {
 public:
  RunState(Term list, Term tail) : roots{list, tail} {}
  void visit_roots(RootVisitor& visitor) override { visitor.visit(roots); }
  Term roots[2];  // what remains, the results so far
};

// Results refer to the run's own memory and to the program: all but the object itself is copied.
static Term keep_value(Arena& arena, Term value, Term object) {
  if (value == object || !value.is_pointer()) return value;
  return copy_whole(arena, value, whole_size(value));
}

// ets:match_spec_run_r/3. List, program, tail: results in reverse order in front of the tail.
static Result ets_match_spec_run_r_3(Call& call) {
  OffHeapBinary* binary = program_of(call.args[1]);
  if (binary == nullptr) return raise_badarg(call);
  if (call.process.resume == nullptr) call.process.resume = std::make_unique<RunState>(call.args[0], call.args[2]);
  auto* state = static_cast<RunState*>(call.process.resume.get());
  MatchRun run(*Magic<MatchProgram>::get(binary), call.process.self);
  Term list = state->roots[0], result = state->roots[1];
  for (; list.is_cons(); list = list.as_cons()->tail) {
    if (call.process.reductions_left <= 0) {
      state->roots[0] = list;
      state->roots[1] = result;
      return Result::yield();
    }
    call.charge(1);
    Term object = list.as_cons()->head;
    Term value = run.run(object);
    if (!value.is_none()) result = make_cons(call.arena(), keep_value(call.arena(), value, object), result);
    run.reset();
  }
  call.process.resume.reset();
  return list.is_nil() ? Result(result) : raise_badarg(call);
}

// Actions of a trace specification while it is only tested: nothing is traced and nothing changes; what would be refused is.
class TestActions final : public MatchActions {
 public:
  Term perform(MatchAction action, std::span<const Term> arguments, Arena& arena) override {
    switch (action) {
      case MatchAction::caller:
      case MatchAction::caller_line: return am::undefined;
      case MatchAction::get_seq_token: return Term::nil();
      case MatchAction::is_seq_trace: return am::false_;
      case MatchAction::get_tcw: return Term::small(0);
      case MatchAction::process_dump: return make_binary(arena, std::string_view());
      case MatchAction::display: {
        std::string text = term_to_text(arguments[0]) + "\n";
        std::fwrite(text.data(), 1, text.size(), stdout);
        return am::true_;
      }
      case MatchAction::set_tcw: return is_control_word(arguments[0]) ? Term::small(0) : Term::none();
      case MatchAction::set_seq_token: return old_part(arena, arguments[0]);
      case MatchAction::enable_trace:
      case MatchAction::disable_trace: return is_trace_flag(arguments.back()) ? am::true_ : Term::none();
      case MatchAction::trace: return are_trace_flags(arguments) ? am::false_ : Term::none();
      default: return am::true_;
    }
  }

 private:
  static bool is_control_word(Term value) { return value.is_small() && value.as_small() >= 0 && value.as_small() <= 0xffffffff; }
  // Of a token that there is not.
  static Term old_part(Arena& arena, Term part) {
    if (part == am::label || part == am::serial || part == am::sequential_trace_token) return Term::nil();
    for (Term flag : {am::send, am::receive, am::print, am::timestamp, am::strict_monotonic_timestamp, am::monotonic_timestamp})
      if (part == flag) return make_tuple(arena, part, am::false_);
    return Term::none();
  }
  static bool is_trace_flag(Term name) {
    static constexpr Term flags[] = {
        am::all,       am::send,   am::receive,   am::procs,        am::call,        am::arity,          am::return_to,     am::silent,
        am::running,   am::exiting, am::garbage_collection, am::timestamp, am::cpu_timestamp, am::monotonic_timestamp,
        am::strict_monotonic_timestamp, am::set_on_spawn, am::set_on_first_spawn, am::set_on_link, am::set_on_first_link};
    return std::find(std::begin(flags), std::end(flags), name) != std::end(flags);
  }
  // [Disable, Enable] or [Process, Disable, Enable], the lists of flags and tracers.
  static bool are_trace_flags(std::span<const Term> arguments) {
    for (Term list : arguments.last(2)) {
      for (; list.is_cons(); list = list.as_cons()->tail)
        if (!list.as_cons()->head.is_tuple() && !is_trace_flag(list.as_cons()->head)) return false;
      if (!list.is_nil()) return false;
    }
    return true;
  }
};

static Term error_list(Arena& arena, const std::vector<std::string>& errors) {
  Term list = Term::nil();
  for (size_t i = errors.size(); i-- > 0;)
    list = make_cons(arena, make_tuple(arena, am::error, make_string(arena, errors[i])), list);
  return make_tuple(arena, am::error, list);
}

// erlang:match_spec_test/3. Object or list of arguments, specification, table | trace.
static Result erlang_match_spec_test_3(Call& call) {
  Arena& arena = call.arena();
  bool is_trace = call.args[2] == am::trace;
  if (!is_trace && call.args[2] != am::table) return raise_badarg(call);
  if (is_trace && !call.args[0].is_list()) return raise_badarg(call);
  MatchProgram program;
  std::vector<std::string> errors;
  if (!compile_match(call.args[1], is_trace ? MatchDialect::trace : MatchDialect::table, program, errors))
    return error_list(arena, errors);
  TestActions actions;
  MatchRun run(program, call.process.self, &actions);
  Term value;
  if (is_trace) {
    std::vector<Term> arguments;
    for (Term list = call.args[0]; list.is_cons(); list = list.as_cons()->tail) arguments.push_back(list.as_cons()->head);
    value = run.run_arguments(arguments);
  } else {
    value = run.run(call.args[0]);
  }
  Term flags = Term::nil();
  if (run.exception_trace) flags = make_cons(arena, am::exception_trace, flags);
  if (run.return_trace) flags = make_cons(arena, am::return_trace, flags);
  value = value.is_none() ? am::false_ : keep_value(arena, value, call.args[0]);
  return make_tuple(arena, am::ok, value, flags, Term::nil());
}

static constexpr BifRow rows[] = {
    {"ets", "match_spec_compile", 1, ets_match_spec_compile_1, BifKind::plain, Authority::pure},
    {"ets", "match_spec_run_r", 3, ets_match_spec_run_r_3, BifKind::plain, Authority::pure},
    {"ets", "is_compiled_ms", 1, ets_is_compiled_ms_1, BifKind::plain, Authority::pure},
    {"erlang", "match_spec_test", 3, erlang_match_spec_test_3, BifKind::plain, Authority::pure},
};
const BifTable ets_match_spec_bifs = rows;

}  // namespace hanse
