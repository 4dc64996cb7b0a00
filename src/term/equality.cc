// =:= and ==. Walks over two terms side by side with an explicit stack of ranges still to compare, in any order: the first difference
// of any kind ends it.
#include <algorithm>
#include <cstring>

#include "base/work_stack.h"
#include "term/budget.h"
#include "term/compare.h"
#include "term/compare_atomic.h"
#include "term/map.h"

namespace hanse {

namespace {

// How the terms of a range are compared. `leaves`: the children of two nodes of tries, whose leaves have equal keys and loosely equal values.
enum class Mode : uint8_t { exact, loose, leaves };

// `count` pairs of terms at a[0], b[0], a[1], b[1], ...
struct Range {
  const Term* a;
  const Term* b;
  size_t count;
  Mode mode;
};

class EqualityChecker {
 public:
  bool run(Term a, Term b, Mode mode) {
    for (;;) {
      if (a != b && !step(a, b, mode)) return false;
      if (stack_.empty() || !steps_.go_on()) return true;
      Range& range = stack_.top();
      a = *range.a++;
      b = *range.b++;
      mode = range.mode;
      if (--range.count == 0) stack_.pop();
    }
  }

 private:
  bool push(const Term* a, const Term* b, size_t count, Mode mode) {
    if (count > 0) stack_.push({a, b, count, mode});
    return true;
  }

  bool step(Term a, Term b, Mode mode) {
    if (mode == Mode::loose && a.is_number()) return same_number(a, b);
    if (a.is_cons()) return b.is_cons() && (mode == Mode::leaves ? step_leaf(a.as_cons(), b.as_cons()) : step_list(a, b, mode));
    if (!a.is_boxed() || !b.is_boxed()) return false;
    Word x = *a.as_boxed(), y = *b.as_boxed();
    switch (header_kind(x)) {
      case Boxed::tuple: return x == y && step_tuple(as_tuple(a)->elements, as_tuple(b)->elements, header_size(x), mode);
      case Boxed::positive_big:
      case Boxed::negative_big:
        return x == y && std::memcmp(a.as_boxed(), b.as_boxed(), (header_size(x) + 1) * sizeof(Word)) == 0;
      case Boxed::floating: return b.is_boxed_float() && a.as<BoxedFloat>()->value == b.as<BoxedFloat>()->value;
      case Boxed::fun:
        return x == y && detail::compare_fun_entries(a, b) == 0 &&
               push(a.as<Fun>()->environment, b.as<Fun>()->environment, a.as<Fun>()->free_count(), mode);
      case Boxed::export_fun: return b.is_export_fun() && detail::compare_export_funs(a, b) == 0;
      case Boxed::reference:
      case Boxed::magic_reference:
      case Boxed::external_reference: return b.is_reference() && detail::compare_references(a, b) == 0;
      case Boxed::external_pid: return b.is_pid() && detail::compare_pids(a, b) == 0;
      case Boxed::external_port: return b.is_port() && detail::compare_ports(a, b) == 0;
      case Boxed::flat_map: return x == y && step_flat_map(a.as<FlatMap>(), b.as<FlatMap>(), mode);
      case Boxed::hash_map:
      case Boxed::hash_map_node: return x == y && step_trie(a, b, mode);
      default:
        if (!b.is_bitstring() || bit_view(a).bit_size != bit_view(b).bit_size) return false;
        steps_.take_bytes(bit_view(a).bit_size / 8);
        return detail::compare_bits(a, b) == 0;
    }
  }

  static bool same_number(Term a, Term b) { return a.is_number() && b.is_number() && detail::compare_numbers(a, b, false) == 0; }

  // Most tuples differ, or are alike, in what they hold directly.
  bool step_tuple(const Term* a, const Term* b, size_t count, Mode mode) {
    steps_.take(count);
    size_t deep = count;  // the first element into which one has to look
    for (size_t i = 0; i < count; i++) {
      if (a[i] == b[i]) continue;
      if (a[i].is_pointer() && b[i].is_pointer())
        deep = std::min(deep, i);
      else if (mode == Mode::exact || !same_number(a[i], b[i]))
        return false;
    }
    return push(a + deep, b + deep, count - deep, mode);
  }

  bool step_list(Term a, Term b, Mode mode) {
    for (;;) {
      Cons* x = a.as_cons();
      Cons* y = b.as_cons();
      if (x->head != y->head) {
        if (x->head.is_pointer() && y->head.is_pointer()) {
          push(&x->tail, &y->tail, 1, mode);
          return push(&x->head, &y->head, 1, mode);
        }
        if (mode == Mode::exact || !same_number(x->head, y->head)) return false;
      }
      if (x->tail == y->tail || !steps_.go_on()) return true;
      if (!x->tail.is_cons() || !y->tail.is_cons()) return push(&x->tail, &y->tail, 1, mode);
      a = x->tail;
      b = y->tail;
    }
  }

  bool step_flat_map(FlatMap* a, FlatMap* b, Mode mode) {
    push(a->values, b->values, a->size(), mode);
    return a->keys == b->keys || push(as_tuple(a->keys)->elements, as_tuple(b->keys)->elements, a->size(), Mode::exact);
  }

  bool step_leaf(Cons* a, Cons* b) {
    push(&a->tail, &b->tail, 1, Mode::loose);
    return push(&a->head, &b->head, 1, Mode::exact);
  }

  // Equal keys give one shape, and headers hold the bitmaps. A leaf is a cons cell, and equal if its head and tail are.
  bool step_trie(Term a, Term b, Mode mode) {
    auto x = as_hash_map_node(a)->children(), y = as_hash_map_node(b)->children();
    Mode inner = mode == Mode::exact ? Mode::exact : Mode::leaves;
    if (as_hash_map_node(a)->bitmap() != 0) return hash_map_sizes_agree(a, b) && push(x.data(), y.data(), x.size(), inner);
    for (const Term& leaf : x) {  // keys whose hashes collide come in any order
      auto other = std::ranges::find_if(y, [&](Term term) { return exactly_equal(term.as_cons()->head, leaf.as_cons()->head); });
      if (other == y.end()) return false;
      push(&leaf.as_cons()->tail, &other->as_cons()->tail, 1, mode == Mode::exact ? Mode::exact : Mode::loose);
    }
    return true;
  }
  static bool hash_map_sizes_agree(Term a, Term b) { return !as_hash_map_node(a)->is_root() || hash_map_size(a) == hash_map_size(b); }

  WorkStack<Range, 16> stack_;
  WalkSteps steps_;
};

// Short binaries are frequent keys.
bool are_heap_binaries(Term a, Term b) { return a.is_boxed_kind(Boxed::heap_binary) && b.is_boxed_kind(Boxed::heap_binary); }
bool same_bytes(Term a, Term b) {
  auto *x = a.as<HeapBinary>(), *y = b.as<HeapBinary>();
  return x->byte_size == y->byte_size && std::memcmp(x->data, y->data, x->byte_size) == 0;
}

}  // namespace

bool exactly_equal_slow(Term a, Term b) {
  if (are_heap_binaries(a, b)) return same_bytes(a, b);
  EqualityChecker checker;
  return checker.run(a, b, Mode::exact);
}

bool equal_slow(Term a, Term b) {
  if (are_heap_binaries(a, b)) return same_bytes(a, b);
  EqualityChecker checker;
  return checker.run(a, b, Mode::loose);
}

}  // namespace hanse
