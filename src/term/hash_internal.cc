// The hash of maps, tables and dictionaries: 64 bits. A term is a sequence of words in a fixed order; the pairs of a large map
// are hashed apart and added, because equal maps may hold keys whose hashes collide in different orders.
#include "term/hash.h"

#include "base/bytes.h"
#include "base/work_stack.h"
#include "term/budget.h"
#include "term/atom.h"
#include "term/big.h"
#include "term/flat_bits.h"
#include "term/fun.h"
#include "term/hash_mixing.h"
#include "term/map.h"
#include "term/node.h"
#include "term/reference.h"
#include "term/views.h"

namespace hanse {

using namespace hash_mixing;

namespace {

uint64_t hash_bytes(uint64_t hash, const uint8_t* bytes, size_t size) {
  hash = combine(hash, size);
  for (; size >= 8; bytes += 8, size -= 8) hash = combine(hash, load_unaligned<uint64_t>(bytes));
  uint64_t rest = 0;
  std::memcpy(&rest, bytes, size);
  return size > 0 ? combine(hash, rest) : hash;
}

uint64_t hash_double(uint64_t hash, double value) {
  return combine(combine(hash, mark(Boxed::floating)), std::bit_cast<uint64_t>(value == 0 ? 0.0 : value));
}

template <bool loose>
class InternalHasher {
 public:
  uint64_t run(Term root) {
    add(root);
    while (!stack_.empty() && steps_.go_on()) {
      Item item = stack_.pop();
      switch (item.step) {
        case Step::term: add(Term::from_word(item.word)); break;
        case Step::terms: {
          auto* terms = reinterpret_cast<const Term*>(item.word);
          if (item.count > 1) push(terms + 1, item.count - 1);
          add(*terms);
          break;
        }
        case Step::pair_done:
          sum_ += hash_;
          hash_ = seed;
          break;
        case Step::map_done:
          hash_ = combine(item.word, sum_);
          sum_ = item.count;
          break;
      }
    }
    return finish(hash_);
  }

 private:
  enum class Step : uint8_t { term, terms, pair_done, map_done };
  struct Item {
    Step step;
    Word word;
    uint64_t count;
  };

  void push(const Term* terms, size_t count) {
    if (count > 0) stack_.push({Step::terms, reinterpret_cast<Word>(terms), count});
  }
  void mix(uint64_t word) { hash_ = combine(hash_, word); }
  // By what it is: entries come and go.
  void mix_node(const NodeEntry& node) {
    mix(node.name.word());
    mix(node.creation);
  }

  void add(Term term) {
    if (term.is_cons()) {
      add_list(term);
    } else if (term.is_boxed()) {
      add_boxed(term);
    } else if (loose && term.is_small()) {
      add_integer(term);
    } else if (loose && term.is_immediate_float()) {
      hash_ = hash_double(hash_, float_value(term));
    } else {
      mix(term.word());
    }
  }

  void add_list(Term list) {
    constexpr uint64_t cell = 0x17;
    for (;;) {
      Cons* cons = list.as_cons();
      mix(cell);
      if (cons->head.is_pointer() || loose) {
        push(&cons->tail, 1);
        push(&cons->head, 1);
        return;
      }
      mix(cons->head.word());
      steps_.take(1);
      list = cons->tail;
      if (!list.is_cons()) break;
    }
    push_term(list);
  }
  void push_term(Term term) { stack_.push({Step::term, term.word(), 0}); }

  // Integers that are floats as well hash as those.
  void add_integer(Term term) {
    double value;
    if (loose && integer_to_double(term, value) && compare_integer_float(term, value) == 0) {
      hash_ = hash_double(hash_, value);
    } else if (term.is_small()) {
      mix(term.word());
    } else {
      auto* big = term.as<Big>();
      mix(mark(header_kind(big->header)));
      for (size_t i = 0; i < big->size(); i++) mix(big->limbs[i]);
    }
  }

  void add_boxed(Term term) {
    Word* object = term.as_boxed();
    Boxed kind = header_kind(*object);
    switch (kind) {
      case Boxed::tuple:
        mix(mark(kind) + (header_size(*object) << 16));
        push(as_tuple(term)->elements, header_size(*object));
        return;
      case Boxed::positive_big:
      case Boxed::negative_big: return add_integer(term);
      case Boxed::floating: hash_ = hash_double(hash_, float_value(term)); return;
      case Boxed::fun:
      case Boxed::export_fun: return add_fun(term);
      case Boxed::reference:
      case Boxed::magic_reference: {
        ReferenceNumber number = reference_number(term);
        mix(mark(Boxed::reference));
        mix(number.number01);
        return mix(number.number2);
      }
      case Boxed::external_pid:
      case Boxed::external_port: {
        auto* external = term.as<ExternalPid>();  // ports have the same layout
        mix(mark(kind));
        mix_node(*external->node());
        return mix(external->number);
      }
      case Boxed::external_reference: {
        auto* external = term.as<ExternalReference>();
        mix(mark(kind));
        mix_node(*external->node());
        for (size_t i = 0; i < 6; i += 2) mix(external->ids[i] | static_cast<uint64_t>(external->ids[i + 1]) << 32);
        return;
      }
      case Boxed::flat_map: {
        auto* map = term.as<FlatMap>();
        mix(mark(kind) + (map->size() << 16));
        push(map->values, map->size());
        return push(as_tuple(map->keys)->elements, map->size());
      }
      case Boxed::hash_map:
      case Boxed::hash_map_node: return add_hash_map(term);
      default: {
        FlatBits bits(term);
        mix(mark(Boxed::heap_binary) + bits.tail_bits());
        steps_.take_bytes(bits.size());
        hash_ = hash_bytes(hash_, bits.bytes(), bits.size());
        if (bits.tail_bits() > 0) mix(bits.tail());
      }
    }
  }

  void add_fun(Term term) {
    mix(mark(header_kind(*term.as_boxed())));
    if (term.is_export_fun()) {
      const Export* target = term.as<ExportFun>()->target;
      mix(target->module.word());
      mix(target->function.word());
      return mix(target->arity);
    }
    Fun* fun = as_fun(term);
    mix(fun->entry->module.word());
    mix(fun->entry->index | static_cast<uint64_t>(fun->entry->old_unique) << 32);
    mix(fun->free_count());
    push(fun->environment, fun->free_count());
  }

  void add_hash_map(Term map) {
    mix(mark(Boxed::hash_map));
    mix(map_size(map));
    stack_.push({Step::map_done, hash_, sum_});
    sum_ = 0;
    hash_ = seed;
    MapIterator iterator(map);
    for (Term key, value; iterator.next(key, value);) {
      stack_.push({Step::pair_done, 0, 0});
      push_term(value);
      push_term(key);
    }
  }

  uint64_t hash_ = seed;
  uint64_t sum_ = 0;  // of the pairs of the innermost large map
  WorkStack<Item, 16> stack_;
  WalkSteps steps_;
};

}  // namespace

uint64_t internal_hash(Term term) {
  if (!term.is_pointer()) return finish(combine(seed, term.word()));
  InternalHasher<false> hasher;
  return hasher.run(term);
}

uint64_t internal_hash_loose(Term term) {
  if (term.is_atom()) return finish(combine(seed, term.word()));
  InternalHasher<true> hasher;
  return hasher.run(term);
}

}  // namespace hanse
