// erlang: binaries and bit strings: sizes, parts, conversions from and to lists.
#include "bif/binary_bytes.h"
#include "bif/iolist.h"
#include "bif/list_builder.h"
#include "bif/tables.h"
#include "process/call.h"

namespace hanse {

static Result erlang_byte_size_1(Call& call) {
  if (!call.args[0].is_bitstring()) return raise_badarg(call);
  return Term::small(static_cast<int64_t>((bit_view(call.args[0]).bit_size + 7) / 8));
}

static Result erlang_bit_size_1(Call& call) {
  if (!call.args[0].is_bitstring()) return raise_badarg(call);
  return Term::small(static_cast<int64_t>(bit_view(call.args[0]).bit_size));
}

// size/1: elements of a tuple, whole bytes of a bit string.
static Result erlang_size_1(Call& call) {
  Term term = call.args[0];
  if (term.is_tuple()) return Term::small(static_cast<int64_t>(as_tuple(term)->arity()));
  if (!term.is_bitstring()) return raise_badarg(call);
  return Term::small(static_cast<int64_t>(bit_view(term).byte_size()));
}

// binary_part: a negative length counts backwards from the position.
static Result part(Call& call, Term position, Term length) {
  if (!call.args[0].is_bitstring() || !position.is_small() || !length.is_small()) return raise_badarg(call);
  auto size = static_cast<int64_t>(bit_view(call.args[0]).byte_size());
  int64_t begin = position.as_small(), count = length.as_small();
  if (begin < 0 || begin > size) return raise_badarg(call);
  if (count < 0) {
    if (count < -begin) return raise_badarg(call);
    begin += count;
    count = -count;
  }
  if (count > size - begin) return raise_badarg(call);
  return make_sub_binary(call.arena(), call.args[0], static_cast<size_t>(begin) * 8, static_cast<size_t>(count) * 8);
}

static Result erlang_binary_part_2(Call& call) {
  if (!is_tuple_of_arity(call.args[1], 2)) return raise_badarg(call);
  Tuple* range = as_tuple(call.args[1]);
  return part(call, range->elements[0], range->elements[1]);
}

static Result erlang_binary_part_3(Call& call) { return part(call, call.args[1], call.args[2]); }

static Result erlang_split_binary_2(Call& call) {
  Term binary = call.args[0], position = call.args[1];
  if (!binary.is_bitstring() || !position.is_small() || position.as_small() < 0) return raise_badarg(call);
  BitView view = bit_view(binary);
  if (static_cast<size_t>(position.as_small()) > view.byte_size()) return raise_badarg(call);
  size_t first_bits = static_cast<size_t>(position.as_small()) * 8;
  return make_tuple(call.arena(), make_sub_binary(call.arena(), binary, 0, first_bits),
                    make_sub_binary(call.arena(), binary, first_bits, view.bit_size - first_bits));
}

// A new bit string of what bit_list_size has measured.
static Result new_bit_list(Call& call, Term list, size_t bits) {
  size_t bytes = (bits + 7) / 8;
  call.charge(bytes / 64);
  NewBinary binary = allocate_binary(call.arena(), bytes);
  if (binary.term.is_none()) return raise_system_limit(call);
  if ((bits & 7) != 0) binary.bytes[bytes - 1] = 0;
  store_bit_list(list, binary.bytes);
  if ((bits & 7) != 0) return make_sub_binary(call.arena(), binary.term, 0, bits);
  return binary.term;
}

static Result erlang_list_to_binary_1(Call& call) {
  size_t bytes;
  if (!call.args[0].is_list() || !iolist_size(call.args[0], bytes)) return raise_badarg(call);
  return new_bit_list(call, call.args[0], bytes * 8);
}

static Result erlang_iolist_to_binary_1(Call& call) {
  size_t bytes;
  if (call.args[0].is_binary()) return call.args[0];
  if (!call.args[0].is_list() || !iolist_size(call.args[0], bytes)) return raise_badarg(call);
  return new_bit_list(call, call.args[0], bytes * 8);
}

static Result erlang_list_to_bitstring_1(Call& call) {
  size_t bits;
  if (!call.args[0].is_list() || !bit_list_size(call.args[0], bits)) return raise_badarg(call);
  return new_bit_list(call, call.args[0], bits);
}

static Result erlang_iolist_size_1(Call& call) {
  size_t bytes;
  if (!iolist_size(call.args[0], bytes)) return raise_badarg(call);
  call.charge(std::min<size_t>(bytes / 256, 4000));
  return make_unsigned(call.arena(), bytes);
}

// iolist_to_iovec/1: a list of binaries with the same bytes. Large binaries stay as they are, what lies between them is
// gathered.
static constexpr size_t gather_limit = 512;

static Result erlang_iolist_to_iovec_1(Call& call) {
  size_t bytes;
  if (!iolist_size(call.args[0], bytes)) return raise_badarg(call);
  if (bytes == 0) return Term::nil();
  if (call.args[0].is_bitstring()) return make_cons(call.arena(), call.args[0], Term::nil());
  call.charge(bytes / 256);
  ListBuilder vector(call.arena());
  std::vector<uint8_t> gathered;
  auto flush = [&] {
    if (!gathered.empty()) vector.add(make_binary(call.arena(), gathered));
    gathered.clear();
  };
  walk_iolist(
      call.args[0],
      [&](uint8_t byte) {
        gathered.push_back(byte);
        return true;
      },
      [&](Term binary) {
        if (bit_view(binary).byte_size() >= gather_limit) {
          flush();
          vector.add(binary);
        } else {
          BinaryBytes content(binary);
          gathered.insert(gathered.end(), content.span().begin(), content.span().end());
        }
        return true;
      });
  flush();
  return vector.finish();
}

static Term bytes_as_list(Call& call, Bytes bytes, Term tail) {
  call.charge(bytes.size() / 16);
  auto* cells = reinterpret_cast<Cons*>(call.arena().allocate(bytes.size() * 2));
  for (size_t i = 0; i < bytes.size(); i++) {
    cells[i].head = Term::small(bytes[i]);
    cells[i].tail = i + 1 < bytes.size() ? Term::cons(&cells[i + 1]) : tail;
  }
  return bytes.empty() ? tail : Term::cons(cells);
}

static Result erlang_binary_to_list_1(Call& call) {
  if (!call.args[0].is_binary()) return raise_badarg(call);
  BinaryBytes bytes(call.args[0]);
  return bytes_as_list(call, bytes.span(), Term::nil());
}

// binary_to_list/3: from the first to the last byte given, counted from one.
static Result erlang_binary_to_list_3(Call& call) {
  Term first = call.args[1], last = call.args[2];
  if (!call.args[0].is_bitstring() || !first.is_small() || !last.is_small()) return raise_badarg(call);
  BinaryBytes bytes(call.args[0]);
  if (first.as_small() < 1 || last.as_small() < first.as_small() ||
      last.as_small() > static_cast<int64_t>(bytes.size()))
    return raise_badarg(call);
  auto begin = static_cast<size_t>(first.as_small()) - 1;
  return bytes_as_list(call, bytes.span().subspan(begin, static_cast<size_t>(last.as_small()) - begin), Term::nil());
}

static Result erlang_bitstring_to_list_1(Call& call) {
  if (!call.args[0].is_bitstring()) return raise_badarg(call);
  BitView view = bit_view(call.args[0]);
  Term tail = Term::nil();
  if (size_t rest = view.bit_size & 7; rest != 0)
    tail = make_cons(call.arena(), make_sub_binary(call.arena(), call.args[0], view.bit_size - rest, rest), tail);
  BinaryBytes bytes(call.args[0]);
  return bytes_as_list(call, bytes.span(), tail);
}

static constexpr BifRow rows[] = {
    {"erlang", "binary_part", 2, erlang_binary_part_2, BifKind::guard, Authority::pure},
    {"erlang", "binary_part", 3, erlang_binary_part_3, BifKind::guard, Authority::pure},
    {"erlang", "binary_to_list", 1, erlang_binary_to_list_1, BifKind::plain, Authority::pure},
    {"erlang", "binary_to_list", 3, erlang_binary_to_list_3, BifKind::plain, Authority::pure},
    {"erlang", "bit_size", 1, erlang_bit_size_1, BifKind::guard, Authority::pure},
    {"erlang", "bitstring_to_list", 1, erlang_bitstring_to_list_1, BifKind::plain, Authority::pure},
    {"erlang", "byte_size", 1, erlang_byte_size_1, BifKind::guard, Authority::pure},
    {"erlang", "iolist_size", 1, erlang_iolist_size_1, BifKind::plain, Authority::pure},
    {"erlang", "iolist_to_binary", 1, erlang_iolist_to_binary_1, BifKind::plain, Authority::pure},
    {"erlang", "iolist_to_iovec", 1, erlang_iolist_to_iovec_1, BifKind::plain, Authority::pure},
    {"erlang", "list_to_binary", 1, erlang_list_to_binary_1, BifKind::plain, Authority::pure},
    {"erlang", "list_to_bitstring", 1, erlang_list_to_bitstring_1, BifKind::plain, Authority::pure},
    {"erlang", "size", 1, erlang_size_1, BifKind::guard, Authority::pure},
    {"erlang", "split_binary", 2, erlang_split_binary_2, BifKind::plain, Authority::pure},
};
const BifTable erlang_binaries_bifs = rows;

}  // namespace hanse
