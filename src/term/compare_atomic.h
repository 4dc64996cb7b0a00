// Order of terms that hold no other terms. Private to compare*.cc.
#pragma once

#include "term/compare.h"
#include "term/views.h"

namespace hanse::detail {

// Where a type stands in the order of terms; the order of the Erlang Reference Manual.
enum class Rank : uint8_t { number, atom, reference, fun, port, pid, tuple, map, nil, list, bitstring };
Rank rank_of(Term term);

template <class T>
constexpr int order_of(const T& a, const T& b) {
  return a < b ? -1 : a > b;
}

// exact: integers before floats.
int compare_numbers(Term a, Term b, bool exact);
// By number, then name and creation of the node.
int compare_pids(Term a, Term b);
// By node, then number.
int compare_ports(Term a, Term b);
int compare_references(Term a, Term b);
// Bit by bit; a prefix is smaller.
int compare_bits(Term a, Term b);
int compare_export_funs(Term a, Term b);
// Module, position in the module and number of free variables, but not their values.
int compare_fun_entries(Term a, Term b);

}  // namespace hanse::detail
