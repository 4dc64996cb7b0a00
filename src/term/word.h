// The tagged word. A Term is one 64-bit word; it is a value, owned by whoever holds it, and means something only while
// the heap that it points into lives.
//
//   low bits   meaning
//   ........000 header of a boxed object, or a return address: only inside heaps and stacks, never a value
//   ........001 cons cell
//   ........100 boxed object (first word is a header)
//   .........10 immediate float: the double rotated left by three after adding 1 << 60 to its bits; doubles whose
//               three top exponent bits are 011 or 100 get these two low bits by themselves ("float self-tagging")
//   .......0011 local pid          .......0111 local port          .......1111 small integer, 60 bits
//   .....001011 atom               .....011011 catch marker        .....111011 nil
//
// Header: bits 3..7 the kind of object, bits 8..47 the number of words that follow, bits 48..63 for the object's use.
#pragma once

#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "base/compiler.h"

namespace hanse {

using Word = uint64_t;

// Kinds of boxed objects. The table in header.h says how many raw words each has before its terms.
enum class Boxed : uint8_t {
  tuple = 0,
  positive_big = 1,
  negative_big = 2,
  floating = 3,
  fun = 4,
  export_fun = 5,
  reference = 6,
  magic_reference = 7,
  external_pid = 8,
  external_port = 9,
  external_reference = 10,
  heap_binary = 11,
  refc_binary = 12,
  sub_binary = 13,
  match_context = 14,
  flat_map = 15,
  hash_map = 16,       // root of a hash array mapped trie
  hash_map_node = 17,  // inner node
};

struct Cons;
struct Tuple;

class Term {
 public:
  static constexpr Word cons_tag = 0b001, boxed_tag = 0b100, float_tag = 0b10;
  static constexpr Word pid_tag = 0b0011, port_tag = 0b0111, small_tag = 0b1111;
  static constexpr Word atom_tag = 0b001011, catch_tag = 0b011011, nil_word = 0b111011;
  static constexpr int small_bits = 60;
  static constexpr int64_t small_max = (int64_t{1} << 59) - 1, small_min = -(int64_t{1} << 59);

  constexpr Term() = default;
  static constexpr Term from_word(Word word) {
    Term term;
    term.word_ = word;
    return term;
  }
  // The absence of a term. Never visible to guests.
  static constexpr Term none() { return Term(); }
  static constexpr Term nil() { return from_word(nil_word); }
  static constexpr Term small(int64_t value) { return from_word((static_cast<Word>(value) << 4) | small_tag); }
  static constexpr Term atom(uint32_t index) { return from_word((static_cast<Word>(index) << 6) | atom_tag); }
  static constexpr Term pid(uint64_t number) { return from_word((number << 4) | pid_tag); }
  static constexpr Term port(uint64_t number) { return from_word((number << 4) | port_tag); }
  static Term cons(const Cons* cell) { return from_word(reinterpret_cast<Word>(cell) | cons_tag); }
  // object: pointer to its header word.
  static Term boxed(const void* object) { return from_word(reinterpret_cast<Word>(object) | boxed_tag); }
  // A catch marker on a stack; handler is the code to continue at.
  static Term catch_marker(const void* handler) {
    return from_word((reinterpret_cast<Word>(handler) << 6) | catch_tag);
  }

  constexpr Word word() const { return word_; }
  constexpr bool is_none() const { return word_ == 0; }
  constexpr bool is_cons() const { return (word_ & 7) == cons_tag; }
  constexpr bool is_boxed() const { return (word_ & 7) == boxed_tag; }
  constexpr bool is_pointer() const { return is_cons() || is_boxed(); }
  constexpr bool is_nil() const { return word_ == nil_word; }
  constexpr bool is_list() const { return is_cons() || is_nil(); }
  constexpr bool is_small() const { return (word_ & 15) == small_tag; }
  constexpr bool is_atom() const { return (word_ & 63) == atom_tag; }
  constexpr bool is_catch_marker() const { return (word_ & 63) == catch_tag; }
  constexpr bool is_local_pid() const { return (word_ & 15) == pid_tag; }
  constexpr bool is_local_port() const { return (word_ & 15) == port_tag; }
  constexpr bool is_immediate_float() const { return (word_ & 3) == float_tag; }
  // The low three bits of a header or a return address.
  constexpr bool is_header() const { return (word_ & 7) == 0; }
  static constexpr bool both_small(Term a, Term b) { return (a.word_ & b.word_ & 15) == small_tag; }
  static constexpr bool fits_small(int64_t value) { return value >= small_min && value <= small_max; }

  constexpr int64_t as_small() const { return static_cast<int64_t>(word_) >> 4; }
  constexpr uint32_t atom_index() const { return static_cast<uint32_t>(word_ >> 6); }
  constexpr uint64_t pid_number() const { return word_ >> 4; }
  constexpr uint64_t port_number() const { return word_ >> 4; }
  const void* catch_handler() const { return reinterpret_cast<const void*>(word_ >> 6); }
  Cons* as_cons() const { return reinterpret_cast<Cons*>(word_ - cons_tag); }
  // Pointer to the header word of a boxed object.
  Word* as_boxed() const { return reinterpret_cast<Word*>(word_ - boxed_tag); }
  template <class View>
  View* as() const {
    return reinterpret_cast<View*>(word_ - boxed_tag);
  }
  inline bool is_boxed_kind(Boxed kind) const;

  // Guest types. Definitions that look behind the pointer are in header.h.
  inline bool is_tuple() const;
  inline bool is_big() const;
  inline bool is_integer() const { return is_small() || is_big(); }
  inline bool is_boxed_float() const;
  inline bool is_float() const { return is_immediate_float() || is_boxed_float(); }
  inline bool is_number() const { return is_integer() || is_float(); }
  inline bool is_local_fun() const;
  inline bool is_export_fun() const;
  inline bool is_fun() const { return is_local_fun() || is_export_fun(); }
  inline bool is_internal_reference() const;
  inline bool is_reference() const;
  inline bool is_pid() const;
  inline bool is_port() const;
  inline bool is_flat_map() const;
  inline bool is_hash_map() const;
  inline bool is_map() const { return is_flat_map() || is_hash_map(); }
  inline bool is_bitstring() const;
  inline bool is_binary() const;  // a bitstring of whole bytes

  // Identity of words, not Erlang's =:= (see order.h).
  friend constexpr bool operator==(Term, Term) = default;

 private:
  Word word_ = 0;
};
static_assert(sizeof(Term) == 8);

struct Cons {
  Term head;
  Term tail;
};

// Immediate floats: see the table above.
constexpr bool float_fits_immediate(double value) {
  Word rotated = std::rotl(std::bit_cast<Word>(value) + (Word{1} << 60), 3);
  if !consteval {
    asm("" : "+r"(rotated));  // else the compiler tests the top bits of the double, with constants of 64 bits
  }
  return (rotated & 3) == Term::float_tag;
}
constexpr Term immediate_float(double value) {
  return Term::from_word(std::rotl(std::bit_cast<Word>(value) + (Word{1} << 60), 3));
}
constexpr bool both_immediate_floats(Term a, Term b) {
  return (((a.word() ^ Term::float_tag) | (b.word() ^ Term::float_tag)) & 3) == 0;
}
constexpr double immediate_float_value(Term term) {
  return std::bit_cast<double>(std::rotr(term.word(), 3) - (Word{1} << 60));
}

}  // namespace hanse

