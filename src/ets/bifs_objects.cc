// ets: functions that read and write objects by key.
#include <algorithm>

#include "bif/tables.h"
#include "ets/access.h"

namespace hanse {

// ets:lookup/2
static Result ets_lookup_2(Call& call) {
  TableArgument table(call, call.args[0], Access::read);
  if (!table) return table.fail(call);
  Term result = Term::nil();
  size_t count = 0;
  table->visit_key(call.args[1], [&](Object& object) {
    result = make_cons(call.arena(), object.copy_to(call.arena()), result);
    count++;
  });
  call.charge(count / 4);
  return unless_deleted(call, *table, result);
}

// ets:lookup_element/3
static Result ets_lookup_element_3(Call& call) {
  TableArgument table(call, call.args[0], Access::read);
  if (!table) return table.fail(call);
  Term argument = call.args[2];
  if (!argument.is_small() || argument.as_small() < 1) return raise_badarg(call);
  auto position = static_cast<size_t>(argument.as_small());
  bool too_short = false;
  Term result = Term::nil();
  bool is_bag = table->type == TableType::bag || table->type == TableType::duplicate_bag;
  bool found = table->visit_key(call.args[1], [&](Object& object) {
    too_short = too_short || object.arity() < position;
    if (too_short) return;
    Term value = object.copy_element_to(call.arena(), position);
    result = is_bag ? make_cons(call.arena(), value, result) : value;
  });
  if (!table->alive()) return raise_badarg(call, am::id);
  if (!found) return raise_badarg(call, am::badkey);
  return too_short ? raise_badarg(call) : Result(result);
}

// ets:member/2
static Result ets_member_2(Call& call) {
  TableArgument table(call, call.args[0], Access::read);
  if (!table) return table.fail(call);
  return unless_deleted(call, *table, boolean(table->contains(call.args[1])));
}

// A list of objects on its way into a table: copied bit by bit, then inserted at once.
class InsertState final : public ResumeState {
 public:
  InsertState(Table& to, Term list) : table(to), remaining(list), handle_(to.handle) {}
  ~InsertState() override {
    for (Object* object : objects) Object::destroy(object);
  }
  void visit_roots(RootVisitor& visitor) override { visitor.visit({&remaining, 1}); }
  const Table& table;
  Term remaining;
  std::vector<Object*> objects;

 private:
  Ref<OffHeapBinary> handle_;
};

enum class OnlyNew : bool { no, yes };

static Result insert_list(Call& call, Table& table, OnlyNew only_new) {
  auto* state = static_cast<InsertState*>(call.process.resume.get());
  if (state == nullptr) {
    Term list = call.args[1];
    for (; list.is_cons(); list = list.as_cons()->tail)
      if (!is_object_for(table, list.as_cons()->head)) return raise_badarg(call);
    if (!list.is_nil()) return raise_badarg(call);
    call.process.resume = std::make_unique<InsertState>(table, call.args[1]);
    state = static_cast<InsertState*>(call.process.resume.get());
  }
  if (&state->table != &table) return raise_badarg(call, am::id);  // the name is that of another table by now
  for (; state->remaining.is_cons(); state->remaining = state->remaining.as_cons()->tail) {
    if (call.process.reductions_left <= 0) return Result::yield();
    Object* object = Object::create(state->remaining.as_cons()->head);
    if (object == nullptr) {
      call.process.resume.reset();
      return raise_system_limit(call);
    }
    state->objects.push_back(object);
    call.charge(2 + object->word_count / 64);
  }
  std::unique_ptr<ResumeState> keep = std::move(call.process.resume);
  // Stock puts lists into bags from the end, and lookup shows it.
  if (table.type == TableType::bag) std::ranges::reverse(state->objects);
  if (only_new == OnlyNew::yes) return unless_deleted(call, table, boolean(table.insert_all_new(state->objects)));
  table.insert_all(state->objects);
  return am::true_;
}

static Result insert(Call& call, OnlyNew only_new) {
  TableArgument table(call, call.args[0], Access::write);
  if (!table) {
    call.process.resume.reset();
    return table.fail(call);
  }
  Term argument = call.args[1];
  if (argument.is_nil()) return am::true_;
  if (argument.is_cons()) return insert_list(call, *table, only_new);
  if (!is_object_for(*table, argument)) return raise_badarg(call);
  Object* object = Object::create(argument);
  if (object == nullptr) return raise_system_limit(call);
  call.charge(object->word_count / 64);
  if (only_new == OnlyNew::yes) return unless_deleted(call, *table, boolean(table->insert_new(object)));
  table->insert(object);
  return am::true_;
}

// ets:insert/2
static Result ets_insert_2(Call& call) { return insert(call, OnlyNew::no); }
// ets:insert_new/2
static Result ets_insert_new_2(Call& call) { return insert(call, OnlyNew::yes); }

// ets:delete/2
static Result ets_delete_2(Call& call) {
  TableArgument table(call, call.args[0], Access::write);
  if (!table) return table.fail(call);
  size_t count = 0;
  table->erase(call.args[1], [&count](Object&) { count++; });
  call.charge(count / 4);
  return am::true_;
}

// ets:delete_object/2
static Result ets_delete_object_2(Call& call) {
  TableArgument table(call, call.args[0], Access::write);
  if (!table) return table.fail(call);
  if (!is_object_for(*table, call.args[1])) return raise_badarg(call);
  table->erase_object(call.args[1]);
  return am::true_;
}

// ets:take/2
static Result ets_take_2(Call& call) {
  TableArgument table(call, call.args[0], Access::write);
  if (!table) return table.fail(call);
  Term result = Term::nil();
  size_t count = 0;
  table->erase(call.args[1], [&](Object& object) {
    result = make_cons(call.arena(), object.copy_to(call.arena()), result);
    count++;
  });
  call.charge(count / 4);
  return unless_deleted(call, *table, result);
}

static constexpr BifRow rows[] = {
    {"ets", "lookup", 2, ets_lookup_2, BifKind::plain, Authority::own_machine},
    {"ets", "lookup_element", 3, ets_lookup_element_3, BifKind::plain, Authority::own_machine},
    {"ets", "member", 2, ets_member_2, BifKind::plain, Authority::own_machine},
    {"ets", "insert", 2, ets_insert_2, BifKind::plain, Authority::own_machine},
    {"ets", "insert_new", 2, ets_insert_new_2, BifKind::plain, Authority::own_machine},
    {"ets", "delete", 2, ets_delete_2, BifKind::plain, Authority::own_machine},
    {"ets", "delete_object", 2, ets_delete_object_2, BifKind::plain, Authority::own_machine},
    {"ets", "take", 2, ets_take_2, BifKind::plain, Authority::own_machine},
};
const BifTable ets_objects_bifs = rows;

}  // namespace hanse
