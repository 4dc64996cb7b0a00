// ets: functions that make, change and delete tables.
#include <algorithm>
#include <bit>

#include "base/epoch.h"
#include "bif/tables.h"
#include "ets/access.h"
#include "ets/transfer.h"
#include "process/guest.h"
#include "process/process_table.h"
#include "process/scheduler.h"
#include "process/send.h"

namespace hanse {

struct HeirOption {
  Term pid = am::none;
  Term data = Term::none();
};

static bool parse_heir(Tuple* option, HeirOption& heir) {
  if (option->arity() == 2 && option->elements[1] == am::none) {
    heir = {};
    return true;
  }
  if (option->arity() != 3 || !option->elements[1].is_local_pid()) return false;
  heir = {option->elements[1], option->elements[2]};
  epoch::Guard guard;
  if (find_process(heir.pid) == nullptr) heir = {};
  return true;
}

struct NewOptions : TableOptions {
  HeirOption heir;
  Term counters = Term::none();  // as given
};

static bool parse_boolean(Term value, bool& out) {
  out = value == am::true_;
  return out || value == am::false_;
}

static bool parse_atom_option(Term option, NewOptions& options) {
  if (option == am::set) options.type = TableType::set;
  else if (option == am::bag) options.type = TableType::bag;
  else if (option == am::duplicate_bag) options.type = TableType::duplicate_bag;
  else if (option == am::ordered_set) options.type = TableType::ordered_set;
  else if (option == am::public_) options.protection = Protection::public_;
  else if (option == am::protected_) options.protection = Protection::protected_;
  else if (option == am::private_) options.protection = Protection::private_;
  else if (option == am::named_table) options.named = true;
  else if (option == am::compressed) options.compressed = true;
  else return false;
  return true;
}

// {debug_hash_fixed_number_of_locks, Count}: OTP's tests.
static bool parse_fixed_parts(Tuple* option, NewOptions& options) {
  constexpr int64_t minimum = 64, maximum = Table::maximum_parts;
  Term count = option->elements[1];
  if (option->elements[0] != make_atom("debug_hash_fixed_number_of_locks") || !count.is_small() || count.as_small() < 1 ||
      count.as_small() > maximum)
    return false;
  options.write_concurrency = Concurrency::fixed_parts;
  options.fixed_parts = std::bit_floor(static_cast<size_t>(std::max(count.as_small(), minimum)));
  return true;
}

static bool parse_option(Term option, NewOptions& options) {
  if (option.is_atom()) return parse_atom_option(option, options);
  if (!option.is_tuple() || as_tuple(option)->arity() < 2) return false;
  Tuple* tuple = as_tuple(option);
  Term name = tuple->elements[0], value = tuple->elements[1];
  if (name == am::heir) return parse_heir(tuple, options.heir);
  if (tuple->arity() != 2) return false;
  if (name == am::keypos) {
    if (!value.is_small() || value.as_small() < 1) return false;
    options.key_position = static_cast<size_t>(value.as_small());
    return true;
  }
  if (name == am::read_concurrency) return parse_boolean(value, options.read_concurrency);
  if (name == am::decentralized_counters) {
    options.counters = value;
    bool ignored = false;
    return parse_boolean(value, ignored);
  }
  if (name != am::write_concurrency) return false;
  if (is_tuple_of_arity(value, 2)) return parse_fixed_parts(as_tuple(value), options);
  bool on = false;
  if (value != am::auto_ && !parse_boolean(value, on)) return false;
  options.write_concurrency = value == am::auto_ ? Concurrency::automatic : on ? Concurrency::on : Concurrency::off;
  return true;
}

// What stock makes of combinations.
static void settle(NewOptions& options) {
  if (options.protection == Protection::private_) {
    options.read_concurrency = false;
    options.write_concurrency = Concurrency::off;
  }
  if (options.write_concurrency == Concurrency::off) options.decentralized_counters = false;
  else if (!options.counters.is_none()) options.decentralized_counters = options.counters == am::true_;
  else
    options.decentralized_counters =
        options.write_concurrency != Concurrency::on || options.type == TableType::ordered_set;
}

static Object* store_gift(Call& call, Term data) {
  return data.is_none() ? nullptr : Object::create(make_tuple(call.arena(), data));
}

// ets:new/2
static Result ets_new_2(Call& call) {
  if (!call.args[0].is_atom()) return raise_badarg(call);
  NewOptions options;
  Term list = call.args[1];
  for (; list.is_cons(); list = list.as_cons()->tail)
    if (!parse_option(list.as_cons()->head, options)) return raise_badarg(call);
  if (!list.is_nil()) return raise_badarg(call);
  if (options.write_concurrency == Concurrency::fixed_parts && options.type == TableType::ordered_set) return raise_badarg(call);
  settle(options);
  NamedTables& tables = NamedTables::of(call.process.machine);
  Guest* guest = call.process.machine.guest();
  if (guest != nullptr && !guest->take(Limit::ets_tables)) return raise_system_limit(call);
  Table* table = tables.create(call.process.machine, call.args[0], call.process.self, options);
  if (table == nullptr) {
    if (guest != nullptr) guest->give_back(Limit::ets_tables);
    return raise_badarg(call, am::already_exists);
  }
  if (options.heir.pid.is_local_pid()) tables.set_heir(*table, options.heir.pid, store_gift(call, options.heir.data));
  return options.named ? call.args[0] : table->identifier(call.arena());
}

// Objects that are being freed while the process runs on.
class FreeState final : public ResumeState {
 public:
  explicit FreeState(TableContents taken) : contents(std::move(taken)) {}
  TableContents contents;
  size_t count = 0;
};

// Frees as much as fits in the slice; true when nothing is left.
static bool free_some(Call& call, FreeState& state) {
  auto budget = static_cast<size_t>(call.process.reductions_left > 50 ? call.process.reductions_left : 50) * 2;
  size_t before = budget;
  bool done = state.contents.destroy_some(budget);
  call.charge((before - budget) / 2);
  return done;
}

// ets:delete/1
static Result ets_delete_1(Call& call) {
  auto* state = static_cast<FreeState*>(call.process.resume.get());
  if (state == nullptr) {
    TableArgument table(call, call.args[0], Access::write);
    if (!table) return table.fail(call);
    if (!NamedTables::of(call.process.machine).remove(*table)) return raise_badarg(call, am::id);
    call.process.resume = std::make_unique<FreeState>(table->detach_contents(true));
    state = static_cast<FreeState*>(call.process.resume.get());
  }
  if (!free_some(call, *state)) return Result::yield();
  call.process.resume.reset();
  return am::true_;
}

// ets:internal_delete_all/2. ets:delete_all_objects/1 and ets:select_delete/2 use it: the number of deleted objects.
static Result ets_internal_delete_all_2(Call& call) {
  auto* state = static_cast<FreeState*>(call.process.resume.get());
  if (state == nullptr) {
    TableArgument table(call, call.args[0], Access::write);
    if (!table) return table.fail(call);
    if (call.args[1] != am::undefined) return call.args[1];  // as stock
    size_t count = table->size();
    call.process.resume = std::make_unique<FreeState>(table->detach_contents(false));
    state = static_cast<FreeState*>(call.process.resume.get());
    state->count = count;
  }
  if (!free_some(call, *state)) return Result::yield();
  size_t count = state->count;
  call.process.resume.reset();
  return Term::small(static_cast<int64_t>(count));
}

// ets:rename/2
static Result ets_rename_2(Call& call) {
  TableArgument table(call, call.args[0], Access::write);
  if (!table) return table.fail(call);
  if (!call.args[1].is_atom()) return raise_badarg(call);
  if (!NamedTables::of(call.process.machine).rename(*table, call.args[1])) return raise_badarg(call);
  return table->named ? call.args[1] : table->identifier(call.arena());
}

// ets:whereis/1
static Result ets_whereis_1(Call& call) {
  if (!call.args[0].is_atom()) return raise_badarg(call);
  Table* table = NamedTables::of(call.process.machine).find(call.args[0]);
  return table == nullptr ? am::undefined : table->identifier(call.arena());
}

// ets:give_away/3
static Result ets_give_away_3(Call& call) {
  TableArgument table(call, call.args[0], Access::write);
  if (!table) return table.fail(call);
  Term to = call.args[1];
  if (!to.is_local_pid()) return raise_badarg(call);
  if (table->owner.load() != call.process.self) return raise_badarg(call, am::not_owner);
  if (to == call.process.self) return raise_badarg(call, am::owner);
  return transfer_table(call.process, *table, to, call.args[2]) ? Result(am::true_) : raise_badarg(call);
}

// ets:setopts/2
static Result ets_setopts_2(Call& call) {
  TableArgument table(call, call.args[0], Access::owner);
  if (!table) return table.fail(call);
  HeirOption heir;
  Term protection = Term::none();
  bool has_heir = false;
  auto parse = [&](Term option) {
    if (!option.is_tuple() || as_tuple(option)->arity() < 2) return false;
    Tuple* tuple = as_tuple(option);
    if (tuple->elements[0] == am::heir) {
      if (has_heir) return false;
      has_heir = true;
      return parse_heir(tuple, heir);
    }
    if (tuple->elements[0] != am::protection || tuple->arity() != 2 || !protection.is_none()) return false;
    protection = tuple->elements[1];
    return protection == am::public_ || protection == am::protected_ || protection == am::private_;
  };
  Term list = call.args[1];
  if (list.is_list()) {
    for (; list.is_cons(); list = list.as_cons()->tail)
      if (!parse(list.as_cons()->head)) return raise_badarg(call);
    if (!list.is_nil()) return raise_badarg(call);
  } else if (!parse(list)) {
    return raise_badarg(call);
  }
  if (has_heir) NamedTables::of(call.process.machine).set_heir(*table, heir.pid, store_gift(call, heir.data));
  if (!protection.is_none())
    table->protection.store(protection == am::public_      ? Protection::public_
                            : protection == am::protected_ ? Protection::protected_
                                                           : Protection::private_);
  return am::true_;
}

// ets:safe_fixtable/2
static Result ets_safe_fixtable_2(Call& call) {
  TableArgument table(call, call.args[0], Access::read);
  if (!table) return table.fail(call);
  NamedTables& tables = NamedTables::of(call.process.machine);
  if (call.args[1] == am::true_) {
    if (table->fix(call.process.self)) tables.note_fixed(call.process.self, *table);
  } else if (call.args[1] == am::false_) {
    if (table->unfix(call.process.self)) tables.note_unfixed(call.process.self, *table);
  } else {
    return raise_badarg(call);
  }
  return am::true_;
}

// ets:internal_request_all/0: ets:all/0 waits for one {Reference, Tables} from every scheduler. All are in the first.
static Result ets_internal_request_all_0(Call& call) {
  Arena& arena = call.arena();
  Term reference = make_reference(arena), list = Term::nil();
  for (Table* table : NamedTables::of(call.process.machine).all()) {
    list = make_cons(arena, table->named ? table->name.load() : table->identifier(arena), list);
    table->handle->release();
  }
  Term self = call.process.self;
  deliver(self, make_tuple(arena, reference, list));
  for (unsigned i = 1; i < scheduler_options().schedulers; i++) deliver(self, make_tuple(arena, reference, Term::nil()));
  return reference;
}

static constexpr BifRow rows[] = {
    {"ets", "new", 2, ets_new_2, BifKind::plain, Authority::own_machine},
    {"ets", "delete", 1, ets_delete_1, BifKind::plain, Authority::own_machine},
    {"ets", "internal_delete_all", 2, ets_internal_delete_all_2, BifKind::plain, Authority::own_machine},
    {"ets", "rename", 2, ets_rename_2, BifKind::plain, Authority::own_machine},
    {"ets", "whereis", 1, ets_whereis_1, BifKind::plain, Authority::own_machine},
    {"ets", "give_away", 3, ets_give_away_3, BifKind::plain, Authority::own_machine},
    {"ets", "setopts", 2, ets_setopts_2, BifKind::plain, Authority::own_machine},
    {"ets", "safe_fixtable", 2, ets_safe_fixtable_2, BifKind::plain, Authority::own_machine},
    {"ets", "internal_request_all", 0, ets_internal_request_all_0, BifKind::plain, Authority::own_machine},
};
const BifTable ets_tables_bifs = rows;

}  // namespace hanse
