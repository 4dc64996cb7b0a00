// maps:* and the functions on maps that guards may call.
#include "bif/list_builder.h"
#include "bif/tables.h"
#include "process/call.h"
#include "term/big.h"
#include "term/map.h"

#include <vector>

namespace hanse {

static Result raise_badmap(Call& call, Term value) { return raise_error(call, make_tuple(call.arena(), am::badmap, value)); }
static Result raise_badkey(Call& call, Term key) { return raise_error(call, make_tuple(call.arena(), am::badkey, key)); }

// erlang:map_size/1
static Result erlang_map_size_1(Call& call) {
  if (!call.args[0].is_map()) return raise_badmap(call, call.args[0]);
  return Term::small(static_cast<int64_t>(map_size(call.args[0])));
}

// erlang:map_get/2, maps:get/2. Arguments: key, map.
static Result maps_get_2(Call& call) {
  if (!call.args[1].is_map()) return raise_badmap(call, call.args[1]);
  Term value = map_get(call.args[1], call.args[0]);
  if (value.is_none()) return raise_badkey(call, call.args[0]);
  return value;
}

// erlang:is_map_key/2, maps:is_key/2. Arguments: key, map.
static Result maps_is_key_2(Call& call) {
  if (!call.args[1].is_map()) return raise_badmap(call, call.args[1]);
  return boolean(!map_get(call.args[1], call.args[0]).is_none());
}

// maps:find/2. Arguments: key, map.
static Result maps_find_2(Call& call) {
  if (!call.args[1].is_map()) return raise_badmap(call, call.args[1]);
  Term value = map_get(call.args[1], call.args[0]);
  if (value.is_none()) return am::error;
  return make_tuple(call.arena(), am::ok, value);
}

// maps:put/3. Arguments: key, value, map.
static Result maps_put_3(Call& call) {
  if (!call.args[2].is_map()) return raise_badmap(call, call.args[2]);
  return map_put(call.arena(), call.args[2], call.args[0], call.args[1]);
}

// maps:update/3. Arguments: key, value, map.
static Result maps_update_3(Call& call) {
  if (!call.args[2].is_map()) return raise_badmap(call, call.args[2]);
  Term updated = map_update(call.arena(), call.args[2], call.args[0], call.args[1]);
  if (updated.is_none()) return raise_badkey(call, call.args[0]);
  return updated;
}

// maps:remove/2. Arguments: key, map.
static Result maps_remove_2(Call& call) {
  if (!call.args[1].is_map()) return raise_badmap(call, call.args[1]);
  return map_remove(call.arena(), call.args[1], call.args[0]);
}

// maps:take/2. Arguments: key, map.
static Result maps_take_2(Call& call) {
  if (!call.args[1].is_map()) return raise_badmap(call, call.args[1]);
  Term removed = Term::none();
  Term rest = map_remove(call.arena(), call.args[1], call.args[0], &removed);
  if (removed.is_none()) return am::error;
  return make_tuple(call.arena(), removed, rest);
}

static Result maps_keys_1(Call& call) {
  if (!call.args[0].is_map()) return raise_badmap(call, call.args[0]);
  ListBuilder keys(call.arena());
  Term key, value;
  for (MapIterator pairs(call.args[0]); pairs.next(key, value);) keys.add(key);
  call.charge(keys.count() / 8);
  return keys.finish();
}

static Result maps_values_1(Call& call) {
  if (!call.args[0].is_map()) return raise_badmap(call, call.args[0]);
  ListBuilder values(call.arena());
  Term key, value;
  for (MapIterator pairs(call.args[0]); pairs.next(key, value);) values.add(value);
  call.charge(values.count() / 8);
  return values.finish();
}

// maps:merge/2. Arguments: older, newer.
static Result maps_merge_2(Call& call) {
  for (int i = 0; i < 2; i++)
    if (!call.args[i].is_map()) return raise_badmap(call, call.args[i]);
  call.charge(std::min(map_size(call.args[0]), map_size(call.args[1])) / 2);
  return map_merge(call.arena(), call.args[0], call.args[1]);
}

// maps:from_list/1. Argument: a proper list of pairs.
static Result maps_from_list_1(Call& call) {
  std::vector<Term> keys, values;
  Term list = call.args[0];
  for (; list.is_cons(); list = list.as_cons()->tail) {
    Term pair = list.as_cons()->head;
    if (!is_tuple_of_arity(pair, 2)) return raise_badarg(call);
    keys.push_back(as_tuple(pair)->elements[0]);
    values.push_back(as_tuple(pair)->elements[1]);
  }
  if (!list.is_nil()) return raise_badarg(call);
  call.charge(keys.size() / 2);
  return map_from_pairs(call.arena(), keys, values);
}

// maps:from_keys/2. Arguments: a proper list of keys, the value of all.
static Result maps_from_keys_2(Call& call) {
  std::vector<Term> keys;
  Term list = call.args[0];
  for (; list.is_cons(); list = list.as_cons()->tail) keys.push_back(list.as_cons()->head);
  if (!list.is_nil()) return raise_badarg(call);
  std::vector<Term> values(keys.size(), call.args[1]);
  call.charge(keys.size() / 2);
  return map_from_pairs(call.arena(), keys, values);
}

static constexpr BifRow rows[] = {
    {"erlang", "is_map_key", 2, maps_is_key_2, BifKind::guard, Authority::pure},
    {"erlang", "map_get", 2, maps_get_2, BifKind::guard, Authority::pure},
    {"erlang", "map_size", 1, erlang_map_size_1, BifKind::guard, Authority::pure},
    {"maps", "find", 2, maps_find_2, BifKind::plain, Authority::pure},
    {"maps", "from_keys", 2, maps_from_keys_2, BifKind::plain, Authority::pure},
    {"maps", "from_list", 1, maps_from_list_1, BifKind::plain, Authority::pure},
    {"maps", "get", 2, maps_get_2, BifKind::plain, Authority::pure},
    {"maps", "is_key", 2, maps_is_key_2, BifKind::plain, Authority::pure},
    {"maps", "keys", 1, maps_keys_1, BifKind::plain, Authority::pure},
    {"maps", "merge", 2, maps_merge_2, BifKind::plain, Authority::pure},
    {"maps", "put", 3, maps_put_3, BifKind::plain, Authority::pure},
    {"maps", "remove", 2, maps_remove_2, BifKind::plain, Authority::pure},
    {"maps", "take", 2, maps_take_2, BifKind::plain, Authority::pure},
    {"maps", "update", 3, maps_update_3, BifKind::plain, Authority::pure},
    {"maps", "values", 1, maps_values_1, BifKind::plain, Authority::pure},
};
const BifTable maps_bifs = rows;

}  // namespace hanse
