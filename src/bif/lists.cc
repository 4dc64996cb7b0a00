// lists: the functions that stock's emulator implements natively.
#include "bif/tables.h"
#include "process/call.h"
#include "term/compare.h"

namespace hanse {

// lists:reverse/2. Arguments: a proper list, any tail.
static Result lists_reverse_2(Call& call) {
  Term result = call.args[1];
  Term list = call.args[0];
  size_t count = 0;
  for (; list.is_cons(); list = list.as_cons()->tail, count++) result = make_cons(call.arena(), list.as_cons()->head, result);
  if (!list.is_nil()) return raise_badarg(call);
  call.charge(count / 16);
  return result;
}

// lists:member/2: with =:=.
static Result lists_member_2(Call& call) {
  Term wanted = call.args[0], list = call.args[1];
  size_t count = 0;
  bool by_word = !wanted.is_pointer();
  for (; list.is_cons(); list = list.as_cons()->tail, count++) {
    Term head = list.as_cons()->head;
    if (head == wanted || (!by_word && exactly_equal(head, wanted))) {
      call.charge(count / 16);
      return am::true_;
    }
  }
  call.charge(count / 16);
  if (!list.is_nil()) return raise_badarg(call);
  return am::false_;
}

// What keyfind, keymember and keysearch share: the first tuple whose element `position` equals the key (==), none() if
// there is none.
enum class KeySearch : uint8_t { found, absent, bad_argument };
static KeySearch search_key(Call& call, Term& found) {
  Term key = call.args[0], position = call.args[1], list = call.args[2];
  if (!position.is_small() || position.as_small() < 1) return KeySearch::bad_argument;
  auto index = static_cast<size_t>(position.as_small());
  // Only numbers can be equal without being of one kind.
  bool is_number = key.is_number(), by_word = !is_number && !key.is_pointer();
  size_t count = 0;
  for (; list.is_cons(); list = list.as_cons()->tail, count++) {
    Term head = list.as_cons()->head;
    if (!head.is_tuple() || as_tuple(head)->arity() < index) continue;
    Term element = as_tuple(head)->elements[index - 1];
    bool is_equal = element == key;
    if (!is_equal && !by_word) is_equal = is_number ? element.is_number() && equal(element, key)
                                                    : element.is_pointer() && equal(element, key);
    if (is_equal) {
      call.charge(count / 16);
      found = head;
      return KeySearch::found;
    }
  }
  call.charge(count / 16);
  return list.is_nil() ? KeySearch::absent : KeySearch::bad_argument;
}

static Result lists_keyfind_3(Call& call) {
  Term found;
  switch (search_key(call, found)) {
    case KeySearch::found: return found;
    case KeySearch::absent: return am::false_;
    case KeySearch::bad_argument: return raise_badarg(call);
  }
}

static Result lists_keymember_3(Call& call) {
  Term found;
  switch (search_key(call, found)) {
    case KeySearch::found: return am::true_;
    case KeySearch::absent: return am::false_;
    case KeySearch::bad_argument: return raise_badarg(call);
  }
}

static Result lists_keysearch_3(Call& call) {
  Term found;
  switch (search_key(call, found)) {
    case KeySearch::found: return make_tuple(call.arena(), am::value, found);
    case KeySearch::absent: return am::false_;
    case KeySearch::bad_argument: return raise_badarg(call);
  }
}

static constexpr BifRow rows[] = {
    {"lists", "keyfind", 3, lists_keyfind_3, BifKind::plain, Authority::pure},
    {"lists", "keymember", 3, lists_keymember_3, BifKind::plain, Authority::pure},
    {"lists", "keysearch", 3, lists_keysearch_3, BifKind::plain, Authority::pure},
    {"lists", "member", 2, lists_member_2, BifKind::plain, Authority::pure},
    {"lists", "reverse", 2, lists_reverse_2, BifKind::plain, Authority::pure},
};
const BifTable lists_bifs = rows;

}  // namespace hanse
