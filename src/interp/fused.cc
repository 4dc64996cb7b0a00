// Sequences in one instruction (code/emitter_fusion.cc): what each does is what its parts do one after another.
#include "interp/enter.h"
#include "interp/handler.h"

namespace hanse {

HANDLER(move2) {
  SET(1, GET(0));
  SET(3, GET(2));
  NEXT();
}
HANDLERS_OF(move2)

HANDLER(move3) {
  SET(1, GET(0));
  SET(3, GET(2));
  SET(5, GET(4));
  NEXT();
}
HANDLERS_OF(move3)

HANDLER(move_call) {
  SET(1, GET(0));
  push_return(e, ip + L::words);
  ENTER_LOCAL(LABEL(2));
}
HANDLERS_OF(move_call)

HANDLER(move_call_only) {
  SET(1, GET(0));
  ENTER_LOCAL(LABEL(2));
}
HANDLERS_OF(move_call_only)

HANDLER(move_call_last) {
  SET(1, GET(0));
  e += NUMBER(3);
  ENTER_LOCAL(LABEL(2));
}
HANDLERS_OF(move_call_last)

HANDLER(move_return) {
  SET(1, GET(0));
  RETURN();
}
HANDLERS_OF(move_return)

HANDLER(move_deallocate_return) {
  SET(1, GET(0));
  e += NUMBER(2);
  RETURN();
}
HANDLERS_OF(move_deallocate_return)

HANDLER(allocate_store) {
  ENSURE_HEAP(NUMBER(0), NUMBER(1));
  e -= NUMBER(0);
  e[NUMBER(3)] = x[NUMBER(2)];
  NEXT();
}
HANDLERS_OF(allocate_store)

HANDLER(allocate_store2) {
  ENSURE_HEAP(NUMBER(0), NUMBER(1));
  e -= NUMBER(0);
  e[NUMBER(3)] = x[NUMBER(2)];
  e[NUMBER(5)] = x[NUMBER(4)];
  NEXT();
}
HANDLERS_OF(allocate_store2)

HANDLER(allocate_store3) {
  ENSURE_HEAP(NUMBER(0), NUMBER(1));
  e -= NUMBER(0);
  e[NUMBER(3)] = x[NUMBER(2)];
  e[NUMBER(5)] = x[NUMBER(4)];
  e[NUMBER(7)] = x[NUMBER(6)];
  NEXT();
}
HANDLERS_OF(allocate_store3)

HANDLER(trim_call) {
  e += NUMBER(0);
  push_return(e, ip + L::words);
  ENTER_LOCAL(LABEL(1));
}
HANDLERS_OF(trim_call)

HANDLER(split_list) {
  Term list = GET(1);
  if (!list.is_cons()) DISPATCH(LABEL(0));
  Cons* cell = list.as_cons();
  Term head = cell->head, tail = cell->tail;
  SET(2, head);
  SET(3, tail);
  NEXT();
}
HANDLERS_OF(split_list)

HANDLER(get_tuple_element2) {
  Tuple* tuple = as_tuple(GET(0));
  Term first = tuple->elements[NUMBER(1)], second = tuple->elements[NUMBER(3)];
  SET(2, first);
  SET(4, second);
  NEXT();
}
HANDLERS_OF(get_tuple_element2)

// Room is there: writes the words and answers the tuple.
template <class... Elements>
static inline Term fresh_tuple(Word*& h, Elements... elements) {
  auto* tuple = reinterpret_cast<Tuple*>(h);
  tuple->header = make_header(Boxed::tuple, sizeof...(elements));
  size_t i = 0;
  ((tuple->elements[i++] = elements), ...);
  h += 1 + sizeof...(elements);
  return Term::boxed(tuple);
}

HANDLER(put_pair) {
  SET(0, fresh_tuple(h, GET(1), GET(2)));
  NEXT();
}
HANDLERS_OF(put_pair)

HANDLER(put_triple) {
  SET(0, fresh_tuple(h, GET(1), GET(2), GET(3)));
  NEXT();
}
HANDLERS_OF(put_triple)

HANDLER(new_pair) {
  ENSURE_HEAP(NUMBER(0), NUMBER(1));
  SET(2, fresh_tuple(h, GET(3), GET(4)));
  NEXT();
}
HANDLERS_OF(new_pair)

HANDLER(new_triple) {
  ENSURE_HEAP(NUMBER(0), NUMBER(1));
  SET(2, fresh_tuple(h, GET(3), GET(4), GET(5)));
  NEXT();
}
HANDLERS_OF(new_triple)

HANDLER(new_list) {
  ENSURE_HEAP(NUMBER(0), NUMBER(1));
  auto* cell = reinterpret_cast<Cons*>(h);
  cell->head = GET(2);
  cell->tail = GET(3);
  h += 2;
  SET(4, Term::cons(cell));
  NEXT();
}
HANDLERS_OF(new_list)

}  // namespace hanse
