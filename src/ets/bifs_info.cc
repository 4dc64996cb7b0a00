// ets:info/1,2.
#include <cmath>

#include "bif/tables.h"
#include "ets/access.h"
#include "process/erlang_clock.h"
#include "term/node.h"

namespace hanse {

static Term type_name(TableType type) {
  switch (type) {
    case TableType::set: return am::set;
    case TableType::bag: return am::bag;
    case TableType::duplicate_bag: return am::duplicate_bag;
    default: return am::ordered_set;
  }
}

static Term protection_name(Protection protection) {
  return protection == Protection::public_ ? am::public_ : protection == Protection::protected_ ? am::protected_ : am::private_;
}

static Term write_concurrency(Call& call, Table& table) {
  switch (table.write_concurrency) {
    case Concurrency::automatic: return am::auto_;
    case Concurrency::fixed_parts:
      return make_tuple(call.arena(), make_atom("debug_hash_fixed_number_of_locks"), Term::small(static_cast<int64_t>(table.part_count())));
    default: return boolean(table.write_concurrency == Concurrency::on);
  }
}

static Term fixation_list(Arena& arena, const std::vector<Fixation>& fixations) {
  Term list = Term::nil();
  for (const Fixation& fixation : fixations)
    list = make_cons(arena, make_tuple(arena, fixation.pid, Term::small(static_cast<int64_t>(fixation.count))), list);
  return list;
}

// {{MegaSeconds, Seconds, MicroSeconds}, [{Pid, Count}]} or false.
static Term safe_fixed(Call& call, Table& table) {
  int64_t since_ns;
  std::vector<Fixation> fixations = table.fixations(since_ns);
  if (fixations.empty()) return am::false_;
  int64_t us = (since_ns + time_offset_ns()) / 1000;
  Arena& arena = call.arena();
  Term time = make_tuple(arena, Term::small(us / 1'000'000'000'000), Term::small(us / 1'000'000 % 1'000'000),
                         Term::small(us % 1'000'000));
  return make_tuple(arena, time, fixation_list(arena, fixations));
}

static Term safe_fixed_monotonic_time(Call& call, Table& table) {
  int64_t since_ns;
  std::vector<Fixation> fixations = table.fixations(since_ns);
  if (fixations.empty()) return am::false_;
  return make_tuple(call.arena(), make_integer(call.arena(), since_ns), fixation_list(call.arena(), fixations));
}

// Of an ordered_set: {Routes, Pieces, Depth} of the directory, or false. Else chain lengths: {Buckets, Average, StandardDeviation, ExpectedDeviation, Minimum, Maximum, KeptDeleted, Locks}.
static Term stats(Call& call, Table& table) {
  Arena& arena = call.arena();
  if (table.is_ordered()) {
    const DividedTree& tree = table.tree();
    if (!tree.is_divisible()) return am::false_;
    auto pieces = static_cast<int64_t>(tree.piece_count());
    return make_tuple(arena, Term::small(pieces - 1), Term::small(pieces), Term::small(static_cast<int64_t>(tree.depth())));
  }
  double buckets = 0, objects = 0, squares = 0;
  int64_t minimum = -1, maximum = 0, kept = 0;
  for (size_t i = 0; i < table.part_count(); i++) {
    Table::Part& part = table.part(i);
    SharedLock lock(part.lock);
    for (size_t bucket = 0; bucket < part.objects.slot_count(); bucket++) {
      int64_t length = 0;
      for (Object* object = part.objects.bucket(bucket); object != nullptr; object = object->next) {
        length++;
        kept += object->deleted;
      }
      buckets++;
      objects += static_cast<double>(length);
      squares += static_cast<double>(length) * static_cast<double>(length);
      minimum = minimum < 0 || length < minimum ? length : minimum;
      maximum = length > maximum ? length : maximum;
    }
    call.charge(part.objects.slot_count() / 16);
  }
  double average = buckets > 0 ? objects / buckets : 0;
  double variance = buckets > 0 ? squares / buckets - average * average : 0;
  double expected = buckets > 0 ? std::sqrt(average * (1 - 1 / buckets)) : 0;
  return make_tuple(arena, Term::small(static_cast<int64_t>(buckets)), make_float(arena, average),
                    make_float(arena, std::sqrt(variance > 0 ? variance : 0)), make_float(arena, expected),
                    Term::small(minimum < 0 ? 0 : minimum), Term::small(maximum), Term::small(kept),
                    Term::small(static_cast<int64_t>(table.part_count())));
}

static void collect_binaries(Arena& arena, const Object* object, Term& list) {
  for (OffHeapObject* value = object->off_heap; value != nullptr; value = value->next) {
    if (header_kind(value->header) != Boxed::refc_binary) continue;
    list = make_cons(arena,
                     make_tuple(arena, make_unsigned(arena, reinterpret_cast<Word>(value->value)),
                                make_unsigned(arena, value->value->size),
                                make_unsigned(arena, value->value->reference_count())),
                     list);
  }
}

// [{Address, Size, ReferenceCount}] of all binaries off the heap, those of deleted objects that a fixation keeps as well.
static Term binaries(Call& call, Table& table) {
  Term list = Term::nil();
  if (table.is_ordered()) {
    DividedTree& tree = table.tree();
    for (auto piece = tree.lock_first(LockMode::shared); piece; piece = tree.lock_next(std::move(piece), false)) {
      OrderedTree::Cursor cursor(piece->tree, false, [](Term) { return 0; });
      for (; cursor.current() != nullptr; cursor.advance()) collect_binaries(call.arena(), cursor.current(), list);
    }
  } else {
    for (size_t i = 0; i < table.part_count(); i++) {
      SharedLock lock(table.part(i).lock);
      HashPart& objects = table.part(i).objects;
      for (size_t bucket = 0; bucket < objects.bucket_count(); bucket++)
        for (Object* object = objects.bucket(bucket); object != nullptr; object = object->next)
          collect_binaries(call.arena(), object, list);
    }
  }
  call.charge(table.size() / 4);
  return list;
}

struct Item {
  Term name;
  Term (*value)(Call& call, Table& table);
};

// The first ones make up info/1, in this order.
static constexpr size_t listed_items = 15;
static constexpr Item items[] = {
    {am::id, [](Call& call, Table& table) { return table.identifier(call.arena()); }},
    {am::decentralized_counters, [](Call&, Table& table) { return boolean(table.decentralized_counters); }},
    {am::read_concurrency, [](Call&, Table& table) { return boolean(table.read_concurrency); }},
    {am::write_concurrency, write_concurrency},
    {am::compressed, [](Call&, Table& table) { return boolean(table.compressed); }},
    {am::memory, [](Call&, Table& table) { return Term::small(static_cast<int64_t>(table.memory_words())); }},
    {am::owner, [](Call&, Table& table) { return table.owner.load(); }},
    {am::heir, [](Call&, Table& table) { return table.heir.load(); }},
    {am::name, [](Call&, Table& table) { return table.name.load(); }},
    {am::size, [](Call&, Table& table) { return Term::small(static_cast<int64_t>(table.size())); }},
    {am::node, [](Call&, Table&) { return this_node().name; }},
    {am::named_table, [](Call&, Table& table) { return boolean(table.named); }},
    {am::type, [](Call&, Table& table) { return type_name(table.type); }},
    {am::keypos, [](Call&, Table& table) { return Term::small(static_cast<int64_t>(table.key_position)); }},
    {am::protection, [](Call&, Table& table) { return protection_name(table.protection.load()); }},
    {am::fixed, [](Call&, Table& table) { return boolean(table.fixed()); }},
    {am::safe_fixed, safe_fixed},
    {am::safe_fixed_monotonic_time, safe_fixed_monotonic_time},
    {am::stats, stats},
    {am::binary, binaries},
};

// ets:info/1
static Result ets_info_1(Call& call) {
  TableArgument table(call, call.args[0], Access::exists);
  if (!table) return table.cause() == am::type ? table.fail(call) : Result(am::undefined);
  Term list = Term::nil();
  for (size_t i = listed_items; i-- > 0;)
    list = make_cons(call.arena(), make_tuple(call.arena(), items[i].name, items[i].value(call, *table)), list);
  return list;
}

// ets:info/2
static Result ets_info_2(Call& call) {
  TableArgument table(call, call.args[0], Access::exists);
  if (!table) return table.cause() == am::type || call.args[1] == am::binary ? table.fail(call) : Result(am::undefined);
  for (const Item& item : items)
    if (item.name == call.args[1]) return item.value(call, *table);
  return raise_badarg(call);
}

// erts_internal:ets_lookup_binary_info/2: as ets:info(Table, binary), of the objects with one key, whatever the table's protection.
static Result erts_internal_ets_lookup_binary_info_2(Call& call) {
  TableArgument table(call, call.args[0], Access::exists);
  if (!table) return table.fail(call);
  Term list = Term::nil();
  table->visit_key(call.args[1], [&](const Object& object) { collect_binaries(call.arena(), &object, list); });
  return unless_deleted(call, *table, list);
}

// erts_internal:ets_super_user/1: stock lets the process read all tables then; what reads for tools always does here.
static Result erts_internal_ets_super_user_1(Call& call) {
  if (call.args[0] != am::true_ && call.args[0] != am::false_) return raise_badarg(call);
  return am::ok;
}

static constexpr BifRow rows[] = {
    {"erts_internal", "ets_lookup_binary_info", 2, erts_internal_ets_lookup_binary_info_2, BifKind::plain, Authority::host},
    {"erts_internal", "ets_super_user", 1, erts_internal_ets_super_user_1, BifKind::plain, Authority::host},
    {"ets", "info", 1, ets_info_1, BifKind::plain, Authority::own_machine},
    {"ets", "info", 2, ets_info_2, BifKind::plain, Authority::own_machine},
};
const BifTable ets_info_bifs = rows;

}  // namespace hanse
