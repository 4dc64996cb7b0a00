// What libraries ask of terms, and the terms they make: numbers, atoms, tuples, lists.
#include <cstdarg>
#include <cmath>

#include "nif/environment.h"
#include "term/big.h"
#include "term/compare.h"
#include "term/copy.h"
#include "term/copy_whole.h"
#include "term/external_decoder.h"
#include "term/hash.h"
#include "term/reference.h"
#include "term/text.h"

using namespace hanse;
using namespace hanse::nif;

namespace {

// Whether the term is an integer of 64 bits with or without a sign.
bool get_signed(ERL_NIF_TERM value, int64_t& number) {
  if (term(value).is_small()) return number = term(value).as_small(), true;
  if (!term(value).is_boxed_kind(Boxed::positive_big) && !term(value).is_boxed_kind(Boxed::negative_big)) return false;
  auto* big = term(value).as<Big>();
  if (big->size() != 1) return false;
  uint64_t magnitude = big->limbs[0], limit = uint64_t{1} << 63;
  if (big->is_negative() ? magnitude > limit : magnitude >= limit) return false;
  number = big->is_negative() ? static_cast<int64_t>(-magnitude) : static_cast<int64_t>(magnitude);
  return true;
}
bool get_unsigned(ERL_NIF_TERM value, uint64_t& number) {
  if (term(value).is_small() && term(value).as_small() >= 0) return number = static_cast<uint64_t>(term(value).as_small()), true;
  if (!term(value).is_boxed_kind(Boxed::positive_big) || term(value).as<Big>()->size() != 1) return false;
  number = term(value).as<Big>()->limbs[0];
  return true;
}
template <class Wide, class Narrow>
int store(bool found, Wide number, Narrow* to) {
  if (!found || static_cast<Wide>(static_cast<Narrow>(number)) != number) return 0;
  *to = static_cast<Narrow>(number);
  return 1;
}

// Latin-1 as the interface has it, UTF-8 as the table of atoms does. Characters behind a full table of atoms: none().
Term atom_of_latin1(const char* name, size_t length) {
  std::string utf8;
  for (size_t i = 0; i < length; i++) append_utf8(utf8, static_cast<uint8_t>(name[i]));
  return length > 255 ? Term::none() : make_atom(utf8);
}

// The characters of an atom, at most 255; false: there are others than Latin-1.
bool latin1_of_atom(Term atom, std::string& latin1) {
  std::string_view utf8 = atom_name(atom);
  for (size_t i = 0; i < utf8.size(); i++) {
    auto first = static_cast<uint8_t>(utf8[i]);
    if (first < 0x80) {
      latin1.push_back(static_cast<char>(first));
    } else if ((first == 0xc2 || first == 0xc3) && i + 1 < utf8.size()) {
      latin1.push_back(static_cast<char>((first & 3) << 6 | (static_cast<uint8_t>(utf8[++i]) & 0x3f)));
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace

extern "C" {

// --- which kind it is ---

int enif_is_atom(ErlNifEnv*, ERL_NIF_TERM value) { return term(value).is_atom(); }
int enif_is_binary(ErlNifEnv*, ERL_NIF_TERM value) { return term(value).is_bitstring() && bit_view(term(value)).is_whole_bytes(); }
int enif_is_ref(ErlNifEnv*, ERL_NIF_TERM value) { return term(value).is_reference(); }
int enif_is_fun(ErlNifEnv*, ERL_NIF_TERM value) { return term(value).is_fun(); }
int enif_is_pid(ErlNifEnv*, ERL_NIF_TERM value) { return term(value).is_pid(); }
int enif_is_port(ErlNifEnv*, ERL_NIF_TERM value) { return term(value).is_port(); }
int enif_is_list(ErlNifEnv*, ERL_NIF_TERM value) { return term(value).is_list(); }
int enif_is_empty_list(ErlNifEnv*, ERL_NIF_TERM value) { return term(value).is_nil(); }
int enif_is_tuple(ErlNifEnv*, ERL_NIF_TERM value) { return term(value).is_tuple(); }
int enif_is_map(ErlNifEnv*, ERL_NIF_TERM value) { return term(value).is_map(); }
int enif_is_number(ErlNifEnv*, ERL_NIF_TERM value) { return term(value).is_number(); }
int enif_is_identical(ERL_NIF_TERM left, ERL_NIF_TERM right) { return exactly_equal(term(left), term(right)); }
int enif_compare(ERL_NIF_TERM left, ERL_NIF_TERM right) { return compare(term(left), term(right)); }

ErlNifTermType enif_term_type(ErlNifEnv*, ERL_NIF_TERM value) {
  Term what = term(value);
  if (what.is_atom()) return ERL_NIF_TERM_TYPE_ATOM;
  if (what.is_integer()) return ERL_NIF_TERM_TYPE_INTEGER;
  if (what.is_float()) return ERL_NIF_TERM_TYPE_FLOAT;
  if (what.is_list()) return ERL_NIF_TERM_TYPE_LIST;
  if (what.is_tuple()) return ERL_NIF_TERM_TYPE_TUPLE;
  if (what.is_bitstring()) return ERL_NIF_TERM_TYPE_BITSTRING;
  if (what.is_map()) return ERL_NIF_TERM_TYPE_MAP;
  if (what.is_pid()) return ERL_NIF_TERM_TYPE_PID;
  if (what.is_port()) return ERL_NIF_TERM_TYPE_PORT;
  return what.is_reference() ? ERL_NIF_TERM_TYPE_REFERENCE : ERL_NIF_TERM_TYPE_FUN;
}

ErlNifUInt64 enif_hash(ErlNifHash kind, ERL_NIF_TERM value, ErlNifUInt64 salt) {
  if (kind == ERL_NIF_PHASH2) return portable_hash2(term(value)) & ((uint32_t{1} << 27) - 1);
  return (internal_hash(term(value)) ^ (salt * 0x9e3779b97f4a7c15)) * 0xff51afd7ed558ccd >> 32;  // 32 bits, as in stock
}

// --- numbers; those of 64 bits are other names of the long ones ---

int enif_get_int(ErlNifEnv*, ERL_NIF_TERM value, int* to) { int64_t n = 0; return store(get_signed(value, n), n, to); }
int enif_get_long(ErlNifEnv*, ERL_NIF_TERM value, long* to) { int64_t n = 0; return store(get_signed(value, n), n, to); }
int enif_get_uint(ErlNifEnv*, ERL_NIF_TERM value, unsigned* to) { uint64_t n = 0; return store(get_unsigned(value, n), n, to); }
int enif_get_ulong(ErlNifEnv*, ERL_NIF_TERM value, unsigned long* to) { uint64_t n = 0; return store(get_unsigned(value, n), n, to); }
int enif_get_double(ErlNifEnv*, ERL_NIF_TERM value, double* to) {
  if (!term(value).is_float()) return 0;
  *to = float_value(term(value));
  return 1;
}

ERL_NIF_TERM enif_make_int(ErlNifEnv* env, int number) { return word(make_integer(*env->arena, number)); }
ERL_NIF_TERM enif_make_long(ErlNifEnv* env, long number) { return word(make_integer(*env->arena, number)); }
ERL_NIF_TERM enif_make_uint(ErlNifEnv* env, unsigned number) { return word(make_unsigned(*env->arena, number)); }
ERL_NIF_TERM enif_make_ulong(ErlNifEnv* env, unsigned long number) { return word(make_unsigned(*env->arena, number)); }
ERL_NIF_TERM enif_make_double(ErlNifEnv* env, double number) {
  return std::isfinite(number) ? word(make_float(*env->arena, number)) : raise(env, am::badarg);
}

// --- atoms ---

ERL_NIF_TERM enif_make_atom_len(ErlNifEnv* env, const char* name, size_t length) {
  Term atom = atom_of_latin1(name, length);
  return atom.is_none() ? raise(env, length > 255 ? am::badarg : am::system_limit) : word(atom);
}
ERL_NIF_TERM enif_make_atom(ErlNifEnv* env, const char* name) { return enif_make_atom_len(env, name, std::strlen(name)); }

int enif_make_existing_atom_len(ErlNifEnv*, const char* name, size_t length, ERL_NIF_TERM* to, ErlNifCharEncoding encoding) {
  std::string utf8;
  for (size_t i = 0; i < length; i++) append_utf8(utf8, static_cast<uint8_t>(name[i]));
  auto atom = encoding == ERL_NIF_LATIN1 && length <= 255 ? existing_atom(utf8) : std::nullopt;
  if (!atom) return 0;
  *to = word(*atom);
  return 1;
}
int enif_make_existing_atom(ErlNifEnv* env, const char* name, ERL_NIF_TERM* to, ErlNifCharEncoding encoding) {
  return enif_make_existing_atom_len(env, name, std::strlen(name), to, encoding);
}

int enif_get_atom_length(ErlNifEnv*, ERL_NIF_TERM value, unsigned* length, ErlNifCharEncoding encoding) {
  std::string latin1;
  if (encoding != ERL_NIF_LATIN1 || !term(value).is_atom() || !latin1_of_atom(term(value), latin1)) return 0;
  *length = static_cast<unsigned>(latin1.size());
  return 1;
}
// The bytes with the zero behind them, or 0.
int enif_get_atom(ErlNifEnv*, ERL_NIF_TERM value, char* to, unsigned size, ErlNifCharEncoding encoding) {
  std::string latin1;
  if (encoding != ERL_NIF_LATIN1 || !term(value).is_atom() || !latin1_of_atom(term(value), latin1) || latin1.size() >= size) return 0;
  std::memcpy(to, latin1.c_str(), latin1.size() + 1);
  return static_cast<int>(latin1.size() + 1);
}

// --- tuples and lists ---

int enif_get_tuple(ErlNifEnv*, ERL_NIF_TERM value, int* arity, const ERL_NIF_TERM** elements) {
  if (!term(value).is_tuple()) return 0;
  *arity = static_cast<int>(as_tuple(term(value))->arity());
  *elements = reinterpret_cast<const ERL_NIF_TERM*>(as_tuple(term(value))->elements);
  return 1;
}
ERL_NIF_TERM enif_make_tuple_from_array(ErlNifEnv* env, const ERL_NIF_TERM elements[], unsigned count) {
  return word(make_tuple(*env->arena, std::span<const Term>(terms(elements), count)));
}
ERL_NIF_TERM enif_make_tuple(ErlNifEnv* env, unsigned count, ...) {
  Tuple* tuple = allocate_tuple(*env->arena, count);
  va_list list;
  va_start(list, count);
  for (unsigned i = 0; i < count; i++) tuple->elements[i] = term(va_arg(list, ERL_NIF_TERM));
  va_end(list);
  return word(Term::boxed(tuple));
}

int enif_get_list_cell(ErlNifEnv*, ERL_NIF_TERM value, ERL_NIF_TERM* head, ERL_NIF_TERM* tail) {
  if (!term(value).is_cons()) return 0;
  *head = word(term(value).as_cons()->head);
  *tail = word(term(value).as_cons()->tail);
  return 1;
}
int enif_get_list_length(ErlNifEnv*, ERL_NIF_TERM value, unsigned* length) {
  unsigned count = 0;
  Term at = term(value);
  for (; at.is_cons(); at = at.as_cons()->tail) count++;
  if (!at.is_nil()) return 0;
  *length = count;
  return 1;
}
ERL_NIF_TERM enif_make_list_cell(ErlNifEnv* env, ERL_NIF_TERM head, ERL_NIF_TERM tail) {
  return word(make_cons(*env->arena, term(head), term(tail)));
}
ERL_NIF_TERM enif_make_list_from_array(ErlNifEnv* env, const ERL_NIF_TERM elements[], unsigned count) {
  return word(make_list(*env->arena, std::span<const Term>(terms(elements), count)));
}
ERL_NIF_TERM enif_make_list(ErlNifEnv* env, unsigned count, ...) {
  std::vector<Term> elements;
  va_list list;
  va_start(list, count);
  for (unsigned i = 0; i < count; i++) elements.push_back(term(va_arg(list, ERL_NIF_TERM)));
  va_end(list);
  return word(make_list(*env->arena, elements));
}
int enif_make_reverse_list(ErlNifEnv* env, ERL_NIF_TERM value, ERL_NIF_TERM* to) {
  Term reversed = Term::nil(), at = term(value);
  for (; at.is_cons(); at = at.as_cons()->tail) reversed = make_cons(*env->arena, at.as_cons()->head, reversed);
  if (!at.is_nil()) return 0;
  *to = word(reversed);
  return 1;
}

ERL_NIF_TERM enif_make_string_len(ErlNifEnv* env, const char* text, size_t length, ErlNifCharEncoding) {
  return word(make_string(*env->arena, {text, length}));
}
ERL_NIF_TERM enif_make_string(ErlNifEnv* env, const char* text, ErlNifCharEncoding encoding) {
  return enif_make_string_len(env, text, std::strlen(text), encoding);
}
// The bytes with the zero behind them; 0: it is no string; below 0: so many bytes, it was cut.
int enif_get_string(ErlNifEnv*, ERL_NIF_TERM value, char* to, unsigned size, ErlNifCharEncoding) {
  if (size == 0) return 0;
  to[0] = 0;
  unsigned used = 0;
  Term at = term(value);
  for (; at.is_cons(); at = at.as_cons()->tail) {
    Term character = at.as_cons()->head;
    if (!character.is_small() || character.as_small() < 0 || character.as_small() > 255) return to[0] = 0, 0;
    if (used + 1 == size) return to[used] = 0, -static_cast<int>(size);
    to[used++] = static_cast<char>(character.as_small());
  }
  if (!at.is_nil()) return to[0] = 0, 0;
  to[used] = 0;
  return static_cast<int>(used + 1);
}

// --- the rest ---

ERL_NIF_TERM enif_make_ref(ErlNifEnv* env) { return word(make_reference(*env->arena)); }
// What outlives the call must not refer to literals, which go with their code.
ERL_NIF_TERM enif_make_copy(ErlNifEnv* env, ERL_NIF_TERM value) {
  if (env->process() != nullptr || !term(value).is_pointer()) return word(copy(*env->arena, term(value)));
  size_t words = whole_size(term(value));
  return words == too_many_words ? raise(env, am::system_limit) : word(copy_whole(*env->arena, term(value), words));
}

}  // extern "C"
