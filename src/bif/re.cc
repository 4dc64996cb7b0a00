// re: regular expressions. Global matching and character data in Unicode are done by Erlang functions of the module re,
// which call these functions with binaries.
#include <chrono>

#include "bif/iolist.h"
#include "bif/re_match.h"
#include "bif/tables.h"
#include "code/realm.h"
#include "process/call.h"
#include "process/machine.h"
#include "term/text.h"

namespace hanse {

namespace {

// Goes on in re:Function(...) with what is in the argument registers.
Result continue_in(Call& call, Term function, uint32_t arity) {
  call.process.trap_target = call.process.machine.realm.export_for(am::re, function, arity);
  return Result::trap();
}

// {re_pattern, Groups, Unicode, UseCrlf, Binary}
Term pattern_term(Arena& arena, const CompiledPattern& pattern, Bytes source) {
  std::string packed = pack_pattern(source, pattern.options);
  return make_tuple(arena, am::re_pattern, Term::small(pattern.group_count),
                    Term::small(pattern.options.is_unicode() ? 1 : 0), Term::small(pattern.may_use_crlf ? 1 : 0),
                    make_binary(arena, packed));
}
bool is_pattern_term(Term term) { return is_tuple_of_arity(term, 5) && as_tuple(term)->elements[0] == am::re_pattern; }

Term error_term(Arena& arena, const PatternError& error) {
  return make_tuple(arena, make_string(arena, error.text), Term::small(static_cast<int64_t>(error.position)));
}

Result compile(Call& call, Term source_term, Term option_list) {
  RegexOptions options;
  if (!read_regex_options(option_list, options) || options.run_only) return raise_badarg(call, am::badopt);
  if (options.anchored) options.pattern.bits |= PCRE2_ANCHORED;
  if (options.pattern.is_unicode() && !source_term.is_binary()) {
    call.args[1] = option_list;
    return continue_in(call, am::ucompile, 2);
  }
  IodataBytes source(source_term);
  if (!source.is_valid()) return raise_badarg(call);
  call.charge(10 + source.size() / 8);
  PatternError error;
  const CompiledPattern* pattern = compiled_pattern(source.span(), options.pattern, error);
  if (pattern == nullptr) return make_tuple(call.arena(), am::error, error_term(call.arena(), error));
  return make_tuple(call.arena(), am::ok, pattern_term(call.arena(), *pattern, source.span()));
}

Result re_compile_1(Call& call) { return compile(call, call.args[0], Term::nil()); }
Result re_compile_2(Call& call) { return compile(call, call.args[0], call.args[1]); }

// Source and options of the second argument of run/3.
struct RunPattern {
  std::optional<IodataBytes> iodata;
  Bytes source;
  PatternOptions options;
  bool is_compiled = false;

  // False: badarg.
  bool read(Term term, RegexOptions& given) {
    options = given.pattern;
    if (!is_pattern_term(term)) {
      if (given.anchored) options.bits |= PCRE2_ANCHORED;
      iodata.emplace(term);
      source = iodata->span();
      return iodata->is_valid();
    }
    if (given.compile_only || !as_tuple(term)->elements[4].is_binary()) return false;
    iodata.emplace(as_tuple(term)->elements[4]);
    auto packed = unpack_pattern(iodata->span());
    if (!packed) return false;
    source = packed->source;
    options = packed->options;
    if (given.newline_given) options.newline = given.pattern.newline;
    if (given.pattern.bsr != 0) options.bsr = given.pattern.bsr;
    is_compiled = true;
    return true;
  }
};

// Whether matching may begin at this byte.
bool is_valid_offset(Bytes subject, uint64_t offset, bool unicode) {
  if (offset > subject.size()) return false;
  return !unicode || offset == subject.size() || (subject[offset] & 0xc0) != 0x80;
}

// Every match is charged by the time it took: patterns decide how much work a byte is.
class TimedCharge {
 public:
  explicit TimedCharge(Call& call) : call_(call), start_(std::chrono::steady_clock::now()) {}
  ~TimedCharge() { call_.charge(static_cast<size_t>(nanoseconds() / nanoseconds_per_reduction)); }
  int64_t nanoseconds() const { return (std::chrono::steady_clock::now() - start_).count(); }

 private:
  static constexpr int64_t nanoseconds_per_reduction = 100;
  Call& call_;
  std::chrono::steady_clock::time_point start_;
};

// Where a search in a long subject goes on after the process has yielded.
struct SearchState final : ResumeState {
  uint64_t offset = 0;
  static constexpr char kind_tag = 0;
  const void* kind() const override { return &kind_tag; }
};

// Searches a long subject in pieces, so that other processes have their turn in between: the places where a match may
// begin, first few at a time, then more while that is quick. False: not finished, and `from` is where to go on.
bool search_in_pieces(const CompiledPattern& pattern, Bytes subject, RegexOptions& options, MatchOutcome& outcome,
                      const TimedCharge& charge) {
  static constexpr int64_t slice_nanoseconds = 1'000'000, quick_nanoseconds = 100'000;
  for (size_t piece = 16;; piece *= 2) {
    int64_t begun = charge.nanoseconds();
    size_t last = options.offset + piece;
    // Not between a carriage return and its line feed: a search steps over both at once.
    while (last < subject.size() && subject[last] == '\r') last++;
    outcome = run_regex(pattern, subject, options, last);
    if (outcome != MatchOutcome::nomatch || last >= subject.size()) return true;
    options.offset = last + 1;
    if (pattern.is_utf)
      while (options.offset < subject.size() && (subject[options.offset] & 0xc0) == 0x80) options.offset++;
    int64_t now = charge.nanoseconds();
    if (now > slice_nanoseconds) return false;
    if (now - begun > quick_nanoseconds) piece = 8;
  }
}

// Leaves to re:grun/3 to find all matches: it gets a compiled pattern and what the guest gave.
Result run_global(Call& call, Term option_list, const RunPattern& given, const CompiledPattern& pattern) {
  Arena& arena = call.arena();
  Term original = call.args[1];
  call.args[2] = given.is_compiled ? make_tuple(arena, option_list, am::false_)
                                   : make_tuple(arena, option_list, am::true_, original);
  if (!given.is_compiled) call.args[1] = pattern_term(arena, pattern, given.source);
  return continue_in(call, am::grun, 3);
}

Result run(Call& call, Term option_list) {
  RegexOptions options;
  if (!read_regex_options(option_list, options)) return raise_badarg(call, am::badopt);
  Term subject_term = call.args[0];
  bool unicode_wanted = options.pattern.is_unicode();
  if (is_pattern_term(call.args[1])) unicode_wanted = as_tuple(call.args[1])->elements[2] == Term::small(1);
  if (unicode_wanted && !(subject_term.is_binary() && (call.args[1].is_binary() || is_pattern_term(call.args[1])))) {
    if (options.compile_only && is_pattern_term(call.args[1])) return raise_badarg(call);
    call.args[2] = option_list;
    return continue_in(call, am::urun, 3);
  }
  RunPattern given;
  if (!given.read(call.args[1], options)) return raise_badarg(call);
  PatternError error;
  const CompiledPattern* pattern = compiled_pattern(given.source, given.options, error);
  if (pattern == nullptr) {
    if (!options.report_errors) return raise_badarg(call);
    return make_tuple(call.arena(), am::error, make_tuple(call.arena(), am::compile, error_term(call.arena(), error)));
  }
  if (options.capture_malformed) return raise_badarg(call);
  if (options.global) return run_global(call, option_list, given, *pattern);
  IodataBytes bytes(subject_term);
  if (!bytes.is_valid()) return raise_badarg(call);
  Subject subject{subject_term.is_binary() ? subject_term : Term::none(), bytes.span()};
  if (auto& resume = call.process.resume; resume != nullptr && resume->kind() == &SearchState::kind_tag) {
    options.offset = static_cast<SearchState&>(*resume).offset;
    resume.reset();
  } else if (pattern->is_utf && !is_utf8_subject(subject)) {
    return raise_badarg(call);
  }
  if (!is_valid_offset(bytes.span(), options.offset, pattern->is_utf)) return raise_badarg(call);
  TimedCharge charge(call);
  MatchOutcome outcome;
  static constexpr size_t long_subject = 8192;
  bool is_resumable = pattern->can_resume && !options.anchored && (options.match_bits & PCRE2_NOTEMPTY_ATSTART) == 0;
  if (is_resumable && subject.bytes.size() - options.offset > long_subject) {
    if (!search_in_pieces(*pattern, subject.bytes, options, outcome, charge)) {
      auto state = std::make_unique<SearchState>();
      state->offset = options.offset;
      call.process.resume = std::move(state);
      return Result::yield();
    }
  } else {
    outcome = run_regex(*pattern, subject.bytes, options, PCRE2_UNSET);
  }
  switch (outcome) {
    case MatchOutcome::match: return captured_term(call.arena(), *pattern, subject, options);
    case MatchOutcome::match_limit:
      if (options.report_errors) return make_tuple(call.arena(), am::error, am::match_limit);
      return am::nomatch;
    case MatchOutcome::recursion_limit:
      if (options.report_errors) return make_tuple(call.arena(), am::error, am::match_limit_recursion);
      return am::nomatch;
    default: return am::nomatch;
  }
}

Result re_run_2(Call& call) { return run(call, Term::nil()); }
Result re_run_3(Call& call) { return run(call, call.args[2]); }

// internal_run/4: as run/3; `false` if the subject was checked by an earlier call, which is not relied on.
Result re_internal_run_4(Call& call) {
  if (call.args[3] != am::true_ && call.args[3] != am::false_) return raise_badarg(call);
  return run(call, call.args[2]);
}

// inspect/2: {namelist, Names of groups}
Result re_inspect_2(Call& call) {
  RunPattern given;
  RegexOptions options;
  if (!is_pattern_term(call.args[0]) || call.args[1] != am::namelist || !given.read(call.args[0], options))
    return raise_badarg(call);
  PatternError error;
  const CompiledPattern* pattern = compiled_pattern(given.source, given.options, error);
  if (pattern == nullptr) return raise_badarg(call);
  Term names = Term::nil();
  for (uint32_t entry = pattern->name_count; entry-- > 0;)
    if (entry == 0 || pattern->name(entry) != pattern->name(entry - 1))
      names = make_cons(call.arena(), make_binary(call.arena(), pattern->name(entry)), names);
  return make_tuple(call.arena(), am::namelist, names);
}

// What guests may rely on: the syntax and the answers of PCRE 8.44, which OTP 25 contains. The date is another one, that of the
// library which matches here: programs that keep compiled patterns, such as Elixir's modules, compare the version with the one that
// compiled them and begin anew from the source if it differs. Stock's compiled patterns say nothing here, nor ours there.
Result re_version_0(Call& call) {
  return make_binary(call.arena(), std::string_view("8.44 2022-12-11"));
}

constexpr BifRow rows[] = {
    {"re", "compile", 1, re_compile_1, BifKind::plain, Authority::pure},
    {"re", "compile", 2, re_compile_2, BifKind::plain, Authority::pure},
    {"re", "inspect", 2, re_inspect_2, BifKind::plain, Authority::pure},
    {"re", "internal_run", 4, re_internal_run_4, BifKind::plain, Authority::pure},
    {"re", "run", 2, re_run_2, BifKind::plain, Authority::pure},
    {"re", "run", 3, re_run_3, BifKind::plain, Authority::pure},
    {"re", "version", 0, re_version_0, BifKind::plain, Authority::pure},
};

}  // namespace
const BifTable re_bifs = rows;

}  // namespace hanse
