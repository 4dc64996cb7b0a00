// erlang: tuples.
#include "bif/list_builder.h"
#include "bif/tables.h"
#include "process/call.h"

namespace hanse {

static constexpr size_t maximum_arity = (1 << 24) - 1;

// An index of 1 to `limit`; 0 for anything else.
static size_t tuple_index(Term term, size_t limit) {
  if (!term.is_small() || term.as_small() < 1 || static_cast<size_t>(term.as_small()) > limit) return 0;
  return static_cast<size_t>(term.as_small());
}

static Result erlang_element_2(Call& call) {
  Term tuple = call.args[1];
  if (!tuple.is_tuple()) return raise_badarg(call);
  size_t index = tuple_index(call.args[0], as_tuple(tuple)->arity());
  if (index == 0) return raise_badarg(call);
  return as_tuple(tuple)->elements[index - 1];
}

static Result erlang_setelement_3(Call& call) {
  Term tuple = call.args[1];
  if (!tuple.is_tuple()) return raise_badarg(call);
  size_t index = tuple_index(call.args[0], as_tuple(tuple)->arity());
  if (index == 0) return raise_badarg(call);
  Term result = make_tuple(call.arena(), std::span<const Term>(as_tuple(tuple)->span()));
  as_tuple(result)->elements[index - 1] = call.args[2];
  call.charge(as_tuple(result)->arity() / 64);
  return result;
}

static Result erlang_tuple_size_1(Call& call) {
  if (!call.args[0].is_tuple()) return raise_badarg(call);
  return Term::small(static_cast<int64_t>(as_tuple(call.args[0])->arity()));
}

// erlang:make_tuple/2. Arguments: arity, value of every element.
static Result erlang_make_tuple_2(Call& call) {
  Term arity = call.args[0];
  if (!arity.is_small() || arity.as_small() < 0 || static_cast<size_t>(arity.as_small()) > maximum_arity)
    return raise_badarg(call);
  auto size = static_cast<size_t>(arity.as_small());
  Tuple* tuple = allocate_tuple(call.arena(), size);
  for (size_t i = 0; i < size; i++) tuple->elements[i] = call.args[1];
  call.charge(size / 64);
  return Term::boxed(tuple);
}

// erlang:make_tuple/3. Arguments: arity, default value, list of {Position, Value}; the last one of a position wins.
static Result erlang_make_tuple_3(Call& call) {
  Term arity = call.args[0];
  if (!arity.is_small() || arity.as_small() < 0 || static_cast<size_t>(arity.as_small()) > maximum_arity)
    return raise_badarg(call);
  auto size = static_cast<size_t>(arity.as_small());
  Tuple* tuple = allocate_tuple(call.arena(), size);
  for (size_t i = 0; i < size; i++) tuple->elements[i] = call.args[1];
  size_t count = 0;
  Term list = call.args[2];
  for (; list.is_cons(); list = list.as_cons()->tail, count++) {
    Term pair = list.as_cons()->head;
    if (!is_tuple_of_arity(pair, 2)) return raise_badarg(call);
    size_t index = tuple_index(as_tuple(pair)->elements[0], size);
    if (index == 0) return raise_badarg(call);
    tuple->elements[index - 1] = as_tuple(pair)->elements[1];
  }
  if (!list.is_nil()) return raise_badarg(call);
  call.charge(size / 64 + count / 16);
  return Term::boxed(tuple);
}

// The tuple with `value` before its element `index` (1 to arity + 1).
static Term insert(Arena& arena, Tuple* old, size_t index, Term value) {
  size_t arity = old->arity();
  Tuple* tuple = allocate_tuple(arena, arity + 1);
  for (size_t i = 0; i < index - 1; i++) tuple->elements[i] = old->elements[i];
  tuple->elements[index - 1] = value;
  for (size_t i = index - 1; i < arity; i++) tuple->elements[i + 1] = old->elements[i];
  return Term::boxed(tuple);
}

static Result erlang_append_element_2(Call& call) {
  if (!call.args[0].is_tuple()) return raise_badarg(call);
  Tuple* tuple = as_tuple(call.args[0]);
  if (tuple->arity() >= maximum_arity) return raise_badarg(call);
  call.charge(tuple->arity() / 64);
  return insert(call.arena(), tuple, tuple->arity() + 1, call.args[1]);
}

static Result erlang_insert_element_3(Call& call) {
  if (!call.args[1].is_tuple()) return raise_badarg(call);
  Tuple* tuple = as_tuple(call.args[1]);
  size_t index = tuple_index(call.args[0], tuple->arity() + 1);
  if (index == 0 || tuple->arity() >= maximum_arity) return raise_badarg(call);
  call.charge(tuple->arity() / 64);
  return insert(call.arena(), tuple, index, call.args[2]);
}

static Result erlang_delete_element_2(Call& call) {
  if (!call.args[1].is_tuple()) return raise_badarg(call);
  Tuple* old = as_tuple(call.args[1]);
  size_t arity = old->arity(), index = tuple_index(call.args[0], arity);
  if (index == 0) return raise_badarg(call);
  Tuple* tuple = allocate_tuple(call.arena(), arity - 1);
  for (size_t i = 0; i < index - 1; i++) tuple->elements[i] = old->elements[i];
  for (size_t i = index; i < arity; i++) tuple->elements[i - 1] = old->elements[i];
  call.charge(arity / 64);
  return Term::boxed(tuple);
}

static Result erlang_tuple_to_list_1(Call& call) {
  if (!call.args[0].is_tuple()) return raise_badarg(call);
  Tuple* tuple = as_tuple(call.args[0]);
  call.charge(tuple->arity() / 16);
  return make_list(call.arena(), tuple->span());
}

static constexpr BifRow rows[] = {
    {"erlang", "append_element", 2, erlang_append_element_2, BifKind::plain, Authority::pure},
    {"erlang", "delete_element", 2, erlang_delete_element_2, BifKind::plain, Authority::pure},
    {"erlang", "element", 2, erlang_element_2, BifKind::guard, Authority::pure},
    {"erlang", "insert_element", 3, erlang_insert_element_3, BifKind::plain, Authority::pure},
    {"erlang", "make_tuple", 2, erlang_make_tuple_2, BifKind::plain, Authority::pure},
    {"erlang", "make_tuple", 3, erlang_make_tuple_3, BifKind::plain, Authority::pure},
    {"erlang", "setelement", 3, erlang_setelement_3, BifKind::plain, Authority::pure},
    {"erlang", "tuple_size", 1, erlang_tuple_size_1, BifKind::guard, Authority::pure},
    {"erlang", "tuple_to_list", 1, erlang_tuple_to_list_1, BifKind::plain, Authority::pure},
};
const BifTable erlang_tuples_bifs = rows;

}  // namespace hanse
