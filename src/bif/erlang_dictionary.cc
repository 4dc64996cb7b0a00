// erlang: the process dictionary.
#include "bif/tables.h"
#include "process/call.h"
#include "term/compare.h"

namespace hanse {

static Term or_undefined(Term term) { return term.is_none() ? am::undefined : term; }

static Result erlang_get_1(Call& call) { return or_undefined(call.process.dictionary.get(call.args[0])); }

static Result erlang_put_2(Call& call) {
  return or_undefined(call.process.dictionary.put(call.args[0], call.args[1]));
}

static Result erlang_erase_1(Call& call) { return or_undefined(call.process.dictionary.erase(call.args[0])); }

static Term all_pairs(Call& call) {
  Term list = Term::nil();
  // One block for all: a tuple of two and a cell for each.
  static constexpr size_t words_each = 5;
  Word* next = call.arena().allocate(call.process.dictionary.size() * words_each);
  call.process.dictionary.for_each([&](Term key, Term value) {
    auto* pair = reinterpret_cast<Tuple*>(next);
    pair->header = make_header(Boxed::tuple, 2);
    pair->elements[0] = key;
    pair->elements[1] = value;
    auto* cell = reinterpret_cast<Cons*>(next + 3);
    *cell = {Term::boxed(pair), list};
    list = Term::cons(cell);
    next += words_each;
  });
  call.charge(call.process.dictionary.size() / 8);
  return list;
}

static Result erlang_get_0(Call& call) { return all_pairs(call); }

static Result erlang_erase_0(Call& call) {
  Term pairs = all_pairs(call);
  call.process.dictionary.clear();
  return pairs;
}

static Result erlang_get_keys_0(Call& call) {
  Term list = Term::nil();
  call.process.dictionary.for_each([&](Term key, Term) { list = make_cons(call.arena(), key, list); });
  call.charge(call.process.dictionary.size() / 8);
  return list;
}

// get_keys/1: the keys whose value is =:= to the argument.
static Result erlang_get_keys_1(Call& call) {
  Term list = Term::nil();
  call.process.dictionary.for_each([&](Term key, Term value) {
    if (exactly_equal(value, call.args[0])) list = make_cons(call.arena(), key, list);
  });
  call.charge(call.process.dictionary.size() / 8);
  return list;
}

static constexpr BifRow rows[] = {
    {"erlang", "erase", 0, erlang_erase_0, BifKind::plain, Authority::own_process},
    {"erlang", "erase", 1, erlang_erase_1, BifKind::plain, Authority::own_process},
    {"erlang", "get", 0, erlang_get_0, BifKind::plain, Authority::own_process},
    {"erlang", "get", 1, erlang_get_1, BifKind::plain, Authority::own_process},
    {"erlang", "get_keys", 0, erlang_get_keys_0, BifKind::plain, Authority::own_process},
    {"erlang", "get_keys", 1, erlang_get_keys_1, BifKind::plain, Authority::own_process},
    {"erlang", "put", 2, erlang_put_2, BifKind::plain, Authority::own_process},
};
const BifTable erlang_dictionary_bifs = rows;

}  // namespace hanse
