#include "term/compare_atomic.h"

#include <algorithm>

#include "base/bits.h"
#include "term/atom.h"
#include "term/big.h"
#include "term/fun.h"
#include "term/identifiers.h"
#include "term/reference.h"

namespace hanse {

int compare_atoms(Term a, Term b) {
  if (a == b) return 0;
  uint32_t x = atom_order_key(a), y = atom_order_key(b);
  if (x != y) return x < y ? -1 : 1;
  // Bytes of UTF-8 sort as the code points do.
  return detail::order_of(atom_name(a).compare(atom_name(b)), 0);
}

namespace detail {

Rank rank_of(Term term) {
  if (term.is_small() || term.is_immediate_float()) return Rank::number;
  if (term.is_cons()) return Rank::list;
  if (term.is_atom()) return Rank::atom;
  if (term.is_nil()) return Rank::nil;
  if (term.is_local_pid()) return Rank::pid;
  if (term.is_local_port()) return Rank::port;
  DCHECK(term.is_boxed());
  switch (header_kind(*term.as_boxed())) {
    case Boxed::tuple: return Rank::tuple;
    case Boxed::positive_big:
    case Boxed::negative_big:
    case Boxed::floating: return Rank::number;
    case Boxed::fun:
    case Boxed::export_fun: return Rank::fun;
    case Boxed::reference:
    case Boxed::magic_reference:
    case Boxed::external_reference: return Rank::reference;
    case Boxed::external_pid: return Rank::pid;
    case Boxed::external_port: return Rank::port;
    case Boxed::flat_map:
    case Boxed::hash_map:
    case Boxed::hash_map_node: return Rank::map;
    default: return Rank::bitstring;
  }
}

int compare_numbers(Term a, Term b, bool exact) {
  if (a.is_float()) {
    if (b.is_float()) return order_of(float_value(a), float_value(b));
    return exact ? 1 : -compare_integer_float(b, float_value(a));
  }
  if (b.is_float()) return exact ? -1 : compare_integer_float(a, float_value(b));
  return integer_compare(a, b);
}

namespace {

struct Place {
  Term name;
  uint32_t creation;
};
Place place_of(const NodeEntry* node) { return {node->name, node->creation}; }
Place here() {
  ThisNode self = this_node();
  return {self.name, self.creation};
}
int compare_places(Place a, Place b) {
  if (int order = compare_atoms(a.name, b.name); order != 0) return order;
  return order_of(a.creation, b.creation);
}

Place pid_place(Term pid) { return pid.is_local_pid() ? here() : place_of(pid.as<ExternalPid>()->node()); }
Place port_place(Term port) { return port.is_local_port() ? here() : place_of(port.as<ExternalPort>()->node()); }

// A reference's number, least significant word first, zero above.
struct ReferenceWords {
  uint32_t words[6] = {};
};
ReferenceWords reference_words(Term reference) {
  ReferenceWords result;
  if (reference.is_boxed_kind(Boxed::external_reference)) {
    auto* external = reference.as<ExternalReference>();
    std::copy_n(external->ids, 6, result.words);
    return result;
  }
  ReferenceNumber number = reference_number(reference);
  result.words[0] = static_cast<uint32_t>(number.number01);
  result.words[1] = static_cast<uint32_t>(number.number01 >> 32);
  result.words[2] = static_cast<uint32_t>(number.number2);
  if (reference.is_boxed_kind(Boxed::reference) && reference.as<Reference>()->has_pid()) {
    Term pid = Term::pid(reference.as<Reference>()->pid_number);
    result.words[3] = local_pid_id(pid);
    result.words[4] = local_pid_serial(pid);
  }
  return result;
}

}  // namespace

int compare_pids(Term a, Term b) {
  uint64_t x = a.is_local_pid() ? a.pid_number() : a.as<ExternalPid>()->number;
  uint64_t y = b.is_local_pid() ? b.pid_number() : b.as<ExternalPid>()->number;
  if (x != y) return x < y ? -1 : 1;
  return compare_places(pid_place(a), pid_place(b));
}

int compare_ports(Term a, Term b) {
  if (int order = compare_places(port_place(a), port_place(b)); order != 0) return order;
  uint64_t x = a.is_local_port() ? a.port_number() : a.as<ExternalPort>()->number;
  uint64_t y = b.is_local_port() ? b.port_number() : b.as<ExternalPort>()->number;
  return order_of(x, y);
}

int compare_references(Term a, Term b) {
  bool a_is_local = a.is_internal_reference(), b_is_local = b.is_internal_reference();
  if (!a_is_local || !b_is_local) {
    Place x = a_is_local ? here() : place_of(a.as<ExternalReference>()->node());
    Place y = b_is_local ? here() : place_of(b.as<ExternalReference>()->node());
    if (int order = compare_places(x, y); order != 0) return order;
  }
  ReferenceWords x = reference_words(a), y = reference_words(b);
  for (size_t i = std::size(x.words); i-- > 0;)
    if (x.words[i] != y.words[i]) return x.words[i] < y.words[i] ? -1 : 1;
  return 0;
}

int compare_bits(Term a, Term b) {
  BitView x = bit_view(a), y = bit_view(b);
  size_t common = std::min(x.bit_size, y.bit_size);
  size_t whole = common / 8;
  if (x.is_aligned() && y.is_aligned()) {
    if (whole > 0)
      if (int order = std::memcmp(x.bytes(), y.bytes(), whole); order != 0) return order < 0 ? -1 : 1;
  } else {
    for (size_t i = 0; i < whole; i++) {
      uint8_t p = byte_at_bit(x.base, x.bit_offset + i * 8, x.bit_offset + common);
      uint8_t q = byte_at_bit(y.base, y.bit_offset + i * 8, y.bit_offset + common);
      if (p != q) return p < q ? -1 : 1;
    }
  }
  if (common % 8 != 0) {
    uint8_t p = byte_at_bit(x.base, x.bit_offset + whole * 8, x.bit_offset + common);
    uint8_t q = byte_at_bit(y.base, y.bit_offset + whole * 8, y.bit_offset + common);
    if (p != q) return p < q ? -1 : 1;
  }
  return order_of(x.bit_size, y.bit_size);
}

int compare_export_funs(Term a, Term b) {
  const Export* x = a.as<ExportFun>()->target;
  const Export* y = b.as<ExportFun>()->target;
  if (int order = compare_atoms(x->module, y->module); order != 0) return order;
  if (int order = compare_atoms(x->function, y->function); order != 0) return order;
  return order_of(x->arity, y->arity);
}

int compare_fun_entries(Term a, Term b) {
  const FunEntry* x = as_fun(a)->entry;
  const FunEntry* y = as_fun(b)->entry;
  if (x != y) {
    if (int order = compare_atoms(x->module, y->module); order != 0) return order;
    if (x->index != y->index) return x->index < y->index ? -1 : 1;
    if (x->old_unique != y->old_unique)
      return static_cast<int32_t>(x->old_unique) < static_cast<int32_t>(y->old_unique) ? -1 : 1;
  }
  return order_of(as_fun(a)->free_count(), as_fun(b)->free_count());
}

}  // namespace detail

}  // namespace hanse
