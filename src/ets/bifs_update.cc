// ets:update_counter/3,4 and update_element/3: changes of single elements in place. The whole operation happens under the
// lock of the object, and either all of it or nothing.
#include "bif/tables.h"
#include "ets/access.h"
#include "term/copy_whole.h"
#include "term/big.h"

namespace hanse {

namespace {

// Why an update fails; none(): it does not.
struct Failure {
  bool failed = false;
  Term cause = Term::none();
};

// Position and value of an element to be written.
struct ElementValue {
  size_t position;
  Term value;
};

}  // namespace

// The object with some elements replaced. The scratch arena holds the intermediate tuple.
static Object* with_elements(Term tuple, std::span<const ElementValue> changes) {
  ScratchArena scratch;
  Term changed = hanse::make_tuple(scratch, std::span<const Term>(as_tuple(tuple)->span()));
  for (const ElementValue& change : changes) as_tuple(changed)->elements[change.position - 1] = change.value;
  return Object::create(changed);
}

// {Position, Increment} | {Position, Increment, Threshold, SetValue}, applied to the elements so far.
static Failure apply_counter(const Table& table, Arena& arena, Term operation, Tuple* object, Term& result) {
  if (!is_tuple_of_arity(operation, 2) && !is_tuple_of_arity(operation, 4)) return {true};
  Tuple* fields = as_tuple(operation);
  Term position = fields->elements[0], increment = fields->elements[1];
  if (!position.is_small() || !increment.is_integer()) return {true};
  bool has_threshold = fields->arity() == 4;
  if (has_threshold && (!fields->elements[2].is_integer() || !fields->elements[3].is_integer())) return {true};
  if (position.as_small() < 1 || static_cast<size_t>(position.as_small()) > object->arity()) return {true, am::position};
  auto index = static_cast<size_t>(position.as_small());
  if (index == table.key_position) return {true, am::keypos};
  Term& counter = object->elements[index - 1];
  if (!counter.is_integer()) return {true};
  Term sum = integer_add(arena, counter, increment);
  if (sum.is_none()) return {true};
  if (has_threshold) {
    int past = integer_compare(sum, fields->elements[2]);
    if (integer_sign(increment) < 0 ? past < 0 : past > 0) sum = fields->elements[3];
  }
  counter = result = sum;
  return {};
}

// The common case, in place: small counter, small increment, no threshold. none() if it is another case.
static Term add_in_place(const Table& table, Term operation, Object* object) {
  size_t position = table.key_position + 1;
  Term increment = operation;
  if (is_tuple_of_arity(operation, 2)) {
    Term given = as_tuple(operation)->elements[0];
    increment = as_tuple(operation)->elements[1];
    if (!given.is_small() || given.as_small() < 1) return Term::none();
    position = static_cast<size_t>(given.as_small());
  }
  if (!increment.is_small() || position == table.key_position || position > object->arity()) return Term::none();
  Term& counter = as_tuple(object->tuple())->elements[position - 1];
  if (!counter.is_small()) return Term::none();
  int64_t sum = counter.as_small() + increment.as_small();
  if (!Term::fits_small(sum)) return Term::none();
  return counter = Term::small(sum);
}

// Applies one operation or a list of them to a private copy of the tuple.
static Failure apply_counters(Call& call, const Table& table, ScratchArena& scratch, Tuple* object, Term& result) {
  Term argument = call.args[2];
  if (argument.is_integer()) {
    Term operation = make_tuple(scratch, Term::small(static_cast<int64_t>(table.key_position) + 1), argument);
    return apply_counter(table, scratch, operation, object, result);
  }
  if (!argument.is_list()) return apply_counter(table, scratch, argument, object, result);
  std::vector<Term> results;
  for (; argument.is_cons(); argument = argument.as_cons()->tail) {
    Term value;
    Failure failure = apply_counter(table, scratch, argument.as_cons()->head, object, value);
    if (failure.failed) return failure;
    results.push_back(value);
  }
  if (!argument.is_nil()) return {true};
  result = make_list(scratch, results);
  return {};
}

// default_object: none() or what stands in for a missing object.
static Result update_counter(Call& call, Term default_object) {
  TableArgument table(call, call.args[0], Access::write);
  if (!table) return table.fail(call);
  if (table->type == TableType::bag || table->type == TableType::duplicate_bag) return raise_badarg(call, am::table_type);
  if (!default_object.is_none()) {
    if (!default_object.is_tuple()) return raise_badarg(call);
    if (as_tuple(default_object)->arity() < table->key_position) return raise_badarg(call, am::position);
  }
  Failure failure;
  bool out_of_memory = false;
  Term result = Term::none();
  table->update(call.args[1], [&](Object* object) -> Object* {
    if (object == nullptr && default_object.is_none()) {
      failure = {true, am::badkey};
      return nullptr;
    }
    if (object != nullptr && !(result = add_in_place(*table, call.args[2], object)).is_none()) return nullptr;
    ScratchArena scratch;
    Term copied = hanse::make_tuple(scratch, std::span<const Term>(
                                          as_tuple(object == nullptr ? default_object : object->tuple())->span()));
    if (object == nullptr) as_tuple(copied)->elements[table->key_position - 1] = call.args[1];
    Term value;
    failure = apply_counters(call, *table, scratch, as_tuple(copied), value);
    if (failure.failed) return nullptr;
    result = copy_whole(call.arena(), value);
    Object* fresh = Object::create(copied);
    out_of_memory = fresh == nullptr;
    return fresh;
  });
  if (failure.failed) return raise_badarg(call, table->alive() ? failure.cause : am::id);
  return out_of_memory ? raise_system_limit(call) : unless_deleted(call, *table, result);
}

static Result ets_update_counter_3(Call& call) { return update_counter(call, Term::none()); }
static Result ets_update_counter_4(Call& call) { return update_counter(call, call.args[3]); }

// {Position, Value}. Positions beyond the object are found later, when there is an object.
static Failure parse_element(Term specification, std::vector<ElementValue>& changes) {
  if (!is_tuple_of_arity(specification, 2)) return {true};
  Term position = as_tuple(specification)->elements[0];
  if (!position.is_small()) return {true};
  changes.push_back({static_cast<size_t>(position.as_small()), as_tuple(specification)->elements[1]});
  return {};
}

// Immediates replace immediates without a new object. False if that is not the case.
static bool set_in_place(Object* object, std::span<const ElementValue> changes) {
  Tuple* tuple = as_tuple(object->tuple());
  for (const ElementValue& change : changes)
    if (change.value.is_pointer() || tuple->elements[change.position - 1].is_pointer()) return false;
  for (const ElementValue& change : changes) tuple->elements[change.position - 1] = change.value;
  return true;
}

// ets:update_element/3
static Result ets_update_element_3(Call& call) {
  TableArgument table(call, call.args[0], Access::write);
  if (!table) return table.fail(call);
  if (table->type == TableType::bag || table->type == TableType::duplicate_bag) return raise_badarg(call);
  std::vector<ElementValue> changes;
  Term list = call.args[2];
  if (list.is_list()) {
    for (; list.is_cons(); list = list.as_cons()->tail)
      if (parse_element(list.as_cons()->head, changes).failed) return raise_badarg(call);
    if (!list.is_nil()) return raise_badarg(call);
  } else if (parse_element(list, changes).failed) {
    return raise_badarg(call);
  }
  Failure failure;
  bool found = false, out_of_memory = false;
  table->update(call.args[1], [&](Object* object) -> Object* {
    found = object != nullptr;
    if (!found) return nullptr;
    for (const ElementValue& change : changes) {
      if (change.position == table->key_position) failure = {true, am::keypos};
      else if (change.position < 1 || change.position > object->arity()) failure = {true};
      if (failure.failed) return nullptr;
    }
    if (set_in_place(object, changes)) return nullptr;
    Object* fresh = with_elements(object->tuple(), changes);
    out_of_memory = fresh == nullptr;
    return fresh;
  });
  if (failure.failed) return raise_badarg(call, failure.cause);
  if (!table->alive()) return raise_badarg(call, am::id);
  return out_of_memory ? raise_system_limit(call) : Result(boolean(found));
}

static constexpr BifRow rows[] = {
    {"ets", "update_counter", 3, ets_update_counter_3, BifKind::plain, Authority::own_machine},
    {"ets", "update_counter", 4, ets_update_counter_4, BifKind::plain, Authority::own_machine},
    {"ets", "update_element", 3, ets_update_element_3, BifKind::plain, Authority::own_machine},
};
const BifTable ets_update_bifs = rows;

}  // namespace hanse
