// Compiles one match specification into a program. Iterative: the depth of patterns and expressions is the guest's choice.
#pragma once

#include "ets/match_spec.h"
#include "term/atom.h"

namespace hanse {

class MatchCompiler {
 public:
  MatchCompiler(MatchProgram& program, std::vector<std::string>& errors) : program_(program), errors_(errors) {}
  bool compile(Term specification, MatchDialect dialect);

 private:
  using Op = MatchProgram::Op;
  struct Task {
    enum class Kind : uint8_t { pattern, expression, emit, label } kind;
    MatchProgram::Instruction instruction;  // for emit; a label's number is in `count`
    Term term;
  };
  enum class Context : uint8_t { guard, body };

  bool compile_clause(Term clause);
  void compile_head(Term head);
  void compile_pattern(Term pattern);
  void pattern_step(Term pattern);
  void map_pattern(Term map);
  void compile_expressions(Term list, Context context);
  void compile_expression(Term expression);
  void expression_step(Term expression);
  void tuple_expression(Term expression);
  void map_expression(Term map);
  void call_expression(Term expression);
  void short_circuit(Term expression, Op op);
  void special_form(Term expression, const struct SpecialForm& form);
  void variable_expression(Term atom, uint32_t number);
  void finish_clause(size_t first);

  void error(std::string text) { errors_.push_back(std::move(text)); }
  void emit(Op op, uint32_t count = 0, Word data = 0, uint8_t action = 0) { program_.code_.push_back({op, action, count, data}); }
  void later_emit(Op op, size_t count, Word data = 0, uint8_t action = 0) {
    tasks_.push({Task::Kind::emit, {op, action, static_cast<uint32_t>(count), data}, Term::none()});
  }
  void later_expression(Term term) { tasks_.push({Task::Kind::expression, {}, term}); }
  void later_pattern(Term term) { tasks_.push({Task::Kind::pattern, {}, term}); }
  // The elements of a tuple from `first`, so that the first is done first.
  void later_elements(Term tuple, size_t first);
  uint32_t slot_of(uint32_t number, bool& is_new);

  MatchProgram& program_;
  std::vector<std::string>& errors_;
  WorkStack<Task, 16> tasks_;
  std::vector<uint32_t> numbers_;  // of the clause's variables, by slot
  std::vector<uint32_t> labels_;   // instruction index by label
  Context context_ = Context::guard;
};

}  // namespace hanse
