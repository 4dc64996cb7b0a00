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

// What a function that goes over a large map or a long list has collected when it yields.
class Collected final : public ResumeState {
 public:
  static constexpr char kind_tag = 0;
  const void* kind() const override { return &kind_tag; }
  void visit_roots(RootVisitor& visitor) override {
    visitor.visit(keys);
    visitor.visit(values);
    visitor.visit({&rest, 1});
  }
  std::vector<Term> keys, values;
  Term rest = Term::nil();  // of the list
  uint64_t position = 0;    // in the map
};
static Collected& collected(Call& call) {
  auto& resume = call.process.resume;
  if (resume == nullptr || resume->kind() != &Collected::kind_tag) {
    auto fresh = std::make_unique<Collected>();
    fresh->rest = call.args[0];
    resume = std::move(fresh);
  }
  return static_cast<Collected&>(*resume);
}
// Elements for one reduction.
static constexpr size_t pairs_per_reduction = 8, insertions_per_reduction = 2;
static size_t elements_of_slice(const Call& call, size_t per_reduction) {
  return (static_cast<size_t>(std::max<int64_t>(call.process.reductions_left, 0)) + 1) * per_reduction;
}

enum class Half : uint8_t { key, value };

// A list of the keys or values of a large map, in as many slices as it takes.
static Result list_of_large_map(Call& call, Half half) {
  Collected& so_far = collected(call);
  size_t count = elements_of_slice(call, pairs_per_reduction);
  HashMapCursor cursor(call.args[0], so_far.position);
  uint64_t latest = so_far.position;
  for (size_t done = 0;; done++) {
    // Keys whose hashes are equal have one position and must stay together.
    uint64_t position = 0;
    if (done >= count && cursor.position(position) && position != latest) {
      so_far.position = position;
      call.charge(done / pairs_per_reduction);
      return Result::yield();
    }
    if (done + 1 >= count && cursor.position(position)) latest = position;
    const Cons* leaf = cursor.next();
    if (leaf == nullptr) break;
    so_far.keys.push_back(half == Half::key ? leaf->head : leaf->tail);
  }
  Term list = make_list(call.arena(), so_far.keys);
  call.process.resume.reset();
  return list;
}

static Result list_of_map(Call& call, Half half) {
  if (!call.args[0].is_map()) return raise_badmap(call, call.args[0]);
  if (call.args[0].is_hash_map()) return list_of_large_map(call, half);
  ListBuilder list(call.arena());
  Term key, value;
  for (MapIterator pairs(call.args[0]); pairs.next(key, value);) list.add(half == Half::key ? key : value);
  call.charge(1);
  return list.finish();
}

static Result maps_keys_1(Call& call) { return list_of_map(call, Half::key); }
static Result maps_values_1(Call& call) { return list_of_map(call, Half::value); }

// maps:merge/2. Arguments: older, newer.
static Result maps_merge_2(Call& call) {
  for (int i = 0; i < 2; i++)
    if (!call.args[i].is_map()) return raise_badmap(call, call.args[i]);
  call.charge(std::min(map_size(call.args[0]), map_size(call.args[1])) / pairs_per_reduction);
  return map_merge(call.arena(), call.args[0], call.args[1]);
}

// Elements of a long list are gathered in slices; then the map is made of them at once. take(so_far, element): false if that
// is none.
template <class Take>
static Result map_of_list(Call& call, Take take) {
  Collected& so_far = collected(call);
  size_t count = elements_of_slice(call, insertions_per_reduction), done = 0;
  Term list = so_far.rest;
  bool valid = true;
  for (; valid && list.is_cons() && done < count; list = list.as_cons()->tail, done++) valid = take(so_far, list.as_cons()->head);
  call.charge(done / insertions_per_reduction);
  if (valid && list.is_cons()) {
    so_far.rest = list;
    return Result::yield();
  }
  auto keys = std::move(so_far.keys), values = std::move(so_far.values);
  call.process.resume.reset();
  if (!valid || !list.is_nil()) return raise_badarg(call);
  return map_from_pairs(call.arena(), keys, values);
}

// maps:from_list/1. Argument: a proper list of pairs.
static Result maps_from_list_1(Call& call) {
  return map_of_list(call, [&](Collected& so_far, Term pair) {
    if (!is_tuple_of_arity(pair, 2)) return false;
    so_far.keys.push_back(as_tuple(pair)->elements[0]);
    so_far.values.push_back(as_tuple(pair)->elements[1]);
    return true;
  });
}

// maps:from_keys/2. Arguments: a proper list of keys, the value of all.
static Result maps_from_keys_2(Call& call) {
  return map_of_list(call, [&](Collected& so_far, Term key) {
    so_far.keys.push_back(key);
    so_far.values.push_back(call.args[1]);
    return true;
  });
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
