#include "trace/trace_match.h"

#include "code/module.h"
#include "process/machine.h"
#include "process/node_settings.h"
#include "process/process_table.h"
#include "process/scheduler.h"
#include "process/seq_trace.h"
#include "term/build.h"
#include "term/copy_whole.h"
#include "term/map.h"
#include "term/print.h"
#include "trace/seq_trace_flags.h"

namespace hanse {

namespace {

// A process may be named by pid or registered name; nullptr: none.
Process* process_argument(Process& self, Term who) {
  if (who.is_atom()) who = self.machine.registry.find(who);
  return who.is_local_pid() ? find_process(who) : nullptr;
}

class TraceActions final : public MatchActions {
 public:
  explicit TraceActions(const TraceContext& context) : context_(context), process_(context.process) {}

  Term perform(MatchAction action, std::span<const Term> arguments, Arena& arena) override {
    switch (action) {
      case MatchAction::caller: return caller(arena, false);
      case MatchAction::caller_line: return caller(arena, true);
      case MatchAction::process_dump: return make_binary(arena, engine().backtrace(process_));
      case MatchAction::get_seq_token: return seq_token(process_);
      case MatchAction::set_seq_token: return set_token(arguments[0], arguments[1]);
      case MatchAction::is_seq_trace: return boolean(!seq_token(process_).is_nil());
      case MatchAction::display: return display(arguments[0]);
      case MatchAction::get_tcw: return Term::small(static_cast<int64_t>(node_settings().trace_control_word.load()));
      case MatchAction::set_tcw: return set_control_word(arguments[0]);
      case MatchAction::silent: return silent(arguments[0]);
      case MatchAction::enable_trace: return change(arguments, true);
      case MatchAction::disable_trace: return change(arguments, false);
      case MatchAction::trace: return trace(arguments);
      default: return Term::none();
    }
  }

 private:
  Term caller(Arena& arena, bool with_line) {
    CodePlace place;
    if (context_.caller == nullptr || !find_code(context_.caller - 1, place)) return am::undefined;
    Term arity = Term::small(place.arity);
    if (!with_line) return make_tuple(arena, place.module, place.function, arity);
    Term where = am::undefined;
    if (place.line != 0) where = make_tuple(arena, make_string(arena, place.file), Term::small(place.line));
    return make_tuple(arena, place.module, place.function, arity, where);
  }

  Term set_token(Term what, Term value) {
    // A label may be any term: it has to live in the process's heap.
    Term kept = value.is_pointer() ? copy_whole(process_.heap, value, whole_size(value)) : value;
    return boolean(change_seq_token(process_, what, kept));
  }

  static Term display(Term term) {
    std::string text = term_to_text(term) + "\n";
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
    return am::true_;
  }

  static Term set_control_word(Term value) {
    if (!value.is_small() || value.as_small() < 0 || value.as_small() > 0xffffffff) return Term::none();
    return Term::small(static_cast<int64_t>(node_settings().trace_control_word.exchange(static_cast<Word>(value.as_small()))));
  }

  Term silent(Term how) {
    if (how == am::true_) (void)change_flags(process_, trace_flag::silent, 0);
    else if (how == am::false_) (void)change_flags(process_, 0, trace_flag::silent);
    return am::true_;
  }

  // A process that is not traced stays so, unless there is a tracer to tell.
  static bool change_flags(Process& process, uint32_t add, uint32_t remove, Tracer tracer = {}) {
    TraceSettings settings = trace_settings(process);
    if (tracer.is_none()) tracer = settings.tracer;
    if (tracer.is_none()) return false;
    (void)change_trace(process, add, remove, tracer);
    return true;
  }

  // [Flag] or [Process, Flag]
  Term change(std::span<const Term> arguments, bool enable) {
    ParsedFlags parsed;
    Arena& arena = process_.heap;
    if (!parse_trace_flags(make_cons(arena, arguments.back(), Term::nil()), parsed) || !parsed.tracer.is_none()) return Term::none();
    Process* target = arguments.size() == 2 ? process_argument(process_, arguments[0]) : &process_;
    if (!target) return Term::none();
    uint32_t flags = parsed.flags;
    Tracer tracer = enable && trace_settings(*target).flags == 0 ? trace_settings(process_).tracer : Tracer();
    (void)change_flags(*target, enable ? flags : 0, enable ? 0 : flags, tracer);
    return am::true_;
  }

  // [Disable, Enable] or [Process, Disable, Enable]
  Term trace(std::span<const Term> arguments) {
    ParsedFlags off, on;
    Process* target = arguments.size() == 3 ? process_argument(process_, arguments[0]) : &process_;
    if (arguments.size() == 3) arguments = arguments.subspan(1);
    if (!target || !parse_trace_flags(arguments[0], off) || !parse_trace_flags(arguments[1], on)) return Term::none();
    Tracer tracer = !on.tracer.is_none() ? on.tracer : off.tracer;
    // Another process is then traced for the tracer of this one; if there is none, not at all.
    if (tracer.is_none() && target != &process_) {
      tracer = trace_settings(process_).tracer;
      if (tracer.is_none()) return set_trace(*target, {}), am::true_;
    }
    if (tracer.is_none() && trace_settings(*target).flags == 0) tracer = trace_settings(process_).tracer;
    TraceSettings before = trace_settings(*target);
    if (!tracer.is_none() && before.flags != 0 && !(before.tracer == tracer)) set_trace(*target, {before.flags, tracer});
    return boolean(change_flags(*target, on.flags, off.flags & ~on.flags, tracer));
  }

  const TraceContext& context_;
  Process& process_;
};

}  // namespace

MatchResult run_pattern(const TracePattern& pattern, const TraceContext& context, std::span<const Term> arguments, Arena& arena) {
  MatchResult result;
  if (pattern.is_empty) {
    result.matches = true;
    return result;
  }
  TraceActions actions(context);
  MatchRun run(pattern.program, context.process.self, &actions);
  Term value = run.run_arguments(arguments);
  if (value.is_none()) return result;
  result.matches = true;
  result.return_trace = run.return_trace;
  result.exception_trace = run.exception_trace;
  if (value != am::true_) result.message = value.is_pointer() ? copy_whole(arena, value, whole_size(value)) : value;
  return result;
}

}  // namespace hanse
