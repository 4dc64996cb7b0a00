#include "ets/match_key.h"

#include "base/work_stack.h"
#include "ets/match_spec.h"
#include "term/atom.h"
#include "term/compare.h"

namespace hanse {

static bool is_open(Term pattern) {
  uint32_t number;
  return pattern == am::underscore || (pattern.is_atom() && is_match_variable(pattern, number));
}

// Maps match every map with these pairs, so that they name no single key either.
static bool is_single_key(Term pattern) {
  WorkStack<Term> pending;
  pending.push(pattern);
  while (!pending.empty()) {
    Term term = pending.pop();
    if (is_open(term) || term.is_map()) return false;
    if (term.is_cons()) {
      pending.push(term.as_cons()->tail);
      pending.push(term.as_cons()->head);
    } else if (term.is_tuple()) {
      for (Term element : as_tuple(term)->span()) pending.push(element);
    }
  }
  return true;
}

KeyPattern key_pattern(Term head, size_t key_position) {
  using Kind = KeyPattern::Kind;
  if (is_open(head)) return {Kind::any, head};
  if (!head.is_tuple() || as_tuple(head)->arity() < key_position) return {Kind::never, head};
  Term key = as_tuple(head)->elements[key_position - 1];
  if (is_open(key) || key.is_map()) return {Kind::any, key};
  return {is_single_key(key) ? Kind::exact : Kind::partial, key};
}

namespace {
struct Pair {
  Term pattern;
  Term other;
};
}  // namespace

int place_of_key(Term pattern, Term key) {
  WorkStack<Pair> pending;
  pending.push({pattern, key});
  while (!pending.empty()) {
    auto [wanted, found] = pending.pop();
    if (is_open(wanted) || wanted.is_map()) return 0;
    if (wanted.is_tuple() && found.is_tuple()) {
      Tuple *a = as_tuple(wanted), *b = as_tuple(found);
      if (a->arity() != b->arity()) return b->arity() < a->arity() ? -1 : 1;
      for (size_t i = a->arity(); i-- > 0;) pending.push({a->elements[i], b->elements[i]});
    } else if (wanted.is_cons() && found.is_cons()) {
      pending.push({wanted.as_cons()->tail, found.as_cons()->tail});
      pending.push({wanted.as_cons()->head, found.as_cons()->head});
    } else if (int order = compare(found, wanted)) {
      return order;
    }
  }
  return 0;
}

// Whether an expression has the value that a pattern has matched.
static bool rebuilds(Term pattern, Term expression) {
  WorkStack<Pair> pending;
  pending.push({pattern, expression});
  while (!pending.empty()) {
    auto [matched, built] = pending.pop();
    if (matched == am::underscore || matched.is_map() || matched == am::match_object || matched == am::match_variables) return false;
    if (is_tuple_of_arity(built, 2) && as_tuple(built)->elements[0] == am::const_) {
      if (!is_single_key(matched) || !exactly_equal(matched, as_tuple(built)->elements[1])) return false;
    } else if (matched.is_tuple()) {
      if (!is_tuple_of_arity(built, 1)) return false;
      Term inner = as_tuple(built)->elements[0];
      if (!is_tuple_of_arity(inner, as_tuple(matched)->arity())) return false;
      for (size_t i = as_tuple(matched)->arity(); i-- > 0;)
        pending.push({as_tuple(matched)->elements[i], as_tuple(inner)->elements[i]});
    } else if (matched.is_cons()) {
      if (!built.is_cons()) return false;
      pending.push({matched.as_cons()->tail, built.as_cons()->tail});
      pending.push({matched.as_cons()->head, built.as_cons()->head});
    } else if (!exactly_equal(matched, built)) {
      return false;
    }
  }
  return true;
}

static bool is_key_of_object(Term expression, size_t key_position) {
  if (!is_tuple_of_arity(expression, 3)) return false;
  Tuple* call = as_tuple(expression);
  return call->elements[0] == am::element && call->elements[1] == Term::small(static_cast<int64_t>(key_position)) &&
         call->elements[2] == am::match_object;
}

bool keeps_key(Term clause, size_t key_position) {
  Term head = as_tuple(clause)->elements[0], body = as_tuple(clause)->elements[2];
  if (!body.is_cons() || !body.as_cons()->tail.is_nil()) return false;
  Term value = body.as_cons()->head;
  if (value == am::match_object) return true;
  if (!head.is_tuple() || as_tuple(head)->arity() < key_position) return false;
  Term key = as_tuple(head)->elements[key_position - 1];
  if (!value.is_tuple() || as_tuple(value)->arity() == 0) return false;
  Term inner = as_tuple(value)->elements[0];
  if (is_tuple_of_arity(value, 2) && inner == am::const_) {
    Term object = as_tuple(value)->elements[1];
    return object.is_tuple() && as_tuple(object)->arity() >= key_position && is_single_key(key) &&
           exactly_equal(key, as_tuple(object)->elements[key_position - 1]);
  }
  if (as_tuple(value)->arity() != 1 || !inner.is_tuple() || as_tuple(inner)->arity() < key_position) return false;
  Term built = as_tuple(inner)->elements[key_position - 1];
  return is_key_of_object(built, key_position) || rebuilds(key, built);
}

}  // namespace hanse
