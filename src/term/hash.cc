// The portable hashes, which stock defines by their values: files, Mnesia tables and other nodes depend on them.
// portable_hash2 mixes 32-bit pairs with Jenkins' lookup2; portable_hash multiplies by primes just above 2^28.
#include "term/hash.h"

#include <bit>

#include "base/bytes.h"
#include "base/work_stack.h"
#include "term/budget.h"
#include "term/atom.h"
#include "term/flat_bits.h"
#include "term/fun.h"
#include "term/map.h"
#include "term/reference.h"
#include "term/views.h"

namespace hanse {

namespace {

// Low 32 bits of what a pid, port or reference is hashed by.
uint32_t pid_id(Term pid) {
  return static_cast<uint32_t>(pid.is_local_pid() ? pid.pid_number() : pid.as<ExternalPid>()->number);
}
uint64_t port_id(Term port) { return port.is_local_port() ? port.port_number() : port.as<ExternalPort>()->number; }
uint32_t reference_id(Term reference) {
  if (reference.is_boxed_kind(Boxed::external_reference)) return reference.as<ExternalReference>()->ids[0];
  return static_cast<uint32_t>(reference_number(reference).number01);
}
uint64_t float_bits(Term term) {
  double value = float_value(term);
  return std::bit_cast<uint64_t>(value == 0 ? 0.0 : value);
}
bool is_byte(Term term) { return term.is_small() && static_cast<uint64_t>(term.as_small()) < 256; }
uint32_t low(uint64_t value) { return static_cast<uint32_t>(value); }
uint32_t high(uint64_t value) { return static_cast<uint32_t>(value >> 32); }

// Jenkins, "Hash Functions", Dr. Dobb's Journal, September 1997.
struct Lookup2 {
  uint32_t a, b, c;
  void mix() {
    a = (a - b - c) ^ (c >> 13);
    b = (b - c - a) ^ (a << 8);
    c = (c - a - b) ^ (b >> 13);
    a = (a - b - c) ^ (c >> 12);
    b = (b - c - a) ^ (a << 16);
    c = (c - a - b) ^ (b >> 5);
    a = (a - b - c) ^ (c >> 3);
    b = (b - c - a) ^ (a << 10);
    c = (c - a - b) ^ (b >> 15);
  }
};

// Multiples of the golden ratio tell the kinds of values apart.
constexpr uint32_t golden(uint32_t n) { return 0x9e3779b9u * n; }

uint32_t hash_block(const uint8_t* bytes, size_t size, uint32_t initial) {
  Lookup2 state{golden(1), golden(1), initial};
  size_t left = size;
  for (; left >= 12; left -= 12, bytes += 12) {
    state.a += load_unaligned<uint32_t>(bytes);
    state.b += load_unaligned<uint32_t>(bytes + 4);
    state.c += load_unaligned<uint32_t>(bytes + 8);
    state.mix();
  }
  uint8_t last[12] = {};
  if (left > 0) std::memcpy(last, bytes, left);
  state.a += load_unaligned<uint32_t>(last);
  state.b += load_unaligned<uint32_t>(last + 4);
  // The lowest byte of the third word belongs to the length.
  state.c += low(size) + (load_unaligned<uint32_t>(last + 8) << 8);
  state.mix();
  return state.c;
}

class Hasher2 {
 public:
  uint32_t run(Term root) {
    add(root);
    while (!stack_.empty() && steps_.go_on()) {
      Item item = stack_.pop();
      switch (item.step) {
        case Step::terms: {
          auto* terms = reinterpret_cast<const Term*>(item.word);
          if (item.count > 1) stack_.push({Step::terms, reinterpret_cast<Word>(terms + 1), item.count - 1});
          add(*terms);
          break;
        }
        case Step::term: add(Term::from_word(item.word)); break;
        // The pairs of a map are hashed apart and combined so that their order does not matter.
        case Step::pair_done:
          pairs_ ^= hash_;
          hash_ = 0;
          break;
        case Step::map_done:
          hash_ = low(item.word);
          mix(pairs_, 0, 19);
          pairs_ = low(item.count);
          break;
      }
    }
    return hash_;
  }

 private:
  enum class Step : uint8_t { terms, term, pair_done, map_done };
  struct Item {
    Step step;
    Word word;
    size_t count;
  };

  void push(const Term* terms, size_t count) {
    if (count > 0) stack_.push({Step::terms, reinterpret_cast<Word>(terms), count});
  }
  void push(Term term) { stack_.push({Step::term, term.word(), 0}); }

  void mix(uint32_t x, uint32_t y, uint32_t kind) {
    Lookup2 state{golden(kind) + x, golden(kind) + y, hash_};
    state.mix();
    hash_ = state.c;
  }

  void add(Term term) {
    if (term.is_small()) {
      add_small(term.as_small());
    } else if (term.is_atom()) {
      if (hash_ == 0) {
        hash_ = atom_hash(term);
      } else {
        mix(atom_hash(term), 0, 3);
      }
    } else if (term.is_cons()) {
      add_list(term);
    } else if (term.is_nil()) {
      if (hash_ == 0) {
        hash_ = 3468870702;
      } else {
        mix(2, 0, 2);
      }
    } else if (term.is_float()) {
      mix(high(float_bits(term)), low(float_bits(term)), 12);
    } else if (term.is_pid()) {
      mix(pid_id(term), 0, 5);
    } else if (term.is_port()) {
      mix(low(port_id(term)), high(port_id(term)), 6);
    } else {
      add_boxed(term);
    }
  }

  void add_small(int64_t value) {
    if (value >= -(1 << 27) && value < (1 << 27)) {
      if (value < 0) mix(low(-value), 0, 1);  // negative numbers are mixed twice
      mix(low(value), 0, 1);
    } else {
      uint64_t magnitude = value < 0 ? -static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
      mix(low(magnitude), high(magnitude), value < 0 ? 10 : 11);
    }
  }

  // Bytes at the front of a list are taken four at a time.
  void add_list(Term list) {
    uint32_t bytes = 0;
    int count = 0;
    while (list.is_cons() && is_byte(list.as_cons()->head)) {
      bytes = (bytes << 8) + low(list.as_cons()->head.as_small());
      if (++count == 4) {
        mix(bytes, 0, 4);
        bytes = 0;
        count = 0;
        steps_.take(4);
      }
      list = list.as_cons()->tail;
    }
    if (count > 0) mix(bytes, 0, 4);
    if (!list.is_cons()) return push(list);
    push(&list.as_cons()->tail, 1);
    push(&list.as_cons()->head, 1);
  }

  void add_boxed(Term term) {
    Word* object = term.as_boxed();
    switch (header_kind(*object)) {
      case Boxed::tuple:
        mix(low(header_size(*object)), 0, 9);
        return push(as_tuple(term)->elements, header_size(*object));
      case Boxed::positive_big:
      case Boxed::negative_big: {
        auto* big = term.as<Big>();
        for (size_t i = 0; i < big->size(); i++)
          mix(low(big->limbs[i]), high(big->limbs[i]), big->is_negative() ? 10 : 11);
        return;
      }
      case Boxed::fun: {
        Fun* fun = as_fun(term);
        mix(low(fun->free_count()), atom_hash(fun->entry->module), 1);
        mix(fun->entry->index, fun->entry->old_unique, 1);
        return push(fun->environment, fun->free_count());
      }
      case Boxed::export_fun: {
        const Export* target = term.as<ExportFun>()->target;
        mix(target->arity, atom_hash(target->module), 1);
        return mix(atom_hash(target->function), 0, 14);
      }
      case Boxed::reference:
      case Boxed::magic_reference:
      case Boxed::external_reference: return mix(reference_id(term), 0, 7);
      case Boxed::flat_map:
      case Boxed::hash_map: return add_map(term);
      default: return add_bits(FlatBits(term));
    }
  }

  void add_map(Term map) {
    size_t size = map_size(map);
    mix(low(size), 0, 16);
    if (size == 0) return;
    stack_.push({Step::map_done, hash_, pairs_});
    hash_ = pairs_ = 0;
    MapIterator iterator(map);
    for (Term key, value; iterator.next(key, value);) {
      stack_.push({Step::pair_done, 0, 0});
      push(value);
      push(key);
    }
  }

  void add_bits(const FlatBits& bits) {
    steps_.take_bytes(bits.size());
    uint32_t initial = golden(13) + hash_;
    if (bits.size() == 0 && bits.tail_bits() == 0) {
      hash_ = initial;
      return;
    }
    hash_ = hash_block(bits.bytes(), bits.size() & 0xffffffff, initial);
    if (bits.tail_bits() != 0) mix(bits.tail_bits(), bits.tail(), 15);
  }

  uint32_t hash_ = 0;
  uint32_t pairs_ = 0;  // of the innermost map
  WorkStack<Item, 32> stack_;
  WalkSteps steps_;
};

class Hasher1 {
 public:
  uint32_t run(Term root) {
    add(root);
    while (!stack_.empty() && steps_.go_on()) {
      Item item = stack_.pop();
      switch (item.step) {
        case Step::terms: {
          auto* terms = reinterpret_cast<const Term*>(item.word);
          if (item.count > 1) stack_.push({Step::terms, reinterpret_cast<Word>(terms + 1), item.count - 1});
          add(*terms);
          break;
        }
        case Step::tuple_done: step(9, low(item.count)); break;
        case Step::tail: {
          Term tail = Term::from_word(item.word);
          if (tail.is_cons()) {
            add_list(tail);
          } else {
            stack_.push({Step::list_done, 0, 0});
            add(tail);
          }
          break;
        }
        case Step::list_done: hash_ *= primes[8]; break;
      }
    }
    return hash_;
  }

 private:
  enum class Step : uint8_t { terms, tuple_done, tail, list_done };
  struct Item {
    Step step;
    Word word;
    size_t count;
  };
  static constexpr uint32_t primes[] = {0,         268440163, 268439161, 268435459, 268436141,
                                        268438633, 268437017, 268438039, 268437511, 268439627,
                                        268440479, 268440577, 268440581, 268440593, 268440611};

  void step(int prime, uint32_t value) { hash_ = hash_ * primes[prime] + value; }
  void step_bytes(int prime, uint32_t value) {
    for (int i = 0; i < 4; i++, value >>= 8) step(prime, value & 0xff);
  }
  void push(const Term* terms, size_t count) {
    if (count > 0) stack_.push({Step::terms, reinterpret_cast<Word>(terms), count});
  }

  void add(Term term) {
    if (term.is_small()) {
      int64_t value = term.as_small();
      Word magnitude = value < 0 ? -static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
      add_integer({&magnitude, 1}, value < 0);
    } else if (term.is_atom()) {
      step(1, atom_hash(term));
    } else if (term.is_nil()) {
      step(3, 1);
    } else if (term.is_cons()) {
      add_list(term);
    } else if (term.is_float()) {
      step(6, high(float_bits(term)) ^ low(float_bits(term)));
    } else if (term.is_pid()) {
      step_bytes(5, pid_id(term));
      hash_ *= primes[6];
    } else if (term.is_port()) {
      if (high(port_id(term)) != 0) step_bytes(11, high(port_id(term)));
      step_bytes(9, low(port_id(term)));
      hash_ *= primes[10];
    } else {
      add_boxed(term);
    }
  }

  // Byte by byte from the least significant; the upper half of the last limb counts only if it is not zero.
  void add_integer(std::span<const Word> limbs, bool negative) {
    for (size_t i = 0; i < limbs.size(); i++) {
      step_bytes(2, low(limbs[i]));
      if (i + 1 < limbs.size() || high(limbs[i]) != 0) step_bytes(2, high(limbs[i]));
    }
    hash_ *= negative ? primes[4] : primes[3];
  }

  void add_list(Term list) {
    while (is_byte(list.as_cons()->head)) {
      step(2, low(list.as_cons()->head.as_small()));
      steps_.take(1);
      list = list.as_cons()->tail;
      if (!list.is_cons()) {
        stack_.push({Step::tail, list.word(), 0});
        return;
      }
    }
    stack_.push({Step::tail, list.as_cons()->tail.word(), 0});
    push(&list.as_cons()->head, 1);
  }

  void add_boxed(Term term) {
    Word* object = term.as_boxed();
    switch (header_kind(*object)) {
      case Boxed::tuple:
        stack_.push({Step::tuple_done, 0, header_size(*object)});
        return push(as_tuple(term)->elements, header_size(*object));
      case Boxed::positive_big:
      case Boxed::negative_big:
        return add_integer({term.as<Big>()->limbs, term.as<Big>()->size()}, term.as<Big>()->is_negative());
      case Boxed::fun: {
        Fun* fun = as_fun(term);
        step(10, low(fun->free_count()));
        step(1, atom_hash(fun->entry->module));
        step(2, fun->entry->index);
        step(2, fun->entry->old_unique);
        return push(fun->environment, fun->free_count());
      }
      case Boxed::export_fun: {
        const Export* target = term.as<ExportFun>()->target;
        step(11, target->arity);
        step(1, atom_hash(target->module));
        return step(1, atom_hash(target->function));
      }
      case Boxed::reference:
      case Boxed::magic_reference:
      case Boxed::external_reference:
        step_bytes(9, reference_id(term));
        hash_ *= primes[10];
        return;
      case Boxed::flat_map:
      case Boxed::hash_map: return step(13, primes[14] + portable_hash2(term));
      default: return add_bits(FlatBits(term));
    }
  }

  void add_bits(const FlatBits& bits) {
    steps_.take_bytes(bits.size());
    for (size_t i = 0; i < bits.size(); i++) step(1, bits.bytes()[i]);
    if (bits.tail_bits() != 0) {
      step(1, bits.tail());
      step(12, bits.tail_bits());
    }
    step(4, low(bits.size()));
  }

  uint32_t hash_ = 0;
  WorkStack<Item, 32> stack_;
  WalkSteps steps_;
};

}  // namespace

uint32_t portable_hash2(Term term) {
  if (term.is_atom()) return atom_hash(term);
  Hasher2 hasher;
  return hasher.run(term);
}

uint32_t portable_hash(Term term) {
  Hasher1 hasher;
  return hasher.run(term);
}

}  // namespace hanse
