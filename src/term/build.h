// Makes terms in an arena.
#pragma once

#include <concepts>
#include <initializer_list>
#include <ranges>
#include <span>
#include <string_view>

#include "term/arena.h"
#include "term/binary_view.h"

namespace hanse {

inline Term make_cons(Arena& arena, Term head, Term tail) {
  auto* cell = reinterpret_cast<Cons*>(arena.allocate(2));
  cell->head = head;
  cell->tail = tail;
  return Term::cons(cell);
}

inline Tuple* allocate_tuple(Arena& arena, size_t arity) {
  auto* tuple = reinterpret_cast<Tuple*>(arena.allocate(arity + 1));
  tuple->header = make_header(Boxed::tuple, arity);
  return tuple;
}
inline Term make_tuple(Arena& arena, std::span<const Term> elements) {
  Tuple* tuple = allocate_tuple(arena, elements.size());
  for (size_t i = 0; i < elements.size(); i++) tuple->elements[i] = elements[i];
  return Term::boxed(tuple);
}
template <std::same_as<Term>... Terms>
inline Term make_tuple(Arena& arena, Terms... elements) {
  Term array[] = {elements...};
  return make_tuple(arena, std::span<const Term>(array));
}

// A proper list of the elements, or one that ends in `tail`.
inline Term make_list(Arena& arena, std::span<const Term> elements, Term tail = Term::nil()) {
  for (size_t i = elements.size(); i-- > 0;) tail = make_cons(arena, elements[i], tail);
  return tail;
}

// Big integers of up to 64 bits; longer ones are in big.h.
HANSE_NOINLINE Term make_big_integer(Arena& arena, bool negative, uint64_t magnitude);
inline Term make_integer(Arena& arena, int64_t value) {
  if (Term::fits_small(value)) [[likely]] return Term::small(value);
  return make_big_integer(arena, value < 0, value < 0 ? -static_cast<uint64_t>(value) : static_cast<uint64_t>(value));
}
inline Term make_unsigned(Arena& arena, uint64_t value) {
  if (value <= static_cast<uint64_t>(Term::small_max)) [[likely]] return Term::small(static_cast<int64_t>(value));
  return make_big_integer(arena, false, value);
}

// value must be finite.
inline Term make_float(Arena& arena, double value) {
  if (float_fits_immediate(value)) [[likely]] return immediate_float(value);
  auto* object = reinterpret_cast<BoxedFloat*>(arena.allocate(2));
  object->header = make_header(Boxed::floating, 1);
  object->value = value;
  return Term::boxed(object);
}

// A new binary of `size` uninitialised bytes; `bytes` points at them. none() if there is no memory for it.
struct NewBinary {
  Term term;
  uint8_t* bytes;
};
NewBinary allocate_binary(Arena& arena, size_t size);
Term make_binary(Arena& arena, std::span<const uint8_t> bytes);
inline Term make_binary(Arena& arena, std::string_view text) {
  return make_binary(arena, std::span(reinterpret_cast<const uint8_t*>(text.data()), text.size()));
}
// A binary that shares `value`; takes over the caller's reference.
Term make_refc_binary(Arena& arena, OffHeapBinary* value, size_t byte_size);
// A reference made by this node that owns `value` (a reference of the caller's is taken over).
Term make_magic_reference(Arena& arena, OffHeapBinary* value);
// Part of a bit string, which may be a part itself. Copies nothing. bit_offset counts from the start of `source`.
Term make_sub_binary(Arena& arena, Term source, size_t bit_offset, size_t bit_size);

// Latin-1 characters as a list of integers.
Term make_string(Arena& arena, std::string_view text, Term tail = Term::nil());

}  // namespace hanse
