// The functions that guards and bodies of match specifications may call, over plain terms.
#include <cmath>

#include "ets/match_spec.h"
#include "term/arithmetic.h"
#include "term/atom.h"
#include "term/big.h"
#include "term/build.h"
#include "term/compare.h"
#include "term/map.h"
#include "term/node.h"

namespace hanse {

namespace {

using Args = const Term*;

template <bool (Term::*test)() const>
Term type_test(GuardContext&, Args a) {
  return boolean((a[0].*test)());
}
Term is_list(GuardContext&, Args a) { return boolean(a[0].is_list()); }
Term is_atom(GuardContext&, Args a) { return boolean(a[0].is_atom()); }

Term is_record(GuardContext&, Args a) {
  if (!a[1].is_atom() || !a[2].is_small()) return Term::none();
  return boolean(a[0].is_tuple() && a[2].as_small() > 0 &&
                 as_tuple(a[0])->arity() == static_cast<size_t>(a[2].as_small()) && as_tuple(a[0])->elements[0] == a[1]);
}

template <Term (*operation)(Arena&, Term)>
Term unary(GuardContext& context, Args a) {
  Term result = operation(context.arena, a[0]);
  return arithmetic_failed(result) ? Term::none() : result;
}
template <Term (*operation)(Arena&, Term, Term)>
Term binary(GuardContext& context, Args a) {
  Term result = operation(context.arena, a[0], a[1]);
  return arithmetic_failed(result) ? Term::none() : result;
}

Term less(GuardContext&, Args a) { return boolean(compare(a[0], a[1]) < 0); }
Term less_or_equal(GuardContext&, Args a) { return boolean(compare(a[0], a[1]) <= 0); }
Term greater(GuardContext&, Args a) { return boolean(compare(a[0], a[1]) > 0); }
Term greater_or_equal(GuardContext&, Args a) { return boolean(compare(a[0], a[1]) >= 0); }
Term is_equal(GuardContext&, Args a) { return boolean(equal(a[0], a[1])); }
Term is_not_equal(GuardContext&, Args a) { return boolean(!equal(a[0], a[1])); }
Term is_exactly_equal(GuardContext&, Args a) { return boolean(exactly_equal(a[0], a[1])); }
Term is_not_exactly_equal(GuardContext&, Args a) { return boolean(!exactly_equal(a[0], a[1])); }

bool is_boolean(Term term) { return term == am::true_ || term == am::false_; }
Term not_(GuardContext&, Args a) { return is_boolean(a[0]) ? boolean(a[0] == am::false_) : Term::none(); }
Term xor_(GuardContext&, Args a) {
  return is_boolean(a[0]) && is_boolean(a[1]) ? boolean(a[0] != a[1]) : Term::none();
}

Term element(GuardContext&, Args a) {
  if (!a[0].is_small() || !a[1].is_tuple()) return Term::none();
  int64_t position = a[0].as_small();
  if (position < 1 || static_cast<size_t>(position) > as_tuple(a[1])->arity()) return Term::none();
  return as_tuple(a[1])->elements[position - 1];
}
Term hd(GuardContext&, Args a) { return a[0].is_cons() ? a[0].as_cons()->head : Term::none(); }
Term tl(GuardContext&, Args a) { return a[0].is_cons() ? a[0].as_cons()->tail : Term::none(); }
Term length(GuardContext&, Args a) {
  int64_t count = 0;
  Term list = a[0];
  for (; list.is_cons(); list = list.as_cons()->tail) count++;
  return list.is_nil() ? Term::small(count) : Term::none();
}

Term number_of(size_t count) { return Term::small(static_cast<int64_t>(count)); }
Term bit_size(GuardContext&, Args a) { return a[0].is_bitstring() ? number_of(bit_view(a[0]).bit_size) : Term::none(); }
Term byte_size(GuardContext&, Args a) {
  return a[0].is_bitstring() ? number_of((bit_view(a[0]).bit_size + 7) / 8) : Term::none();
}
Term size(GuardContext&, Args a) {
  if (a[0].is_tuple()) return number_of(as_tuple(a[0])->arity());
  return a[0].is_bitstring() ? number_of(bit_view(a[0]).bit_size / 8) : Term::none();
}
Term size_of_map(GuardContext&, Args a) { return a[0].is_map() ? number_of(map_size(a[0])) : Term::none(); }
Term get_from_map(GuardContext&, Args a) { return a[1].is_map() ? map_get(a[1], a[0]) : Term::none(); }
Term is_map_key(GuardContext&, Args a) {
  return a[1].is_map() ? boolean(!map_get(a[1], a[0]).is_none()) : Term::none();
}

Term binary_part(GuardContext& context, Term source, Term start, Term length) {
  int64_t from, count;
  if (!source.is_bitstring() || !start.is_small() || !length.is_small()) return Term::none();
  from = start.as_small();
  count = length.as_small();
  if (count < 0) {
    from += count;
    count = -count;
  }
  auto bytes = static_cast<int64_t>(bit_view(source).bit_size / 8);
  if (from < 0 || from > bytes || count > bytes - from) return Term::none();
  return make_sub_binary(context.arena, source, static_cast<size_t>(from) * 8, static_cast<size_t>(count) * 8);
}
Term binary_part_3(GuardContext& context, Args a) { return binary_part(context, a[0], a[1], a[2]); }
Term binary_part_2(GuardContext& context, Args a) {
  if (!is_tuple_of_arity(a[1], 2)) return Term::none();
  return binary_part(context, a[0], as_tuple(a[1])->elements[0], as_tuple(a[1])->elements[1]);
}

Term to_float(GuardContext& context, Args a) {
  double value;
  return a[0].is_number() && arithmetic_to_double(a[0], value) ? make_float(context.arena, value) : Term::none();
}
Term round_(GuardContext& context, Args a) {
  if (!a[0].is_float()) return a[0].is_integer() ? a[0] : Term::none();
  return integer_from_double(context.arena, std::round(float_value(a[0])));
}
Term trunc_(GuardContext& context, Args a) {
  if (!a[0].is_float()) return a[0].is_integer() ? a[0] : Term::none();
  return integer_from_double(context.arena, std::trunc(float_value(a[0])));
}

Term self(GuardContext& context, Args) { return context.self; }
Term node_0(GuardContext&, Args) { return this_node().name; }
Term node_1(GuardContext&, Args a) {
  if (a[0].is_local_pid() || a[0].is_local_port() || a[0].is_internal_reference()) return this_node().name;
  // External pids, ports and references have their node in the same place.
  return a[0].is_pid() || a[0].is_port() || a[0].is_reference() ? a[0].as<ExternalPid>()->node()->name : Term::none();
}

struct Row {
  Term name;
  uint8_t arity;
  GuardFunction function;
};
constexpr Row rows[] = {
    {am::is_atom, 1, is_atom}, {am::is_float, 1, type_test<&Term::is_float>},
    {am::is_integer, 1, type_test<&Term::is_integer>}, {am::is_list, 1, is_list},
    {am::is_number, 1, type_test<&Term::is_number>}, {am::is_pid, 1, type_test<&Term::is_pid>},
    {am::is_port, 1, type_test<&Term::is_port>}, {am::is_reference, 1, type_test<&Term::is_reference>},
    {am::is_tuple, 1, type_test<&Term::is_tuple>}, {am::is_map, 1, type_test<&Term::is_map>},
    {am::is_binary, 1, type_test<&Term::is_binary>}, {am::is_function, 1, type_test<&Term::is_fun>},
    {am::is_record, 3, is_record}, {am::abs, 1, unary<arithmetic_abs>}, {am::element, 2, element}, {am::hd, 1, hd},
    {am::tl, 1, tl}, {am::length, 1, length}, {am::node, 0, node_0}, {am::node, 1, node_1}, {am::self, 0, self},
    {am::round, 1, round_}, {am::trunc, 1, trunc_}, {am::float_, 1, to_float}, {am::size, 1, size},
    {am::byte_size, 1, byte_size}, {am::bit_size, 1, bit_size}, {am::map_size, 1, size_of_map},
    {am::map_get, 2, get_from_map}, {am::is_map_key, 2, is_map_key}, {am::binary_part, 2, binary_part_2},
    {am::binary_part, 3, binary_part_3}, {am::plus, 1, unary<arithmetic_plus>}, {am::plus, 2, binary<arithmetic_add>},
    {am::minus, 1, unary<arithmetic_negate>}, {am::minus, 2, binary<arithmetic_subtract>},
    {am::star, 2, binary<arithmetic_multiply>}, {am::divided_by, 2, binary<arithmetic_divide>},
    {am::div, 2, binary<arithmetic_integer_div>}, {am::rem, 2, binary<arithmetic_integer_rem>},
    {am::band, 2, binary<arithmetic_band>}, {am::bor, 2, binary<arithmetic_bor>}, {am::bxor, 2, binary<arithmetic_bxor>},
    {am::bnot, 1, unary<arithmetic_bnot>}, {am::bsl, 2, binary<arithmetic_bsl>}, {am::bsr, 2, binary<arithmetic_bsr>},
    {am::greater, 2, greater}, {am::greater_or_equal, 2, greater_or_equal}, {am::less, 2, less},
    {am::less_or_equal, 2, less_or_equal}, {am::exactly_equal, 2, is_exactly_equal}, {am::equal, 2, is_equal},
    {am::exactly_not_equal, 2, is_not_exactly_equal}, {am::not_equal, 2, is_not_equal}, {am::not_, 1, not_},
    {am::xor_, 2, xor_},
};

}  // namespace

GuardFunction find_guard_function(Term name, size_t arity) {
  for (const Row& row : rows)
    if (row.name == name && row.arity == arity) return row.function;
  return nullptr;
}

}  // namespace hanse
