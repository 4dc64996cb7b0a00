// Moves, lists, tuples, closures.
#include "interp/handler.h"

namespace hanse {

HANDLER(move) {
  SET(1, GET(0));
  NEXT();
}
HANDLERS_OF(move)

HANDLER(swap) {
  Term first = GET(0);
  SET(0, GET(1));
  SET(1, first);
  NEXT();
}
HANDLERS_OF(swap)

HANDLER(get_list) {
  Cons* cell = GET(0).as_cons();
  Term head = cell->head, tail = cell->tail;
  SET(1, head);
  SET(2, tail);
  NEXT();
}
HANDLERS_OF(get_list)

HANDLER(get_hd) {
  SET(1, GET(0).as_cons()->head);
  NEXT();
}
HANDLERS_OF(get_hd)

HANDLER(get_tl) {
  SET(1, GET(0).as_cons()->tail);
  NEXT();
}
HANDLERS_OF(get_tl)

HANDLER(get_tuple_element) {
  SET(2, as_tuple(GET(0))->elements[NUMBER(1)]);
  NEXT();
}
HANDLERS_OF(get_tuple_element)

HANDLER(set_tuple_element) {
  as_tuple(GET(1))->elements[NUMBER(2)] = GET(0);
  NEXT();
}
HANDLERS_OF(set_tuple_element)

// The compiler has made room with test_heap.
HANDLER(put_list) {
  auto* cell = reinterpret_cast<Cons*>(h);
  cell->head = GET(0);
  cell->tail = GET(1);
  h += 2;
  SET(2, Term::cons(cell));
  NEXT();
}
HANDLERS_OF(put_list)

HANDLER(put_tuple2) {
  size_t arity = NUMBER(1);
  auto* tuple = reinterpret_cast<Tuple*>(h);
  tuple->header = make_header(Boxed::tuple, arity);
  AnyReader reader{TAIL()};
  for (size_t i = 0; i < arity; i++) tuple->elements[i] = reader.next(x, e);
  h += arity + 1;
  SET(0, Term::boxed(tuple));
  DISPATCH(after_tail(reader.at));
}
HANDLERS_OF(put_tuple2)

HANDLER(make_fun) {
  size_t free_count = NUMBER(2);
  auto* fun = reinterpret_cast<Fun*>(h);
  fun->header = make_header(Boxed::fun, 2 + free_count);
  fun->entry = POINTER(FunEntry, 0);
  fun->creator = p->self;
  AnyReader reader{TAIL()};
  for (size_t i = 0; i < free_count; i++) fun->environment[i] = reader.next(x, e);
  h += 3 + free_count;
  SET(1, Term::boxed(fun));
  DISPATCH(after_tail(reader.at));
}
HANDLERS_OF(make_fun)

}  // namespace hanse
