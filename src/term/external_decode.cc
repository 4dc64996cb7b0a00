#include "term/external_compress.h"
#include "term/external_decoder.h"
#include "term/external_tags.h"

#include "term/atom.h"
#include "term/big.h"
#include "term/build.h"
#include "term/compare.h"
#include "term/map.h"
#include "term/number_text.h"

#include <cmath>

namespace hanse {

namespace tag = external_tag;

Term DecodeEnvironment::atom(std::string_view utf8) { return make_atom(utf8); }
Term DecodeEnvironment::cached_atom(uint8_t) { return Term::none(); }
Term DecodeEnvironment::shared_binary(Arena&, Bytes) { return Term::none(); }

Term ExternalDecoder::run() {
  Term result;
  owed_ = 1;
  if (!decode_term(&result)) return Term::none();
  while (!stack_.empty())
    if (!run_top()) return Term::none();
  return result;
}

// A frame is popped before its last element is decoded: nesting at the end of tuples and lists needs no stack.
bool ExternalDecoder::run_top() {
  Frame& frame = stack_.top();
  switch (frame.step) {
    case Step::fill: {
      Term* slot = frame.next++;
      if (--frame.remaining == 0) stack_.pop();
      return decode_term(slot);
    }
    case Step::list_heads: {
      if (frame.remaining == 0) {
        Term* tail = frame.next - 1;
        stack_.pop();
        return decode_term(tail);
      }
      Term* slot = frame.next;
      frame.next += 2;
      frame.remaining--;
      return decode_term(slot);
    }
    case Step::flat_pairs: {
      bool is_key = frame.remaining % 2 == 0;
      Term* slot = is_key ? frame.next : frame.next++ + frame.pair_count + 2;
      if (--frame.remaining == 0) stack_.pop();
      return decode_term(slot);
    }
    case Step::finish_flat: {
      auto* map = reinterpret_cast<FlatMap*>(frame.next);
      stack_.pop();
      return finish_flat_map(map);
    }
    case Step::finish_hash:
      stack_.pop();
      return finish_large_map();
  }
  return false;
}

bool ExternalDecoder::decode_term(Term* destination) {
  if (!need(1)) return false;
  owed_--;
  uint8_t kind = take8();
  switch (kind) {
    case tag::small_integer:
      if (!need(1)) return false;
      *destination = Term::small(take8());
      return true;
    case tag::integer:
      if (!need(4)) return false;
      *destination = Term::small(static_cast<int32_t>(take32()));
      return true;
    case tag::nil:
      *destination = Term::nil();
      return true;
    case tag::small_tuple:
      if (!need(1)) return false;
      return begin_tuple(destination, take8());
    case tag::large_tuple:
      if (!need(4)) return false;
      return begin_tuple(destination, take32());
    case tag::list: return begin_list(destination);
    case tag::string: return decode_string(destination);
    case tag::binary: return decode_binary(destination);
    case tag::map: return begin_map(destination);
    case tag::small_atom_utf8: case tag::atom_utf8: case tag::atom_latin1: case tag::small_atom_latin1:
    case tag::atom_cache_ref: return decode_atom(kind, destination);
    default: return decode_rare(kind, destination);
  }
}

bool ExternalDecoder::decode_rare(uint8_t kind, Term* destination) {
  switch (kind) {
    case tag::new_float: return decode_float(destination);
    case tag::float_text: return decode_float_text(destination);
    case tag::bit_binary: return decode_bit_binary(destination);
    case tag::small_big:
      if (!need(1)) return false;
      return decode_big(destination, take8());
    case tag::large_big:
      if (!need(4)) return false;
      return decode_big(destination, take32());
    case tag::new_pid: case tag::pid: return decode_pid(kind, destination);
    case tag::new_port: case tag::port: case tag::v4_port: return decode_port(kind, destination);
    case tag::newer_reference: case tag::new_reference: case tag::reference: return decode_reference(kind, destination);
    case tag::new_fun: return begin_fun(destination);
    case tag::export_fun: return decode_export(destination);
    default: next_--; return fail("a tag of the external term format");
  }
}

bool ExternalDecoder::begin_tuple(Term* destination, size_t arity) {
  if (!owe(arity)) return false;
  Tuple* tuple = allocate_tuple(arena_, arity);
  *destination = Term::boxed(tuple);
  if (arity > 0) stack_.push({tuple->elements, static_cast<uint32_t>(arity), Step::fill, 0});
  return true;
}

bool ExternalDecoder::begin_list(Term* destination) {
  if (!need(4)) return false;
  uint32_t count = take32();
  if (!owe(size_t{count} + 1)) return false;
  if (count == 0) {  // stands for its tail
    stack_.push({destination, 1, Step::fill, 0});
    return true;
  }
  auto* cells = reinterpret_cast<Cons*>(arena_.allocate(size_t{count} * 2));
  for (size_t i = 0; i + 1 < count; i++) cells[i].tail = Term::cons(&cells[i + 1]);
  *destination = Term::cons(cells);
  stack_.push({&cells[0].head, count, Step::list_heads, 0});
  return true;
}

bool ExternalDecoder::begin_map(Term* destination) {
  if (!need(4)) return false;
  size_t count = take32();
  if (!owe(count * 2)) return false;
  if (count > flat_map_limit) {
    if (count * 2 > UINT32_MAX) return fail("a smaller map");
    large_maps_.push_back({destination, count, std::unique_ptr<Term[]>(new Term[count * 2])});
    stack_.push({nullptr, 0, Step::finish_hash, 0});
    stack_.push({large_maps_.back().pairs.get(), static_cast<uint32_t>(count * 2), Step::fill, 0});
    return true;
  }
  Word* words = arena_.allocate(count * 2 + 3);
  auto* keys = reinterpret_cast<Tuple*>(words);
  auto* map = reinterpret_cast<FlatMap*>(words + count + 1);
  keys->header = make_header(Boxed::tuple, count);
  map->header = make_header(Boxed::flat_map, count + 1);
  map->keys = Term::boxed(keys);
  *destination = Term::boxed(map);
  if (count == 0) return true;
  stack_.push({reinterpret_cast<Term*>(map), 0, Step::finish_flat, 0});
  stack_.push({keys->elements, static_cast<uint32_t>(count * 2), Step::flat_pairs, static_cast<uint8_t>(count)});
  return true;
}

// Insertion sort: stock sends the keys of such maps in order.
bool ExternalDecoder::finish_flat_map(FlatMap* map) {
  Term* keys = as_tuple(map->keys)->elements;
  for (size_t i = 1; i < map->size(); i++) {
    Term key = keys[i], value = map->values[i];
    size_t place = i;
    int order = 1;
    while (place > 0 && (order = compare_exact(keys[place - 1], key)) > 0) {
      keys[place] = keys[place - 1];
      map->values[place] = map->values[place - 1];
      place--;
    }
    if (place > 0 && order == 0) return fail("a map without duplicate keys");
    keys[place] = key;
    map->values[place] = value;
  }
  return true;
}

bool ExternalDecoder::finish_large_map() {
  LargeMap large = std::move(large_maps_.back());
  large_maps_.pop_back();
  std::vector<Term> keys(large.count), values(large.count);
  for (size_t i = 0; i < large.count; i++) {
    keys[i] = large.pairs[i * 2];
    values[i] = large.pairs[i * 2 + 1];
  }
  Term map = map_from_pairs(arena_, keys, values);
  if (map_size(map) != large.count) return fail("a map without duplicate keys");
  *large.destination = map;
  return true;
}

bool ExternalDecoder::decode_string(Term* destination) {
  if (!need(2)) return false;
  size_t length = take16();
  if (!need(length)) return false;
  if (length == 0) {
    *destination = Term::nil();
    return true;
  }
  auto* cells = reinterpret_cast<Cons*>(arena_.allocate(length * 2));
  for (size_t i = 0; i < length; i++) cells[i] = {Term::small(next_[i]), Term::cons(&cells[i + 1])};
  cells[length - 1].tail = Term::nil();
  next_ += length;
  *destination = Term::cons(cells);
  return true;
}

// Smaller ones are copied: a part of another binary takes words of its own.
static constexpr size_t shared_binary_limit = 512;

bool ExternalDecoder::decode_binary(Term* destination) {
  if (!need(4)) return false;
  size_t size = take32();
  if (!need(size)) return false;
  if (size > shared_binary_limit) {
    *destination = environment_.shared_binary(arena_, Bytes(next_, size));
    if (!destination->is_none()) {
      next_ += size;
      return true;
    }
  }
  NewBinary binary = allocate_binary(arena_, size);
  if (binary.term.is_none()) return fail_system_limit("memory for a binary");
  if (size > 0) std::memcpy(binary.bytes, next_, size);
  next_ += size;
  *destination = binary.term;
  return true;
}

bool ExternalDecoder::decode_bit_binary(Term* destination) {
  if (!need(5)) return false;
  size_t size = load_be32(next_);
  uint8_t bits = next_[4];
  if (bits > 8 || (bits == 0) != (size == 0)) return fail("one to eight bits in the last byte");
  next_ += 5;
  if (!need(size)) return false;
  NewBinary binary = allocate_binary(arena_, size);
  if (binary.term.is_none()) return fail_system_limit("memory for a binary");
  if (size > 0) std::memcpy(binary.bytes, next_, size);
  next_ += size;
  *destination = bits % 8 == 0 ? binary.term : make_sub_binary(arena_, binary.term, 0, (size - 1) * 8 + bits);
  return true;
}

bool ExternalDecoder::decode_big(Term* destination, size_t size) {
  if (!need(size + 1)) return false;
  bool negative = take8() != 0;
  if (size * 8 > big_limit_bits) return fail("a smaller integer");
  *destination = integer_from_magnitude(arena_, negative, next_, size);
  next_ += size;
  return true;
}

bool ExternalDecoder::decode_float(Term* destination) {
  if (!need(8)) return false;
  double value = std::bit_cast<double>(take64());
  if (!std::isfinite(value)) return fail("a finite float");
  *destination = make_float(arena_, value);
  return true;
}

bool ExternalDecoder::decode_float_text(Term* destination) {
  constexpr size_t text_size = 31;
  if (!need(text_size)) return false;
  std::string_view text(reinterpret_cast<const char*>(next_), text_size);
  std::optional<double> value = float_from_text(text.substr(0, text.find('\0')));
  if (!value) return fail("a float as text");
  next_ += text_size;
  *destination = make_float(arena_, *value);
  return true;
}

static Decoded finish(ExternalDecoder& decoder, Term term) {
  if (term.is_none()) return {term, 0, decoder.error()};
  return {term, decoder.bytes_used()};
}

Decoded decode_external_body(Arena& arena, Bytes data, DecodeEnvironment& environment) {
  ExternalDecoder decoder(arena, data, environment);
  return finish(decoder, decoder.run());
}

size_t compressed_term_size(Bytes data) {
  bool is_compressed = data.size() >= 6 && data[0] == tag::version && data[1] == tag::compressed;
  return is_compressed ? load_be32(data.data() + 2) : 0;
}

static Decoded decode_compressed(Arena& arena, Bytes data, DecodeEnvironment& environment) {
  if (data.size() < 6) return {Term::none(), 0, {data.size(), "the size of a compressed term"}};
  size_t size = load_be32(data.data() + 2);
  Inflated inflated = inflate_bounded(data.subspan(6), size);
  if (!inflated.ok) return {Term::none(), 0, {6, "zlib data of the size that was announced"}};
  Decoded decoded = decode_external_body(arena, inflated.bytes, environment);
  if (decoded.term.is_none())
    decoded.error.offset = 6;  // inside the compressed part there is nothing to point at
  else
    decoded.bytes_used = 6 + inflated.bytes_used;
  return decoded;
}

Decoded decode_external(Arena& arena, Bytes data, DecodeEnvironment& environment) {
  if (data.empty() || data[0] != tag::version) return {Term::none(), 0, {0, "version 131"}};
  if (data.size() > 1 && data[1] == tag::compressed) return decode_compressed(arena, data, environment);
  Decoded decoded = decode_external_body(arena, data.subspan(1), environment);
  if (decoded.term.is_none())
    decoded.error.offset++;
  else
    decoded.bytes_used++;
  return decoded;
}

}  // namespace hanse
