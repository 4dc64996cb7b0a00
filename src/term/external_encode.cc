#include "term/budget.h"
#include "term/external_compress.h"
#include "term/external_encoder.h"
#include "term/external_tags.h"

#include "term/atom.h"
#include "term/big.h"
#include "term/build.h"
#include "term/compare.h"
#include "term/identifiers.h"
#include "term/map.h"

#include <algorithm>
#include <cstdio>

namespace hanse {

namespace tag = external_tag;

void ExternalEncoder::encode(Term term) {
  put_term(term);
  WalkSteps steps;
  while (!stack_.empty() && steps.go_on()) run_top();
}

// A frame is popped before its last element is written: nesting at the end of tuples and lists needs no stack.
void ExternalEncoder::run_top() {
  Frame& frame = stack_.top();
  switch (frame.step) {
    case Step::terms: {
      Term term = *reinterpret_cast<const Term*>(frame.from);
      frame.from += sizeof(Term);
      if (--frame.remaining == 0) stack_.pop();
      return put_term(term);
    }
    case Step::list: {
      Term list = Term::from_word(frame.from);
      if (!list.is_cons()) {
        stack_.pop();
        return put_term(list);
      }
      frame.from = list.as_cons()->tail.word();
      return put_term(list.as_cons()->head);
    }
    case Step::flat_pairs: {
      auto* map = reinterpret_cast<FlatMap*>(frame.from);
      size_t index = map->size() - (frame.remaining + 1) / 2;
      bool is_key = frame.remaining % 2 == 0;
      if (--frame.remaining == 0) stack_.pop();
      return put_term(is_key ? as_tuple(map->keys)->elements[index] : map->values[index]);
    }
    case Step::trie: {
      Term child = *reinterpret_cast<const Term*>(frame.from);
      frame.from += sizeof(Term);
      if (--frame.remaining == 0) stack_.pop();
      if (child.is_cons()) {
        push(&child.as_cons()->tail, 1);
        return put_term(child.as_cons()->head);
      }
      auto children = as_hash_map_node(child)->children();
      return push(children.data(), children.size(), Step::trie);
    }
    case Step::fun_size: {
      stack_.pop();
      FunPlace fun = open_funs_.back();
      open_funs_.pop_back();
      return out_.patch32(fun.offset, static_cast<uint32_t>(out_.position() - fun.position));
    }
  }
}

void ExternalEncoder::put_term(Term term) {
  if (term.is_small()) return put_small(term.as_small());
  if (term.is_atom()) return put_atom(term);
  if (term.is_cons()) return put_list(term);
  if (term.is_nil()) return out_.put8(tag::nil);
  if (term.is_boxed()) return put_boxed(term);
  if (term.is_immediate_float()) return put_float(immediate_float_value(term));
  ThisNode self = this_node();
  if (term.is_local_pid()) return put_pid(self.name, self.creation, local_pid_id(term), local_pid_serial(term));
  DCHECK(term.is_local_port());
  put_port(self.name, self.creation, term.port_number());
}

void ExternalEncoder::put_boxed(Term term) {
  switch (header_kind(*term.as_boxed())) {
    case Boxed::tuple: return put_tuple(term);
    case Boxed::positive_big: case Boxed::negative_big: return put_integer(term);
    case Boxed::floating: return put_float(term.as<BoxedFloat>()->value);
    case Boxed::fun: return put_fun(term);
    case Boxed::export_fun: return put_export(term);
    case Boxed::reference: case Boxed::magic_reference: return put_local_reference(term);
    case Boxed::external_pid: {
      auto* pid = term.as<ExternalPid>();
      return put_pid(pid->node()->name, pid->node()->creation, static_cast<uint32_t>(pid->number),
                     static_cast<uint32_t>(pid->number >> 32));
    }
    case Boxed::external_port: {
      auto* port = term.as<ExternalPort>();
      return put_port(port->node()->name, port->node()->creation, port->number);
    }
    case Boxed::external_reference: {
      auto* reference = term.as<ExternalReference>();
      return put_reference(reference->node()->name, reference->node()->creation, reference->ids, reference->count);
    }
    case Boxed::heap_binary: case Boxed::refc_binary: case Boxed::sub_binary: return put_bits(term);
    case Boxed::flat_map: case Boxed::hash_map: return put_map(term);
    case Boxed::match_context: case Boxed::hash_map_node: break;
  }
  CHECK(false);  // never a value
}

void ExternalEncoder::put_small(int64_t value) {
  if (value >= 0 && value <= 255) {
    uint8_t* to = out_.append(2);
    to[0] = tag::small_integer;
    to[1] = static_cast<uint8_t>(value);
  } else if (value >= INT32_MIN && value <= INT32_MAX) {
    uint8_t* to = out_.append(5);
    to[0] = tag::integer;
    store_be32(to + 1, static_cast<uint32_t>(value));
  } else {
    uint64_t magnitude = value < 0 ? -static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
    auto size = static_cast<uint8_t>((std::bit_width(magnitude) + 7) / 8);
    uint8_t* to = out_.append(3u + size);
    to[0] = tag::small_big;
    to[1] = size;
    to[2] = value < 0;
    std::memcpy(to + 3, &magnitude, size);
  }
}

void ExternalEncoder::put_integer(Term term) {
  size_t size = integer_magnitude_bytes(term);
  if (size <= 255) {
    out_.put8(tag::small_big);
    out_.put8(static_cast<uint8_t>(size));
  } else {
    out_.put8(tag::large_big);
    out_.put32(static_cast<uint32_t>(size));
  }
  out_.put8(term.as<Big>()->is_negative());
  // Limbs lie in memory as the format wants them.
  out_.put(term.as<Big>()->limbs, size);
}

void ExternalEncoder::put_float(double value) {
  if (options_.minor_version > 0) {
    out_.put8(tag::new_float);
    return out_.put64(std::bit_cast<uint64_t>(value));
  }
  char text[32] = {};
  std::snprintf(text, sizeof(text), "%.20e", value);
  out_.put8(tag::float_text);
  out_.put(text, 31);
}

// Lists of bytes are strings. One walk finds that out and the length.
void ExternalEncoder::put_list(Term list) {
  size_t length = 0;
  bool is_string = true;
  Term rest = list;
  for (; rest.is_cons(); rest = rest.as_cons()->tail, length++) {
    Term head = rest.as_cons()->head;
    is_string = is_string && head.is_small() && static_cast<uint64_t>(head.as_small()) <= 255;
  }
  if (is_string && rest.is_nil() && length <= UINT16_MAX) {
    out_.put8(tag::string);
    out_.put16(static_cast<uint16_t>(length));
    for (rest = list; rest.is_cons(); rest = rest.as_cons()->tail) out_.put8(static_cast<uint8_t>(rest.as_cons()->head.as_small()));
    return;
  }
  out_.put8(tag::list);
  out_.put32(static_cast<uint32_t>(length));
  stack_.push({list.word(), 0, Step::list});
}

void ExternalEncoder::put_tuple(Term term) {
  Tuple* tuple = as_tuple(term);
  size_t arity = tuple->arity();
  if (arity <= 255) {
    out_.put8(tag::small_tuple);
    out_.put8(static_cast<uint8_t>(arity));
  } else {
    out_.put8(tag::large_tuple);
    out_.put32(static_cast<uint32_t>(arity));
  }
  push(tuple->elements, arity);
}

void ExternalEncoder::put_large_bytes(Term, Bytes bytes) { out_.put(bytes.data(), bytes.size()); }

void ExternalEncoder::put_bits(Term term) {
  BitView view = bit_view(term);
  size_t bytes = (view.bit_size + 7) / 8, last_bits = view.bit_size & 7;
  out_.put8(last_bits == 0 ? tag::binary : tag::bit_binary);
  out_.put32(static_cast<uint32_t>(bytes));
  if (last_bits != 0) out_.put8(static_cast<uint8_t>(last_bits));
  if (view.is_aligned() && last_bits == 0) {
    if (bytes > heap_binary_limit) return put_large_bytes(term, view.span());
    return out_.put(view.bytes(), bytes);
  }
  unsigned shift = view.bit_offset & 7;
  const uint8_t* from = view.base + view.bit_offset / 8;
  const uint8_t* last = view.base + (view.bit_offset + view.bit_size + 7) / 8 - 1;
  for (size_t i = 0; i < bytes; i++, from++) {
    unsigned byte = static_cast<unsigned>(*from) << shift;
    if (shift != 0 && from < last) byte |= static_cast<unsigned>(from[1]) >> (8 - shift);
    if (i + 1 == bytes && last_bits != 0) byte &= 0xff00u >> last_bits;
    out_.put8(static_cast<uint8_t>(byte));
  }
}

void ExternalEncoder::put_map(Term map) {
  size_t count = map_size(map);
  out_.put8(tag::map);
  out_.put32(static_cast<uint32_t>(count));
  if (map.is_flat_map()) return push(reinterpret_cast<const Term*>(map.as<FlatMap>()), count * 2, Step::flat_pairs);
  if (options_.deterministic) return put_sorted_map(map);
  auto children = as_hash_map_node(map)->children();
  push(children.data(), children.size(), Step::trie);
}

// Large maps have no order of their own that another run of the node would share.
void ExternalEncoder::put_sorted_map(Term map) {
  struct Pair {
    Term key, value;
  };
  size_t count = map_size(map);
  auto pairs = std::unique_ptr<Term[]>(new Term[count * 2]);
  auto* begin = reinterpret_cast<Pair*>(pairs.get());
  MapIterator iterator(map);
  for (Pair* pair = begin; iterator.next(pair->key, pair->value);) pair++;
  std::sort(begin, begin + count, [](const Pair& a, const Pair& b) { return compare_exact(a.key, b.key) < 0; });
  push(pairs.get(), count * 2);
  sorted_pairs_.push_back(std::move(pairs));
}

void encode_external_body(std::vector<uint8_t>& out, Term term, const EncodeOptions& options) {
  ByteBuffer buffer;
  ExternalEncoder(buffer, options).encode(term);
  out.insert(out.end(), buffer.data(), buffer.data() + buffer.size());
}

std::vector<uint8_t> encode_external(Term term, const EncodeOptions& options) {
  ByteBuffer buffer;
  encode_external(buffer, term, options);
  return {buffer.data(), buffer.data() + buffer.size()};
}

void encode_external(ByteBuffer& out, Term term, const EncodeOptions& options) {
  out.put8(tag::version);
  if (options.compression == 0) return ExternalEncoder(out, options).encode(term);
  ByteBuffer plain;
  ExternalEncoder(plain, options).encode(term);
  std::vector<uint8_t> compressed;
  if (!plain.failed() && deflate_if_smaller(compressed, plain.bytes(), options.compression)) {
    out.put8(tag::compressed);
    out.put32(static_cast<uint32_t>(plain.size()));
    return out.put(compressed.data(), compressed.size());
  }
  out.put(plain.data(), plain.size());
}

size_t external_size(Term term, const EncodeOptions& options) {
  ByteBuffer counter(ByteBuffer::Mode::count);
  ExternalEncoder encoder(counter, options);
  encoder.encode(term);
  return 1 + counter.position() + encoder.overestimate();
}

}  // namespace hanse
