// Walks over two terms side by side with an explicit stack of ranges still to compare: the innermost on top, in the
// order in which they count. Large maps are compared through sorted copies of their pairs.
#include "term/compare.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "base/work_stack.h"
#include "term/budget.h"
#include "term/atom.h"
#include "term/compare_atomic.h"
#include "term/map.h"

namespace hanse {

using detail::Rank;

namespace {

// `count` pairs of terms at a[0], b[0], a[1], b[1], ...
struct Range {
  const Term* a;
  const Term* b;
  size_t count;
  bool exact;
};

struct Pair {
  Term key;
  Term value;
};

// Keys, then values, of a map in the order of its keys. `room` owns the copy if one is needed.
struct SortedMap {
  const Term* keys;
  const Term* values;
};
SortedMap sorted_pairs(Term map, std::vector<std::unique_ptr<Term[]>>& room) {
  if (map.is_flat_map()) {
    auto* flat = map.as<FlatMap>();
    return {as_tuple(flat->keys)->elements, flat->values};
  }
  std::vector<Pair> pairs;
  pairs.reserve(map_size(map));
  MapIterator iterator(map);
  for (Pair pair; iterator.next(pair.key, pair.value);) pairs.push_back(pair);
  std::sort(pairs.begin(), pairs.end(), [](const Pair& x, const Pair& y) { return compare_exact(x.key, y.key) < 0; });
  room.push_back(std::make_unique_for_overwrite<Term[]>(2 * pairs.size()));
  Term* keys = room.back().get();
  for (size_t i = 0; i < pairs.size(); i++) {
    keys[i] = pairs[i].key;
    keys[pairs.size() + i] = pairs[i].value;
  }
  return {keys, keys + pairs.size()};
}

class Comparer {
 public:
  int run(Term a, Term b, bool exact) {
    for (;;) {
      if (a != b)
        if (int order = step(a, b, exact); order != 0) return order;
      if (stack_.empty() || !steps_.go_on()) return 0;
      Range& range = stack_.top();
      a = *range.a++;
      b = *range.b++;
      exact = range.exact;
      if (--range.count == 0) stack_.pop();
    }
  }

 private:
  void push(const Term* a, const Term* b, size_t count, bool exact) {
    if (count > 0) stack_.push({a, b, count, exact});
  }

  // The order, if it is known without looking inside; otherwise zero, and what is inside is on the stack.
  int step(Term a, Term b, bool exact) {
    if (Term::both_small(a, b)) return a.as_small() < b.as_small() ? -1 : 1;
    if (a.is_atom() && b.is_atom()) return compare_atoms(a, b);
    Rank rank = detail::rank_of(a), other = detail::rank_of(b);
    if (rank != other) return rank < other ? -1 : 1;
    switch (rank) {
      case Rank::number: return detail::compare_numbers(a, b, exact);
      case Rank::atom: return compare_atoms(a, b);
      case Rank::reference: return detail::compare_references(a, b);
      case Rank::fun: return step_fun(a, b, exact);
      case Rank::port: return detail::compare_ports(a, b);
      case Rank::pid: return detail::compare_pids(a, b);
      case Rank::tuple: return step_tuple(as_tuple(a), as_tuple(b), exact);
      case Rank::map: return step_map(a, b, exact);
      case Rank::nil: return 0;
      case Rank::list: return step_list(a, b, exact);
      case Rank::bitstring:
        steps_.take_bytes(std::min(bit_view(a).bit_size, bit_view(b).bit_size) / 8);
        return detail::compare_bits(a, b);
    }
    return 0;
  }

  int step_tuple(Tuple* a, Tuple* b, bool exact) {
    if (a->arity() != b->arity()) return a->arity() < b->arity() ? -1 : 1;
    size_t count = a->arity(), alike = 0;
    while (alike < count && a->elements[alike] == b->elements[alike]) alike++;
    steps_.take(alike);
    push(a->elements + alike, b->elements + alike, count - alike, exact);
    return 0;
  }

  int step_list(Term a, Term b, bool exact) {
    for (;;) {
      Cons* x = a.as_cons();
      Cons* y = b.as_cons();
      if (x->head != y->head) {
        if (Term::both_small(x->head, y->head)) return x->head.as_small() < y->head.as_small() ? -1 : 1;
        push(&x->tail, &y->tail, 1, exact);
        push(&x->head, &y->head, 1, exact);
        return 0;
      }
      if (!x->tail.is_cons() || !y->tail.is_cons()) {
        push(&x->tail, &y->tail, 1, exact);
        return 0;
      }
      if (x->tail == y->tail || !steps_.go_on()) return 0;
      a = x->tail;
      b = y->tail;
    }
  }

  int step_fun(Term a, Term b, bool exact) {
    if (a.is_local_fun() != b.is_local_fun()) return a.is_local_fun() ? -1 : 1;
    if (a.is_export_fun()) return detail::compare_export_funs(a, b);
    if (int order = detail::compare_fun_entries(a, b); order != 0) return order;
    push(a.as<Fun>()->environment, b.as<Fun>()->environment, a.as<Fun>()->free_count(), exact);
    return 0;
  }

  // By size, then all keys in their total order, then the values in the order of the keys.
  int step_map(Term a, Term b, bool exact) {
    size_t size = map_size(a);
    if (size_t other = map_size(b); size != other) return size < other ? -1 : 1;
    steps_.take(size);
    SortedMap x = sorted_pairs(a, room_), y = sorted_pairs(b, room_);
    push(x.values, y.values, size, exact);
    push(x.keys, y.keys, size, true);
    return 0;
  }

  WorkStack<Range, 16> stack_;
  WalkSteps steps_;
  std::vector<std::unique_ptr<Term[]>> room_;
};

}  // namespace

int compare_slow(Term a, Term b) {
  Comparer comparer;
  return comparer.run(a, b, false);
}

int compare_exact(Term a, Term b) {
  if (a == b) return 0;
  Comparer comparer;
  return comparer.run(a, b, true);
}

}  // namespace hanse
