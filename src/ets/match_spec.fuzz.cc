// Match specifications in both dialects. Input: an external term {Specification, Objects}; each object is also taken for the arguments of
// a call if it is a list.
#include "ets/match_spec.h"

#include "base/check.h"
#include "base/fuzz_target.h"
#include "ets/match_key.h"
#include "term/atom.h"
#include "term/build.h"
#include "term/external.h"
#include "term/print.h"
#include "term/test_arena.h"
#include "term/views.h"

namespace hanse {

namespace {

class FuzzEnvironment final : public DecodeEnvironment {
 public:
  Export* export_for(Term, Term, uint32_t) override { return nullptr; }
  FunEntry* fun_entry(Term, uint32_t, uint32_t, const uint8_t*, uint32_t, uint32_t) override { return nullptr; }
  // Not as many as the table can hold.
  Term atom(std::string_view utf8) override {
    return atom_count() < 10000 ? make_atom(utf8) : existing_atom(utf8).value_or(Term::none());
  }
};

class AllActions final : public MatchActions {
 public:
  Term perform(MatchAction action, std::span<const Term> arguments, Arena& arena) override {
    if (action == MatchAction::display) return Term::none();
    return make_list(arena, arguments);
  }
};

constexpr size_t arguments_at_most = 255;

void run(const MatchProgram& program, Term objects) {
  AllActions actions;
  MatchRun run(program, Term::pid(1), &actions);
  for (; objects.is_cons(); objects = objects.as_cons()->tail) {
    Term object = objects.as_cons()->head;
    if (program.dialect() == MatchDialect::trace) {
      std::vector<Term> arguments;
      for (; object.is_cons() && arguments.size() < arguments_at_most; object = object.as_cons()->tail) arguments.push_back(object.as_cons()->head);
      if (Term value = run.run_arguments(arguments); !value.is_none()) term_to_text(value, 1000);
    } else if (Term value = run.run(object); !value.is_none()) {
      term_to_text(value, 1000);
    }
    run.reset();
  }
}

void look_at_keys(const MatchProgram& program, Term objects) {
  for (Term head : program.heads())
    for (size_t position : {1, 2}) {
      KeyPattern key = key_pattern(head, position);
      if (key.kind == KeyPattern::Kind::partial)
        for (Term rest = objects; rest.is_cons(); rest = rest.as_cons()->tail) place_of_key(key.key, rest.as_cons()->head);
    }
  for (Term rest = program.specification(); rest.is_cons(); rest = rest.as_cons()->tail) keeps_key(rest.as_cons()->head, 1);
}

}  // namespace

FUZZ_TARGET(match_spec) {
  TestArena arena;
  FuzzEnvironment environment;
  Term input = decode_external(arena, {data, size}, environment).term;
  if (input.is_none() || !is_tuple_of_arity(input, 2)) return -1;
  Term specification = as_tuple(input)->elements[0], objects = as_tuple(input)->elements[1];
  for (MatchDialect dialect : {MatchDialect::table, MatchDialect::trace}) {
    MatchProgram program;
    std::vector<std::string> errors;
    if (!compile_match(specification, dialect, program, errors)) {
      CHECK(!errors.empty());
      continue;
    }
    run(program, objects);
    if (dialect == MatchDialect::table) look_at_keys(program, objects);
  }
  return 0;
}

}  // namespace hanse
