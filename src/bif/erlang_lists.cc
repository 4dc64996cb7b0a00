// erlang: lists.
#include <vector>

#include "bif/list_builder.h"
#include "bif/tables.h"
#include "process/call.h"
#include "term/compare.h"
#include "term/hash.h"

namespace hanse {

static Result erlang_hd_1(Call& call) {
  if (!call.args[0].is_cons()) return raise_badarg(call);
  return call.args[0].as_cons()->head;
}

static Result erlang_tl_1(Call& call) {
  if (!call.args[0].is_cons()) return raise_badarg(call);
  return call.args[0].as_cons()->tail;
}

static Result erlang_length_1(Call& call) {
  ptrdiff_t length = proper_length(call.args[0]);
  if (length < 0) return raise_badarg(call);
  call.charge(static_cast<size_t>(length) / 32);
  return Term::small(length);
}

// erlang:'++'/2 and append/2. The right operand is shared.
static Result erlang_append_2(Call& call) {
  Term left = call.args[0], right = call.args[1];
  if (left.is_nil()) return right;
  ListBuilder list(call.arena());
  for (; left.is_cons(); left = left.as_cons()->tail) list.add(left.as_cons()->head);
  if (!left.is_nil()) return raise_badarg(call);
  call.charge(list.count() / 16);
  return list.finish(right);
}

// Elements to be taken away, each with how many times: a hash table with open addressing, so that long lists cost
// linear time.
class Removals {
 public:
  Removals(Term list, size_t length) : left_(length) {
    size_t capacity = 16;
    while (capacity < length * 2) capacity *= 2;
    slots_.resize(capacity);
    for (; list.is_cons(); list = list.as_cons()->tail) {
      Slot& slot = find(list.as_cons()->head);
      slot.term = list.as_cons()->head;
      slot.count++;
    }
  }
  bool take(Term element) {
    Slot& slot = find(element);
    if (slot.count == 0) return false;
    slot.count--;
    left_--;
    return true;
  }
  bool done() const { return left_ == 0; }

 private:
  struct Slot {
    Term term = Term::none();
    uint64_t hash = 0;
    size_t count = 0;
  };
  // The element's slot, or the free one where it would go.
  Slot& find(Term element) {
    uint64_t hash = internal_hash(element);
    size_t mask = slots_.size() - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
      Slot& slot = slots_[i];
      if (slot.term.is_none()) {
        slot.hash = hash;
        return slot;
      }
      if (slot.hash == hash && exactly_equal(slot.term, element)) return slot;
    }
  }
  std::vector<Slot> slots_;
  size_t left_;
};

// A few elements: comparing with each is faster than hashing.
static Term subtract_few(Arena& arena, Term left, Term right, size_t length) {
  Term wanted[16];
  for (size_t i = 0; i < length; i++, right = right.as_cons()->tail) wanted[i] = right.as_cons()->head;
  ListBuilder list(arena);
  for (; left.is_cons() && length > 0; left = left.as_cons()->tail) {
    Term head = left.as_cons()->head;
    size_t i = 0;
    while (i < length && !exactly_equal(wanted[i], head)) i++;
    if (i == length)
      list.add(head);
    else
      wanted[i] = wanted[--length];
  }
  return list.finish(left);
}

static Term subtract_many(Arena& arena, Term left, Term right, size_t length) {
  Removals removals(right, length);
  ListBuilder list(arena);
  for (; left.is_cons() && !removals.done(); left = left.as_cons()->tail) {
    Term head = left.as_cons()->head;
    if (!removals.take(head)) list.add(head);
  }
  return list.finish(left);
}

// erlang:'--'/2 and subtract/2: takes away the first element that is =:= to each of the right operand.
static Result erlang_subtract_2(Call& call) {
  Term left = call.args[0], right = call.args[1];
  ptrdiff_t left_length = proper_length(left), right_length = proper_length(right);
  if (left_length < 0 || right_length < 0) return raise_badarg(call);
  if (left_length == 0 || right_length == 0) return left;
  call.charge(static_cast<size_t>(left_length + right_length) / 4);
  if (right_length <= 16) return subtract_few(call.arena(), left, right, static_cast<size_t>(right_length));
  return subtract_many(call.arena(), left, right, static_cast<size_t>(right_length));
}

static constexpr size_t maximum_arity = (1 << 24) - 1;

static Result erlang_list_to_tuple_1(Call& call) {
  ptrdiff_t length = proper_length(call.args[0]);
  if (length < 0 || static_cast<size_t>(length) > maximum_arity) return raise_badarg(call);
  Tuple* tuple = allocate_tuple(call.arena(), static_cast<size_t>(length));
  Term* element = tuple->elements;
  for (Term list = call.args[0]; list.is_cons(); list = list.as_cons()->tail) *element++ = list.as_cons()->head;
  call.charge(static_cast<size_t>(length) / 16);
  return Term::boxed(tuple);
}

static constexpr BifRow rows[] = {
    {"erlang", "++", 2, erlang_append_2, BifKind::plain, Authority::pure},
    {"erlang", "--", 2, erlang_subtract_2, BifKind::plain, Authority::pure},
    {"erlang", "append", 2, erlang_append_2, BifKind::plain, Authority::pure},
    {"erlang", "hd", 1, erlang_hd_1, BifKind::guard, Authority::pure},
    {"erlang", "length", 1, erlang_length_1, BifKind::guard, Authority::pure},
    {"erlang", "list_to_tuple", 1, erlang_list_to_tuple_1, BifKind::plain, Authority::pure},
    {"erlang", "subtract", 2, erlang_subtract_2, BifKind::plain, Authority::pure},
    {"erlang", "tl", 1, erlang_tl_1, BifKind::guard, Authority::pure},
};
const BifTable erlang_lists_bifs = rows;

}  // namespace hanse
