// ets: select, match and their relatives.
#include "bif/tables.h"
#include "ets/select.h"

namespace hanse {

// Runs the traversal that waits in the process, to its end or to the end of the slice.
static Result continue_select(Call& call) {
  auto* state = static_cast<Select*>(call.process.resume.get());
  if (!state->advance(call)) return Result::yield();
  std::unique_ptr<ResumeState> keep = std::move(call.process.resume);
  if (!state->table().alive()) return raise_badarg(call, am::id);
  if (state->failed) return raise_system_limit(call);
  return state->result(call);
}

struct SelectRequest {
  Access access = Access::read;
  SelectMode mode = SelectMode::collect;
  Direction direction = Direction::forward;
  Term limit = Term::none();
};

static bool parse_limit(Term term, size_t& limit) {
  if (!term.is_small() || term.as_small() < 1) return false;
  limit = static_cast<size_t>(term.as_small());
  return true;
}

static bool all_keep_key(Term specification, size_t key_position) {
  for (; specification.is_cons(); specification = specification.as_cons()->tail)
    if (!keeps_key(specification.as_cons()->head, key_position)) return false;
  return true;
}

static Result select(Call& call, Term specification, const SelectRequest& request) {
  if (call.process.resume != nullptr) return continue_select(call);
  TableArgument table(call, call.args[0], request.access);
  if (!table) return table.fail(call);
  if (request.mode == SelectMode::replace && table->type == TableType::bag) return raise_badarg(call, am::table_type);
  size_t limit = 0;
  if (!request.limit.is_none() && !parse_limit(request.limit, limit)) return raise_badarg(call);
  if (specification.is_nil()) {
    if (request.mode != SelectMode::collect) return Term::small(0);
    return limit == 0 ? Term::nil() : am::end_of_table;
  }
  OffHeapBinary* program = compile_match(specification);
  if (program == nullptr) return raise_badarg(call);
  if (request.mode == SelectMode::replace && !all_keep_key(specification, table->key_position)) {
    program->release();
    return raise_badarg(call);
  }
  call.charge(5);
  call.process.resume = std::make_unique<Select>(*table, program, request.mode, request.direction, limit);
  return continue_select(call);
}

// A pattern as a specification: [{Pattern, [], [Body]}].
static Term specification_of(Call& call, Term body) {
  Arena& arena = call.arena();
  Term clause = make_tuple(arena, call.args[1], Term::nil(), make_cons(arena, body, Term::nil()));
  return make_cons(arena, clause, Term::nil());
}

static Result ets_select_2(Call& call) { return select(call, call.args[1], {}); }
static Result ets_select_3(Call& call) { return select(call, call.args[1], {.limit = call.args[2]}); }
static Result ets_select_reverse_2(Call& call) {
  return select(call, call.args[1], {.direction = Direction::backward});
}
static Result ets_select_reverse_3(Call& call) {
  return select(call, call.args[1], {.direction = Direction::backward, .limit = call.args[2]});
}
static Result ets_select_count_2(Call& call) { return select(call, call.args[1], {.mode = SelectMode::count}); }
static Result ets_select_replace_2(Call& call) {
  return select(call, call.args[1], {.access = Access::write, .mode = SelectMode::replace});
}
static Result ets_internal_select_delete_2(Call& call) {
  return select(call, call.args[1], {.access = Access::write, .mode = SelectMode::erase});
}
static Result ets_match_2(Call& call) { return select(call, specification_of(call, am::match_variables), {}); }
static Result ets_match_3(Call& call) {
  return select(call, specification_of(call, am::match_variables), {.limit = call.args[2]});
}
static Result ets_match_object_2(Call& call) { return select(call, specification_of(call, am::match_object), {}); }
static Result ets_match_object_3(Call& call) {
  return select(call, specification_of(call, am::match_object), {.limit = call.args[2]});
}

static OffHeapBinary* program_of(Term term) {
  if (!term.is_boxed_kind(Boxed::magic_reference)) return nullptr;
  OffHeapBinary* binary = term.as<MagicReference>()->off_heap.value;
  return Magic<MatchProgram>::get(binary) == nullptr ? nullptr : binary;
}

// ets:select/1, match/1, match_object/1, select_reverse/1: the next portion. The shape is described in select.cc.
static Result ets_select_1(Call& call) {
  if (call.process.resume != nullptr) return continue_select(call);
  Term continuation = call.args[0];
  if (continuation == am::end_of_table) return am::end_of_table;
  bool ordered = is_tuple_of_arity(continuation, 8);
  if (!ordered && !is_tuple_of_arity(continuation, 6)) return raise_badarg(call);
  Term* field = as_tuple(continuation)->elements;
  TableArgument table(call, field[0], Access::read);
  if (!table) return table.fail(call);
  OffHeapBinary* program = program_of(ordered ? field[4] : field[3]);
  size_t limit;
  if (table->is_ordered() != ordered || program == nullptr || !parse_limit(ordered ? field[3] : field[2], limit))
    return raise_badarg(call);
  Direction direction = ordered && field[6] == Term::small(1) ? Direction::backward : Direction::forward;
  if (!ordered && (!field[1].is_small() || !field[4].is_list() || !field[5].is_small())) return raise_badarg(call);
  size_t leftovers = 0;
  if (!ordered)
    for (Term list = field[4]; list.is_cons(); list = list.as_cons()->tail) leftovers++;
  program->retain();
  auto state = std::make_unique<Select>(*table, program, SelectMode::collect, direction, limit);
  if (ordered) state->continue_after_key(field[1]);
  else state->continue_at(field[1].as_small() < 0 ? no_position : static_cast<size_t>(field[1].as_small()), field[4], leftovers);
  call.process.resume = std::move(state);
  return continue_select(call);
}

static constexpr BifRow rows[] = {
    {"ets", "select", 1, ets_select_1, BifKind::plain, Authority::own_machine},
    {"ets", "select", 2, ets_select_2, BifKind::plain, Authority::own_machine},
    {"ets", "select", 3, ets_select_3, BifKind::plain, Authority::own_machine},
    {"ets", "select_reverse", 1, ets_select_1, BifKind::plain, Authority::own_machine},
    {"ets", "select_reverse", 2, ets_select_reverse_2, BifKind::plain, Authority::own_machine},
    {"ets", "select_reverse", 3, ets_select_reverse_3, BifKind::plain, Authority::own_machine},
    {"ets", "select_count", 2, ets_select_count_2, BifKind::plain, Authority::own_machine},
    {"ets", "select_replace", 2, ets_select_replace_2, BifKind::plain, Authority::own_machine},
    {"ets", "internal_select_delete", 2, ets_internal_select_delete_2, BifKind::plain, Authority::own_machine},
    {"ets", "match", 1, ets_select_1, BifKind::plain, Authority::own_machine},
    {"ets", "match", 2, ets_match_2, BifKind::plain, Authority::own_machine},
    {"ets", "match", 3, ets_match_3, BifKind::plain, Authority::own_machine},
    {"ets", "match_object", 1, ets_select_1, BifKind::plain, Authority::own_machine},
    {"ets", "match_object", 2, ets_match_object_2, BifKind::plain, Authority::own_machine},
    {"ets", "match_object", 3, ets_match_object_3, BifKind::plain, Authority::own_machine},
};
const BifTable ets_select_bifs = rows;

}  // namespace hanse
