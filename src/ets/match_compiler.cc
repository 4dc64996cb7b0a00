#include "ets/match_compiler.h"

#include <algorithm>

#include "term/map.h"
#include "term/budget.h"
#include "term/copy_whole.h"
#include "term/print.h"

namespace hanse {

bool is_match_variable(Term atom, uint32_t& number) {
  std::string_view name = atom_name(atom);
  if (name.size() < 2 || name.size() > 11 || name[0] != '$' || (name[1] == '0' && name.size() > 2)) return false;
  uint64_t value = 0;
  for (char digit : name.substr(1)) {
    if (digit < '0' || digit > '9') return false;
    value = value * 10 + static_cast<uint64_t>(digit - '0');
  }
  if (value > 0x7fffffff) return false;
  number = static_cast<uint32_t>(value);
  return true;
}

bool contains_match_variable(Term pattern) {
  WorkStack<Term> pending;
  pending.push(pattern);
  while (!pending.empty()) {
    Term term = pending.pop();
    uint32_t number;
    if (term.is_atom() && (term == am::underscore || is_match_variable(term, number))) return true;
    if (term.is_cons()) {
      pending.push(term.as_cons()->tail);
      pending.push(term.as_cons()->head);
    } else if (term.is_tuple()) {
      for (Term element : as_tuple(term)->span()) pending.push(element);
    } else if (term.is_map()) {
      MapIterator iterator(term);
      for (Term key, value; iterator.next(key, value);) {
        pending.push(key);
        pending.push(value);
      }
    }
  }
  return false;
}

bool MatchCompiler::compile(Term specification, MatchDialect dialect) {
  if (!specification.is_cons()) {
    error("Match programs are not in a list.");
    return false;
  }
  Term end = specification;
  while (end.is_cons()) end = end.as_cons()->tail;
  if (!end.is_nil()) {
    error("Match programs are not in a proper list.");
    return false;
  }
  size_t words = whole_size(specification);
  // With all that is shared it may be exponentially larger.
  if (!budget_admits_bytes(words * sizeof(Word))) {
    error("The match program is too large.");
    return false;
  }
  program_.block_ = static_cast<Word*>(std::malloc(words * sizeof(Word)));
  CHECK(program_.block_ != nullptr);
  BlockArena arena(program_.block_, words);
  program_.specification_ = copy_whole(arena, specification, words);
  program_.off_heap_ = arena.off_heap.first;
  program_.dialect_ = dialect;
  for (Term list = program_.specification_; list.is_cons(); list = list.as_cons()->tail)
    if (!compile_clause(list.as_cons()->head)) return false;
  return true;
}

bool MatchCompiler::compile_clause(Term clause) {
  if (!is_tuple_of_arity(clause, 3)) {
    error("Match program part is not a tuple of arity 3.");
    return false;
  }
  Term head = as_tuple(clause)->elements[0], guards = as_tuple(clause)->elements[1], body = as_tuple(clause)->elements[2];
  numbers_.clear();
  labels_.clear();
  auto start = static_cast<uint32_t>(program_.code_.size());
  program_.heads_.push_back(head);
  compile_head(head);
  if (!errors_.empty()) return false;
  compile_expressions(guards, Context::guard);
  auto body_start = static_cast<uint32_t>(program_.code_.size());
  if (program_.dialect_ == MatchDialect::table && !body.is_cons()) error("Body clause does not return anything.");
  else compile_expressions(body, Context::body);
  emit(Op::finish);
  if (!errors_.empty()) return false;
  finish_clause(start);
  std::vector<uint32_t> slots(numbers_.size());
  for (uint32_t i = 0; i < slots.size(); i++) slots[i] = i;
  std::ranges::sort(slots, {}, [this](uint32_t slot) { return numbers_[slot]; });
  program_.slot_count_ = std::max(program_.slot_count_, static_cast<uint32_t>(slots.size()));
  program_.clauses_.push_back({start, body_start, std::move(slots)});
  return true;
}

// Labels become the numbers of instructions.
void MatchCompiler::finish_clause(size_t first) {
  for (size_t i = first; i < program_.code_.size(); i++) {
    MatchProgram::Instruction& instruction = program_.code_[i];
    if (instruction.op == Op::and_also || instruction.op == Op::or_else) instruction.count = labels_[instruction.count];
  }
}

// ---- heads ----

void MatchCompiler::compile_head(Term head) {
  uint32_t number;
  if (program_.dialect_ == MatchDialect::table) return compile_pattern(head);
  if (head == am::underscore || (head.is_atom() && is_match_variable(head, number))) {
    emit(Op::whole);
    return compile_pattern(head);
  }
  if (head.is_tuple()) {
    emit(Op::arguments, static_cast<uint32_t>(as_tuple(head)->arity()));
    for (Term element : as_tuple(head)->span()) compile_pattern(element);
    return;
  }
  if (!head.is_list()) return error("Match head is invalid in this context.");
  uint32_t count = 0;
  Term end = head;
  for (; end.is_cons(); end = end.as_cons()->tail) count++;
  if (!end.is_nil()) return error("Match expression part " + term_to_text(head) + " is not a proper list.");
  emit(Op::arguments, count);
  for (; head.is_cons(); head = head.as_cons()->tail) compile_pattern(head.as_cons()->head);
}

void MatchCompiler::compile_pattern(Term pattern) {
  later_pattern(pattern);
  while (!tasks_.empty()) {
    Task task = tasks_.pop();
    if (task.kind == Task::Kind::emit) program_.code_.push_back(task.instruction);
    else pattern_step(task.term);
  }
}

uint32_t MatchCompiler::slot_of(uint32_t number, bool& is_new) {
  auto known = std::ranges::find(numbers_, number);
  is_new = known == numbers_.end();
  auto slot = static_cast<uint32_t>(known - numbers_.begin());
  if (is_new) numbers_.push_back(number);
  return slot;
}

void MatchCompiler::pattern_step(Term pattern) {
  uint32_t number;
  if (pattern == am::underscore) return emit(Op::any);
  if (pattern.is_atom() && is_match_variable(pattern, number)) {
    bool is_new;
    uint32_t slot = slot_of(number, is_new);
    return emit(is_new ? Op::bind : Op::same, slot);
  }
  if (pattern.is_cons()) {
    emit(Op::cons);
    later_pattern(pattern.as_cons()->tail);
    return later_pattern(pattern.as_cons()->head);
  }
  if (pattern.is_tuple()) {
    Tuple* tuple = as_tuple(pattern);
    emit(Op::tuple, static_cast<uint32_t>(tuple->arity()));
    for (size_t i = tuple->arity(); i-- > 0;) later_pattern(tuple->elements[i]);
    return;
  }
  if (pattern.is_map()) return map_pattern(pattern);
  // In heads, unlike elsewhere in stock, 0.0 does not match -0.0.
  if (pattern.is_boxed_float()) return emit(Op::float_bits, 0, pattern.word());
  emit(pattern.is_pointer() ? Op::equal : Op::word, 0, pattern.word());
}

void MatchCompiler::map_pattern(Term map) {
  emit(Op::map);
  later_emit(Op::drop, 0);
  MapIterator iterator(map);
  for (Term key, value; iterator.next(key, value);) {
    if (key == am::underscore) return error("Underscore found in map key.");
    if (contains_match_variable(key)) return error("Variable found in map key.");
    later_pattern(value);
    later_emit(Op::map_value, 0, key.word());
  }
}

// ---- entry points ----

bool compile_match(Term specification, MatchDialect dialect, MatchProgram& program, std::vector<std::string>& errors) {
  return MatchCompiler(program, errors).compile(specification, dialect);
}

OffHeapBinary* compile_match(Term specification) {
  OffHeapBinary* binary = Magic<MatchProgram>::create();
  std::vector<std::string> errors;
  if (compile_match(specification, MatchDialect::table, *Magic<MatchProgram>::get(binary), errors)) return binary;
  binary->release();
  return nullptr;
}

}  // namespace hanse
