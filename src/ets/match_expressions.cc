// Guards and bodies of match specifications.
#include <algorithm>

#include "ets/match_compiler.h"
#include "ets/match_special_forms.h"
#include "term/map.h"
#include "term/print.h"

namespace hanse {

void MatchCompiler::compile_expressions(Term list, Context context) {
  context_ = context;
  Term end = list;
  if (!list.is_list()) return error("Match expression is not a list.");
  while (end.is_cons()) end = end.as_cons()->tail;
  if (!end.is_nil()) return error("Match expression is not a proper list.");
  for (; list.is_cons(); list = list.as_cons()->tail) {
    compile_expression(list.as_cons()->head);
    bool is_result = program_.dialect_ == MatchDialect::table && list.as_cons()->tail.is_nil();
    if (context == Context::guard) emit(Op::guard_end);
    else if (!is_result) emit(Op::discard);
  }
}

void MatchCompiler::compile_expression(Term expression) {
  later_expression(expression);
  while (!tasks_.empty()) {
    Task task = tasks_.pop();
    switch (task.kind) {
      case Task::Kind::emit: program_.code_.push_back(task.instruction); break;
      case Task::Kind::label: labels_[task.instruction.count] = static_cast<uint32_t>(program_.code_.size()); break;
      default: expression_step(task.term); break;
    }
  }
}

void MatchCompiler::later_elements(Term tuple, size_t first) {
  for (size_t i = as_tuple(tuple)->arity(); i-- > first;) later_expression(as_tuple(tuple)->elements[i]);
}

void MatchCompiler::expression_step(Term expression) {
  uint32_t number;
  if (expression.is_tuple()) return tuple_expression(expression);
  if (expression.is_map()) return map_expression(expression);
  if (expression.is_cons()) {
    later_emit(Op::make_cons, 0);
    later_expression(expression.as_cons()->tail);
    return later_expression(expression.as_cons()->head);
  }
  if (expression == am::match_object) return emit(Op::object);
  if (expression == am::match_variables) return emit(Op::variables);
  if (expression.is_atom() && is_match_variable(expression, number)) return variable_expression(expression, number);
  emit(Op::constant, 0, expression.word());
}

void MatchCompiler::variable_expression(Term atom, uint32_t number) {
  auto known = std::ranges::find(numbers_, number);
  if (known == numbers_.end()) return error("Variable " + std::string(atom_name(atom)) + " is unbound.");
  emit(Op::variable, static_cast<uint32_t>(known - numbers_.begin()));
}

void MatchCompiler::map_expression(Term map) {
  later_emit(Op::make_map, map_size(map));
  MapIterator iterator(map);
  for (Term key, value; iterator.next(key, value);) {
    later_expression(value);
    later_expression(key);
  }
}

void MatchCompiler::tuple_expression(Term expression) {
  Tuple* tuple = as_tuple(expression);
  uint32_t number;
  // A tuple is written {{...}}; anything else is a call.
  if (tuple->arity() == 1 && tuple->elements[0].is_tuple()) {
    Term inner = tuple->elements[0];
    later_emit(Op::make_tuple, as_tuple(inner)->arity());
    return later_elements(inner, 0);
  }
  if (tuple->arity() == 0 || !tuple->elements[0].is_atom() || is_match_variable(tuple->elements[0], number))
    return error(term_to_text(expression) +
                 " is neither a function call, nor a tuple (tuples are written {{ ... }}).");
  call_expression(expression);
}

void MatchCompiler::short_circuit(Term expression, Op op) {
  Tuple* tuple = as_tuple(expression);
  auto label = static_cast<uint32_t>(labels_.size());
  labels_.push_back(0);
  tasks_.push({Task::Kind::label, {op, 0, label, 0}, Term::none()});
  for (size_t i = tuple->arity(); i-- > 1;) {
    if (i + 1 < tuple->arity()) later_emit(op, label);
    later_expression(tuple->elements[i]);
  }
}

void MatchCompiler::call_expression(Term expression) {
  Tuple* tuple = as_tuple(expression);
  Term name = tuple->elements[0];
  size_t arity = tuple->arity() - 1;
  if (name == am::const_) {
    if (arity == 1) return emit(Op::constant, 0, tuple->elements[1].word());
    return error("Special form 'const' called with more than one argument in " + term_to_text(expression) + ".");
  }
  if (name == am::self && arity > 0)
    return error("Special form 'self' called with arguments in " + term_to_text(expression) + ".");
  bool strict = name == am::and_ || name == am::or_;
  if (strict || name == am::andalso || name == am::orelse) {
    if (arity == 0)
      return error("Special form '" + std::string(atom_name(name)) + "' called without arguments in " +
                   term_to_text(expression) + ".");
    if (!strict) return short_circuit(expression, name == am::andalso ? Op::and_also : Op::or_else);
    later_emit(name == am::and_ ? Op::all_true : Op::any_true, arity);
    return later_elements(expression, 1);
  }
  for (const SpecialForm& form : special_forms)
    if (form.name == name) return special_form(expression, form);
  GuardFunction function = find_guard_function(name, arity);
  if (function == nullptr)
    return error("Function " + term_to_text(name) + "/" + std::to_string(arity) + " does_not_exist.");
  later_emit(Op::call, arity, reinterpret_cast<Word>(function));
  later_elements(expression, 1);
}

void MatchCompiler::special_form(Term expression, const SpecialForm& form) {
  size_t arity = as_tuple(expression)->arity() - 1;
  std::string name(atom_name(form.name));
  if (program_.dialect_ == MatchDialect::table) {
    if (form.is_function)
      return error("Function " + name + "/" + std::to_string(arity) + " cannot be called in this context.");
    return error("Special form '" + name + "' used in wrong dialect.");
  }
  if (context_ == Context::guard && !form.in_guards)
    return error("Special form '" + name + "' called in guard context.");
  if (arity < form.minimum_arity || arity > form.maximum_arity)
    return error("Special form '" + name + "' called with " +
                 (form.maximum_arity == 0 ? "arguments" : "wrong number of arguments") + " in " +
                 term_to_text(expression) + ".");
  later_emit(Op::action, arity, 0, static_cast<uint8_t>(form.action));
  later_elements(expression, 1);
}

}  // namespace hanse
