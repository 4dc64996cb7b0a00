// Maps. Small maps are searched and built here; everything else is term/map.h.
#include "interp/handler.h"
#include "term/atom.h"
#include "term/compare.h"
#include "term/map.h"

namespace hanse {

// Both update instructions: key absent means "add" or error:{badkey, Key}.
struct MapUpdate {
  Term map;           // none(): failed, `failed_key` or not a map
  Term failed_key;
  Ip end;
};

MapUpdate update_map(Process* p, Term* x, Term* e, Term map, uint32_t count, Ip tail, bool must_exist) {
  AnyReader reader{tail};
  MapUpdate update{Term::none(), Term::none(), nullptr};
  for (uint32_t i = 0; i < count; i += 2) {
    Term key = reader.next(x, e);
    Term value = reader.next(x, e);
    Term next = must_exist ? map_update(p->heap, map, key, value) : map_put(p->heap, map, key, value);
    if (next.is_none()) {
      update.failed_key = key;
      return update;
    }
    map = next;
  }
  update.map = map;
  update.end = reader.at;
  return update;
}

// A literal map is `count` pairs put into the empty map: sort once instead of shifting each time.
Term build_map(Process* p, Term* x, Term* e, uint32_t count, Ip tail, Ip& end) {
  AnyReader reader{tail};
  Term keys[flat_map_limit], values[flat_map_limit];
  uint32_t pairs = count / 2;
  for (uint32_t i = 0; i < pairs; i++) {
    keys[i] = reader.next(x, e);
    values[i] = reader.next(x, e);
  }
  end = reader.at;
  return map_from_pairs(p->heap, {keys, pairs}, {values, pairs});
}

#define COLLECT_BEFORE(live)                                    \
  do {                                                          \
    if (p->heap.wants_collection()) [[unlikely]] {              \
      if (!collect_garbage(p, x, 0, (live))) TAIL_CALL(unwind); \
      RELOAD_ALL();                                             \
    }                                                           \
  } while (false)

HANDLER(put_map_assoc) {
  SYNC();
  COLLECT_BEFORE(NUMBER(1));
  Term map = GET(2);
  uint32_t count = NUMBER(4);
  if (!map.is_map()) {
    if (HAS_LABEL(0)) DISPATCH(LABEL(0));
    set_error_pair(p, am::badmap, map);
    RELOAD();
    TAIL_CALL(unwind);
  }
  Ip end;
  if (map.is_flat_map() && map.as<FlatMap>()->size() == 0 && count <= 2 * flat_map_limit) {
    map = build_map(p, x, e, count, TAIL(), end);
  } else {
    MapUpdate update = update_map(p, x, e, map, count, TAIL(), false);
    map = update.map;
    end = update.end;
  }
  RELOAD();
  SET(3, map);
  DISPATCH(after_tail(end));
}
HANDLERS_OF(put_map_assoc)

HANDLER(put_map_exact) {
  SYNC();
  COLLECT_BEFORE(NUMBER(1));
  Term map = GET(2);
  MapUpdate update{Term::none(), Term::none(), nullptr};
  if (map.is_map()) update = update_map(p, x, e, map, NUMBER(4), TAIL(), true);
  if (update.map.is_none()) {
    RELOAD();
    if (HAS_LABEL(0)) DISPATCH(LABEL(0));
    SYNC();
    if (map.is_map()) set_error_pair(p, am::badkey, update.failed_key);
    else set_error_pair(p, am::badmap, map);
    RELOAD();
    TAIL_CALL(unwind);
  }
  RELOAD();
  SET(3, update.map);
  DISPATCH(after_tail(update.end));
}
HANDLERS_OF(put_map_exact)

HANDLER(has_map_fields) {
  Term map = GET(1);
  uint32_t count = NUMBER(2);
  AnyReader reader{TAIL()};
  for (uint32_t i = 0; i < count; i++)
    if (map_get(map, reader.next(x, e)).is_none()) DISPATCH(LABEL(0));
  DISPATCH(after_tail(reader.at));
}
HANDLERS_OF(has_map_fields)

HANDLER(get_map_elements) {
  Term map = GET(1);
  uint32_t count = NUMBER(2);
  AnyReader reader{TAIL()};
  for (uint32_t i = 0; i < count; i += 2) {
    Term value = map_get(map, reader.next(x, e));
    if (value.is_none()) DISPATCH(LABEL(0));
    reader.place(x, e) = value;
  }
  DISPATCH(after_tail(reader.at));
}
HANDLERS_OF(get_map_elements)

}  // namespace hanse
