#include <bit>

#include "ets/match_spec.h"
#include "term/atom.h"
#include "term/build.h"
#include "term/compare.h"
#include "term/map.h"

namespace hanse {

MatchProgram::~MatchProgram() {
  if (off_heap_ != nullptr) OffHeapList{off_heap_}.release_all();
  std::free(block_);
}

bool MatchProgram::performs(MatchAction action) const {
  for (const Instruction& instruction : code_)
    if (instruction.op == Op::action && instruction.action == static_cast<uint8_t>(action)) return true;
  return false;
}

MatchRun::MatchRun(const MatchProgram& program, Term self, MatchActions* actions)
    : program_(program), scratch_start_(scratch_.top), context_{scratch_, self}, actions_(actions),
      variables_(program.slot_count_) {}

Term MatchRun::run(Term object) {
  object_ = object;
  return run_clauses();
}

Term MatchRun::run_arguments(std::span<const Term> arguments) {
  object_ = Term::none();
  arguments_ = arguments;
  return run_clauses();
}

Term MatchRun::argument_list() {
  if (object_.is_none()) object_ = make_list(scratch_, arguments_);
  return object_;
}

Term MatchRun::run_clauses() {
  for (const MatchProgram::Clause& clause : program_.clauses_) {
    const Instruction* at = &program_.code_[clause.start];
    stack_.clear();
    message_ = am::true_;
    return_trace = exception_trace = false;
    if (program_.dialect_ == MatchDialect::table) stack_.push(object_);
    if (!match_head(at)) continue;
    Term value = evaluate(clause, at);
    if (!value.is_none()) return value;
  }
  return Term::none();
}

// Pushes the parts of the term on top, first part uppermost.
bool MatchRun::match_structure(const Instruction& instruction) {
  Term term = stack_.pop();
  if (instruction.op == Op::cons) {
    if (!term.is_cons()) return false;
    stack_.push(term.as_cons()->tail);
    stack_.push(term.as_cons()->head);
    return true;
  }
  if (!is_tuple_of_arity(term, instruction.count)) return false;
  Tuple* tuple = as_tuple(term);
  for (size_t i = instruction.count; i-- > 0;) stack_.push(tuple->elements[i]);
  return true;
}

// Stops at the first instruction that belongs to a guard or the body.
bool MatchRun::match_head(const Instruction*& at) {
  for (;; at++) {
    Term constant = Term::from_word(at->data);
    switch (at->op) {
      case Op::any:
      case Op::drop: stack_.pop(); break;
      case Op::bind: variables_[at->count] = stack_.pop(); break;
      case Op::same:
        if (!exactly_equal(stack_.pop(), variables_[at->count])) return false;
        break;
      case Op::word:
        if (stack_.pop() != constant) return false;
        break;
      case Op::equal:
        if (!exactly_equal(stack_.pop(), constant)) return false;
        break;
      case Op::float_bits: {
        Term term = stack_.pop();
        if (!term.is_float() || std::bit_cast<Word>(float_value(term)) != std::bit_cast<Word>(float_value(constant)))
          return false;
        break;
      }
      case Op::tuple:
      case Op::cons:
        if (!match_structure(*at)) return false;
        break;
      case Op::map:
        if (!stack_.top().is_map()) return false;
        break;
      case Op::map_value: {
        Term value = map_get(stack_.top(), constant);
        if (value.is_none()) return false;
        stack_.push(value);
        break;
      }
      case Op::arguments:
        if (arguments_.size() != at->count) return false;
        for (size_t i = at->count; i-- > 0;) stack_.push(arguments_[i]);
        break;
      case Op::whole: stack_.push(argument_list()); break;
      default: return true;
    }
  }
}

Term MatchRun::construct(const MatchProgram::Clause& clause, const Instruction& instruction) {
  size_t count = instruction.count;
  switch (instruction.op) {
    case Op::variables: {
      Term list = Term::nil();
      for (size_t i = clause.variables.size(); i-- > 0;)
        list = make_cons(scratch_, variables_[clause.variables[i]], list);
      return list;
    }
    case Op::make_tuple: {
      Tuple* tuple = allocate_tuple(scratch_, count);
      for (size_t i = count; i-- > 0;) tuple->elements[i] = stack_.pop();
      return Term::boxed(tuple);
    }
    case Op::make_cons: {
      Term tail = stack_.pop();
      return make_cons(scratch_, stack_.pop(), tail);
    }
    default: {  // make_map
      std::vector<Term> keys(count), values(count);
      for (size_t i = count; i-- > 0;) {
        values[i] = stack_.pop();
        keys[i] = stack_.pop();
      }
      return map_from_pairs(scratch_, keys, values);
    }
  }
}

// {'and', ...} and {'or', ...}: all arguments are evaluated and must be booleans. The neutral element is true or false.
Term MatchRun::all_true(size_t count, Term neutral) {
  Term result = neutral;
  for (; count > 0; count--) {
    Term value = stack_.pop();
    if (value != am::true_ && value != am::false_) result = Term::none();
    else if (value != neutral && !result.is_none()) result = value;
  }
  return result;
}

Term MatchRun::perform(const Instruction& instruction) {
  auto action = static_cast<MatchAction>(instruction.action);
  size_t count = instruction.count;
  std::vector<Term> arguments(count);
  for (size_t i = count; i-- > 0;) arguments[i] = stack_.pop();
  switch (action) {
    case MatchAction::message: message_ = arguments[0]; return am::true_;
    case MatchAction::return_trace: return_trace = true; return am::true_;
    case MatchAction::exception_trace: exception_trace = true; return am::true_;
    default: return actions_ == nullptr ? Term::none() : actions_->perform(action, arguments, scratch_);
  }
}

// The value of the body; none() if a guard fails.
Term MatchRun::evaluate(const MatchProgram::Clause& clause, const Instruction* at) {
  const Instruction* code = program_.code_.data();
  const Instruction* body = code + clause.body;
  for (;; at++) {
    Term value;
    switch (at->op) {
      case Op::constant: value = Term::from_word(at->data); break;
      case Op::variable: value = variables_[at->count]; break;
      case Op::object: value = argument_list(); break;
      case Op::call: {
        auto function = reinterpret_cast<GuardFunction>(at->data);
        size_t count = at->count;
        value = function(context_, count == 0 ? nullptr : &stack_[stack_.size() - count]);
        pop(count);
        break;
      }
      case Op::all_true: value = all_true(at->count, am::true_); break;
      case Op::any_true: value = all_true(at->count, am::false_); break;
      case Op::and_also:
      case Op::or_else: {
        // data: where to go on once the value is known.
        Term decided = at->op == Op::and_also ? am::false_ : am::true_;
        Term top = stack_.pop();
        if (top == am::true_ || top == am::false_) {
          if (top != decided) continue;
          value = top;
        }
        if (value.is_none() && at < body) return value;
        stack_.push(value.is_none() ? am::EXIT : value);
        at = code + at->count - 1;
        continue;
      }
      case Op::action: value = perform(*at); break;
      case Op::discard: stack_.pop(); continue;
      case Op::guard_end:
        if (stack_.pop() != am::true_) return Term::none();
        continue;
      case Op::finish: return program_.dialect_ == MatchDialect::table ? stack_.pop() : message_;
      default: value = construct(clause, *at); break;
    }
    if (value.is_none()) {
      if (at < body) return value;
      value = am::EXIT;
    }
    stack_.push(value);
  }
}

}  // namespace hanse
