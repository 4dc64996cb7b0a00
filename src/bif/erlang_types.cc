// erlang: type tests, boolean operators and comparisons as functions. The engine has instructions for most of them; these
// are for apply and for calls through funs.
#include "bif/list_builder.h"
#include "bif/tables.h"
#include "process/call.h"
#include "term/big.h"
#include "term/compare.h"
#include "term/fun.h"

namespace hanse {

template <auto test>
static Result type_test(Call& call) {
  return boolean((call.args[0].*test)());
}

static Result erlang_is_boolean_1(Call& call) {
  return boolean(call.args[0] == am::true_ || call.args[0] == am::false_);
}

static bool is_record_of(Term term, Term name) {
  return term.is_tuple() && as_tuple(term)->arity() >= 1 && as_tuple(term)->elements[0] == name;
}

static Result erlang_is_record_2(Call& call) {
  if (!call.args[1].is_atom()) return raise_badarg(call);
  return boolean(is_record_of(call.args[0], call.args[1]));
}

static Result erlang_is_record_3(Call& call) {
  if (!call.args[1].is_atom() || !call.args[2].is_small()) return raise_badarg(call);
  return boolean(is_record_of(call.args[0], call.args[1]) &&
                 static_cast<int64_t>(as_tuple(call.args[0])->arity()) == call.args[2].as_small());
}

static Result erlang_is_function_2(Call& call) {
  Term arity = call.args[1];
  if (!arity.is_integer() || integer_sign(arity) < 0) return raise_badarg(call);
  return boolean(call.args[0].is_fun() && arity.is_small() && arity.as_small() == fun_arity(call.args[0]));
}

template <class Operation>
static Result boolean_operator(Call& call, Operation operation) {
  for (Term operand : {call.args[0], call.args[1]})
    if (operand != am::true_ && operand != am::false_) return raise_badarg(call);
  return boolean(operation(call.args[0] == am::true_, call.args[1] == am::true_));
}
static Result erlang_and_2(Call& call) {
  return boolean_operator(call, [](bool a, bool b) { return a && b; });
}
static Result erlang_or_2(Call& call) {
  return boolean_operator(call, [](bool a, bool b) { return a || b; });
}
static Result erlang_xor_2(Call& call) {
  return boolean_operator(call, [](bool a, bool b) { return a != b; });
}
static Result erlang_not_1(Call& call) {
  if (call.args[0] == am::true_) return am::false_;
  if (call.args[0] == am::false_) return am::true_;
  return raise_badarg(call);
}

static Result erlang_exactly_equal_2(Call& call) { return boolean(exactly_equal(call.args[0], call.args[1])); }
static Result erlang_exactly_different_2(Call& call) { return boolean(!exactly_equal(call.args[0], call.args[1])); }
static Result erlang_equal_2(Call& call) { return boolean(equal(call.args[0], call.args[1])); }
static Result erlang_different_2(Call& call) { return boolean(!equal(call.args[0], call.args[1])); }
static Result erlang_less_2(Call& call) { return boolean(compare(call.args[0], call.args[1]) < 0); }
static Result erlang_less_equal_2(Call& call) { return boolean(compare(call.args[0], call.args[1]) <= 0); }
static Result erlang_greater_2(Call& call) { return boolean(compare(call.args[0], call.args[1]) > 0); }
static Result erlang_greater_equal_2(Call& call) { return boolean(compare(call.args[0], call.args[1]) >= 0); }

// erts_internal:cmp_term/2: the order of map keys, as a negative, zero or positive integer.
static Result erts_internal_cmp_term_2(Call& call) { return Term::small(compare_exact(call.args[0], call.args[1])); }

// erts_internal:term_type/1: how a term is represented.
static Result erts_internal_term_type_1(Call& call) {
  Term term = call.args[0];
  if (term.is_cons()) return am::list;
  if (term.is_nil()) return am::nil;
  if (term.is_atom()) return am::atom;
  if (term.is_small()) return am::fixnum;
  if (term.is_float()) return am::hfloat;
  if (term.is_local_pid()) return am::pid;
  if (term.is_local_port()) return am::port;
  if (!term.is_boxed()) return raise_badarg(call);
  switch (header_kind(*term.as_boxed())) {
    case Boxed::tuple: return am::tuple;
    case Boxed::positive_big: case Boxed::negative_big: return am::bignum;
    case Boxed::fun: return am::fun;
    case Boxed::export_fun: return am::export_;
    case Boxed::reference: case Boxed::magic_reference: return am::reference;
    case Boxed::external_pid: return am::external_pid;
    case Boxed::external_port: return am::external_port;
    case Boxed::external_reference: return am::external_reference;
    case Boxed::heap_binary: return am::heap_binary;
    case Boxed::refc_binary: return am::refc_binary;
    case Boxed::sub_binary: return am::sub_binary;
    case Boxed::flat_map: return am::flatmap;
    case Boxed::hash_map: return am::hashmap;
    default: return raise_badarg(call);
  }
}

static constexpr BifRow rows[] = {
    {"erlang", "/=", 2, erlang_different_2, BifKind::guard, Authority::pure},
    {"erlang", "<", 2, erlang_less_2, BifKind::guard, Authority::pure},
    {"erlang", "=/=", 2, erlang_exactly_different_2, BifKind::guard, Authority::pure},
    {"erlang", "=:=", 2, erlang_exactly_equal_2, BifKind::guard, Authority::pure},
    {"erlang", "=<", 2, erlang_less_equal_2, BifKind::guard, Authority::pure},
    {"erlang", "==", 2, erlang_equal_2, BifKind::guard, Authority::pure},
    {"erlang", ">", 2, erlang_greater_2, BifKind::guard, Authority::pure},
    {"erlang", ">=", 2, erlang_greater_equal_2, BifKind::guard, Authority::pure},
    {"erlang", "and", 2, erlang_and_2, BifKind::guard, Authority::pure},
    {"erlang", "is_atom", 1, type_test<&Term::is_atom>, BifKind::guard, Authority::pure},
    {"erlang", "is_binary", 1, type_test<&Term::is_binary>, BifKind::guard, Authority::pure},
    {"erlang", "is_bitstring", 1, type_test<&Term::is_bitstring>, BifKind::guard, Authority::pure},
    {"erlang", "is_boolean", 1, erlang_is_boolean_1, BifKind::guard, Authority::pure},
    {"erlang", "is_float", 1, type_test<&Term::is_float>, BifKind::guard, Authority::pure},
    {"erlang", "is_function", 1, type_test<&Term::is_fun>, BifKind::guard, Authority::pure},
    {"erlang", "is_function", 2, erlang_is_function_2, BifKind::guard, Authority::pure},
    {"erlang", "is_integer", 1, type_test<&Term::is_integer>, BifKind::guard, Authority::pure},
    {"erlang", "is_list", 1, type_test<&Term::is_list>, BifKind::guard, Authority::pure},
    {"erlang", "is_map", 1, type_test<&Term::is_map>, BifKind::guard, Authority::pure},
    {"erlang", "is_number", 1, type_test<&Term::is_number>, BifKind::guard, Authority::pure},
    {"erlang", "is_pid", 1, type_test<&Term::is_pid>, BifKind::guard, Authority::pure},
    {"erlang", "is_port", 1, type_test<&Term::is_port>, BifKind::guard, Authority::pure},
    {"erlang", "is_record", 2, erlang_is_record_2, BifKind::guard, Authority::pure},
    {"erlang", "is_record", 3, erlang_is_record_3, BifKind::guard, Authority::pure},
    {"erlang", "is_reference", 1, type_test<&Term::is_reference>, BifKind::guard, Authority::pure},
    {"erlang", "is_tuple", 1, type_test<&Term::is_tuple>, BifKind::guard, Authority::pure},
    {"erlang", "not", 1, erlang_not_1, BifKind::guard, Authority::pure},
    {"erlang", "or", 2, erlang_or_2, BifKind::guard, Authority::pure},
    {"erlang", "xor", 2, erlang_xor_2, BifKind::guard, Authority::pure},
    {"erts_internal", "cmp_term", 2, erts_internal_cmp_term_2, BifKind::plain, Authority::pure},
    {"erts_internal", "term_type", 1, erts_internal_term_type_1, BifKind::plain, Authority::pure},
};
const BifTable erlang_types_bifs = rows;

}  // namespace hanse
