// ets: first, last, next, prev, slot; what erts_internal:ets_info_binary/1 walks with, whatever the protection of the table.
#include <algorithm>

#include "bif/tables.h"
#include "ets/access.h"

namespace hanse {

static Term key_of(Call& call, const Table& table, const Object* object) {
  return object == nullptr ? am::end_of_table : object->copy_element_to(call.arena(), table.key_position);
}

// Objects that were deleted while the table was fixed.
enum class Kept : uint8_t { hidden, shown };

static Object* first_visible(Object* object, Kept kept) {
  while (object != nullptr && object->deleted && kept == Kept::hidden) object = object->next;
  return object;
}

// The key of the first object in bucket `bucket` of part `part_index` or behind; the end of the table if there is none.
static Term first_key_from(Call& call, Table& table, size_t part_index, size_t bucket, Kept kept) {
  for (; part_index < table.part_count(); part_index++, bucket = 0) {
    Table::Part& part = table.part(part_index);
    SharedLock lock(part.lock);
    for (; bucket < part.objects.bucket_count(); bucket++) {
      if (bucket % 64 == 63) call.charge(1);
      if (Object* object = first_visible(part.objects.bucket(bucket), kept)) return key_of(call, table, object);
    }
  }
  return am::end_of_table;
}

enum class End : uint8_t { first, last };

// What find(tree) says in the piece, or else in the first one behind it (descending: before it) where it says something.
template <class Find>
static Result nearest_key(Call& call, Table& table, DividedTree::Locked piece, bool descending, Find find) {
  for (; piece; piece = table.tree().lock_next(std::move(piece), descending))
    if (Object* object = find(piece->tree)) return unless_deleted(call, table, key_of(call, table, object));
  return unless_deleted(call, table, am::end_of_table);
}

static Result end_key(Call& call, End end, Kept kept = Kept::hidden) {
  TableArgument table(call, call.args[0], kept == Kept::shown ? Access::exists : Access::read);
  if (!table) return table.fail(call);
  if (!table->is_ordered()) return unless_deleted(call, *table, first_key_from(call, *table, 0, 0, kept));
  auto end_of = [end](const OrderedTree& tree) { return end == End::first ? tree.first() : tree.last(); };
  DividedTree& tree = table->tree();
  return nearest_key(call, *table, end == End::first ? tree.lock_first(LockMode::shared) : tree.lock_last(LockMode::shared),
                     end == End::last, end_of);
}

static Result neighbour(Call& call, End direction, Kept kept = Kept::hidden) {
  TableArgument table(call, call.args[0], kept == Kept::shown ? Access::exists : Access::read);
  if (!table) return table.fail(call);
  Term key = call.args[1];
  if (table->is_ordered()) {
    if (key == am::end_of_table) return raise_badarg(call, table->alive() ? Term::none() : am::id);
    bool descending = direction == End::first;
    auto neighbour_of = [=](const OrderedTree& tree) { return descending ? tree.before(key) : tree.after(key); };
    return nearest_key(call, *table, table->tree().lock(key, LockMode::shared), descending, neighbour_of);
  }
  uint64_t hash = table->hash_of(key);
  Table::Part& part = table->part_of(hash);
  auto part_index = static_cast<size_t>(&part - &table->part(0));
  size_t bucket = 0;
  {
    SharedLock lock(part.lock);
    Object** at = part.objects.find(key, hash, table->key_position);
    if (at == nullptr) return raise_badarg(call, table->alive() ? Term::none() : am::id);
    Object* object = *at;
    while (object != nullptr && part.objects.same_key(object, key, hash, table->key_position)) object = object->next;
    object = first_visible(object, kept);
    if (object != nullptr) return key_of(call, *table, object);
    bucket = part.objects.bucket_index(hash) + 1;
  }
  return unless_deleted(call, *table, first_key_from(call, *table, part_index, bucket, kept));
}

static Result ets_first_1(Call& call) { return end_key(call, End::first); }
static Result ets_last_1(Call& call) { return end_key(call, End::last); }
static Result ets_next_2(Call& call) { return neighbour(call, End::last); }
static Result ets_prev_2(Call& call) { return neighbour(call, End::first); }
static Result erts_internal_ets_raw_first_1(Call& call) { return end_key(call, End::first, Kept::shown); }
static Result erts_internal_ets_raw_next_2(Call& call) { return neighbour(call, End::last, Kept::shown); }

static Result slot_of_tree(Call& call, Table& table, size_t wanted) {
  if (wanted > table.size()) return raise_badarg(call);
  call.charge(wanted / 16);
  DividedTree& tree = table.tree();
  for (auto piece = tree.lock_first(LockMode::shared); piece; piece = tree.lock_next(std::move(piece), false)) {
    OrderedTree::Cursor cursor(piece->tree, false, [](Term) { return 0; });
    for (; cursor.current() != nullptr; cursor.advance(), wanted--)
      if (wanted == 0) return make_cons(call.arena(), cursor.current()->copy_to(call.arena()), Term::nil());
  }
  return wanted == 0 ? Result(am::end_of_table) : raise_badarg(call);
}

static size_t most_slots(Table& table) {
  size_t most = 0;
  for (size_t i = 0; i < table.part_count(); i++) {
    SharedLock lock(table.part(i).lock);
    most = std::max(most, table.part(i).objects.slot_count());
  }
  return most;
}

// ets:slot/2: all objects of one bucket. Slots are numbered through the first buckets of all parts, then the second ones and so
// on; a part with fewer buckets than others has empty slots.
static Result ets_slot_2(Call& call) {
  TableArgument table(call, call.args[0], Access::read);
  if (!table) return table.fail(call);
  if (!call.args[1].is_small() || call.args[1].as_small() < 0) return raise_badarg(call);
  auto wanted = static_cast<size_t>(call.args[1].as_small());
  if (table->is_ordered()) return slot_of_tree(call, *table, wanted);
  size_t bucket = wanted / table->part_count();
  {
    Table::Part& part = table->part(wanted % table->part_count());
    SharedLock lock(part.lock);
    if (bucket < part.objects.slot_count()) {
      Term list = Term::nil();
      for (Object* object = part.objects.bucket(bucket); object != nullptr; object = object->next)
        if (!object->deleted) list = make_cons(call.arena(), object->copy_to(call.arena()), list);
      return list;
    }
  }
  size_t slots = most_slots(*table) * table->part_count();
  if (wanted < slots) return Term::nil();
  return wanted == slots ? Result(am::end_of_table) : raise_badarg(call);
}

static constexpr BifRow rows[] = {
    {"erts_internal", "ets_raw_first", 1, erts_internal_ets_raw_first_1, BifKind::plain, Authority::host},
    {"erts_internal", "ets_raw_next", 2, erts_internal_ets_raw_next_2, BifKind::plain, Authority::host},
    {"ets", "first", 1, ets_first_1, BifKind::plain, Authority::own_machine},
    {"ets", "last", 1, ets_last_1, BifKind::plain, Authority::own_machine},
    {"ets", "next", 2, ets_next_2, BifKind::plain, Authority::own_machine},
    {"ets", "prev", 2, ets_prev_2, BifKind::plain, Authority::own_machine},
    {"ets", "slot", 2, ets_slot_2, BifKind::plain, Authority::own_machine},
};
const BifTable ets_walk_bifs = rows;

}  // namespace hanse
