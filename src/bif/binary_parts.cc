// binary: bytes, parts, copies and integers; searching is in binary.cc.
#include <algorithm>

#include "bif/binary_bytes.h"
#include "bif/iolist.h"
#include "bif/tables.h"
#include "process/call.h"
#include "term/big.h"

namespace hanse {

static Result binary_at_2(Call& call) {
  Term position = call.args[1];
  if (!call.args[0].is_binary() || !position.is_small() || position.as_small() < 0) return raise_badarg(call);
  BitView view = bit_view(call.args[0]);
  auto index = static_cast<size_t>(position.as_small());
  if (index >= view.byte_size()) return raise_badarg(call);
  return Term::small(byte_at_bit(view.base, view.bit_offset + index * 8, view.bit_offset + view.bit_size));
}

static Result binary_first_1(Call& call) {
  if (!call.args[0].is_binary()) return raise_badarg(call);
  BitView view = bit_view(call.args[0]);
  if (view.bit_size == 0) return raise_badarg(call);
  return Term::small(byte_at_bit(view.base, view.bit_offset, view.bit_offset + view.bit_size));
}

static Result binary_last_1(Call& call) {
  if (!call.args[0].is_binary()) return raise_badarg(call);
  BitView view = bit_view(call.args[0]);
  if (view.bit_size == 0) return raise_badarg(call);
  return Term::small(byte_at_bit(view.base, view.bit_offset + view.bit_size - 8, view.bit_offset + view.bit_size));
}

static Result part(Call& call, Term position, Term length) {
  if (!call.args[0].is_bitstring() || !position.is_small() || !length.is_small()) return raise_badarg(call);
  auto size = static_cast<int64_t>(bit_view(call.args[0]).byte_size());
  int64_t begin = position.as_small(), count = length.as_small();
  if (begin < 0 || begin > size || count < -begin || count > size - begin) return raise_badarg(call);
  if (count < 0) {
    begin += count;
    count = -count;
  }
  return make_sub_binary(call.arena(), call.args[0], static_cast<size_t>(begin) * 8, static_cast<size_t>(count) * 8);
}

static Result binary_part_2(Call& call) {
  if (!is_tuple_of_arity(call.args[1], 2)) return raise_badarg(call);
  Tuple* range = as_tuple(call.args[1]);
  return part(call, range->elements[0], range->elements[1]);
}

static Result binary_part_3(Call& call) { return part(call, call.args[1], call.args[2]); }

static Result copy_times(Call& call, size_t times) {
  BinaryBytes bytes(call.args[0]);
  size_t size;
  if (__builtin_mul_overflow(bytes.size(), times, &size)) return raise_system_limit(call);
  NewBinary result = allocate_binary(call.arena(), size);
  if (result.term.is_none()) return raise_system_limit(call);
  call.charge(size / 256);
  if (bytes.size() == 1) {
    std::memset(result.bytes, bytes.data()[0], size);
  } else {
    for (size_t at = 0; at < size; at += bytes.size()) std::memcpy(result.bytes + at, bytes.data(), bytes.size());
  }
  return result.term;
}

static Result binary_copy_1(Call& call) {
  if (!call.args[0].is_binary()) return raise_badarg(call);
  return copy_times(call, 1);
}

static Result binary_copy_2(Call& call) {
  Term times = call.args[1];
  if (!call.args[0].is_bitstring() || !times.is_small() || times.as_small() < 0) return raise_badarg(call);
  if (times == Term::small(0)) return make_binary(call.arena(), Bytes());  // of any bit string
  if (!call.args[0].is_binary()) return raise_badarg(call);
  return copy_times(call, static_cast<size_t>(times.as_small()));
}

// referenced_byte_size/1: bytes of what the binary is a part of.
static Result binary_referenced_byte_size_1(Call& call) {
  Term whole = call.args[0];
  if (!whole.is_bitstring()) return raise_badarg(call);
  if (whole.is_boxed_kind(Boxed::sub_binary)) whole = whole.as<SubBinary>()->original;
  if (whole.is_boxed_kind(Boxed::refc_binary))
    return Term::small(static_cast<int64_t>(whole.as<RefcBinary>()->value->size));
  return Term::small(static_cast<int64_t>(whole.as<HeapBinary>()->byte_size));
}

static Result binary_list_to_bin_1(Call& call) {
  size_t size;
  if (!call.args[0].is_list() || !iolist_size(call.args[0], size)) return raise_badarg(call);
  NewBinary result = allocate_binary(call.arena(), size);
  if (result.term.is_none()) return raise_system_limit(call);
  call.charge(size / 64);
  store_bit_list(call.args[0], result.bytes);
  return result.term;
}

// --- what the binaries of a list have in common ---

enum class CommonPart : uint8_t { prefix, suffix };

static Result longest_common(Call& call, CommonPart which) {
  Term list = call.args[0];
  if (!list.is_cons() || !list.as_cons()->head.is_binary()) return raise_badarg(call);
  BinaryBytes first(list.as_cons()->head);
  size_t common = first.size();
  for (list = list.as_cons()->tail; list.is_cons(); list = list.as_cons()->tail) {
    if (!list.as_cons()->head.is_binary()) return raise_badarg(call);
    BinaryBytes other(list.as_cons()->head);
    common = std::min(common, other.size());
    Bytes a = first.span(), b = other.span();
    size_t same = 0;
    if (which == CommonPart::prefix)
      while (same < common && a[same] == b[same]) same++;
    else
      while (same < common && a[a.size() - 1 - same] == b[b.size() - 1 - same]) same++;
    common = same;
    call.charge(1 + same / 64);
  }
  if (!list.is_nil()) return raise_badarg(call);
  return Term::small(static_cast<int64_t>(common));
}

static Result binary_longest_common_prefix_1(Call& call) { return longest_common(call, CommonPart::prefix); }
static Result binary_longest_common_suffix_1(Call& call) { return longest_common(call, CommonPart::suffix); }

// --- integers ---

static Result encode_unsigned(Call& call, Term endianness) {
  Term integer = call.args[0];
  if (!integer.is_integer() || integer_sign(integer) < 0) return raise_badarg(call);
  if (endianness != am::big && endianness != am::little) return raise_badarg(call);
  size_t size = std::max(integer_magnitude_bytes(integer), size_t{1});
  NewBinary result = allocate_binary(call.arena(), size);
  if (result.term.is_none()) return raise_system_limit(call);
  integer_store_magnitude(integer, result.bytes, size);
  if (endianness == am::big) std::reverse(result.bytes, result.bytes + size);
  call.charge(size / 64);
  return result.term;
}

static Result binary_encode_unsigned_1(Call& call) { return encode_unsigned(call, am::big); }
static Result binary_encode_unsigned_2(Call& call) { return encode_unsigned(call, call.args[1]); }

static Result decode_unsigned(Call& call, Term endianness) {
  if (!call.args[0].is_binary()) return raise_badarg(call);
  if (endianness != am::big && endianness != am::little) return raise_badarg(call);
  BinaryBytes bytes(call.args[0]);
  call.charge(bytes.size() / 64);
  Term integer;
  if (endianness == am::little) {
    integer = integer_from_magnitude(call.arena(), false, bytes.data(), bytes.size());
  } else {
    std::vector<uint8_t> little(bytes.span().rbegin(), bytes.span().rend());
    integer = integer_from_magnitude(call.arena(), false, little.data(), little.size());
  }
  if (integer.is_none()) return raise_system_limit(call);
  return integer;
}

static Result binary_decode_unsigned_1(Call& call) { return decode_unsigned(call, am::big); }
static Result binary_decode_unsigned_2(Call& call) { return decode_unsigned(call, call.args[1]); }

static constexpr BifRow rows[] = {
    {"binary", "at", 2, binary_at_2, BifKind::plain, Authority::pure},
    {"binary", "copy", 1, binary_copy_1, BifKind::plain, Authority::pure},
    {"binary", "copy", 2, binary_copy_2, BifKind::plain, Authority::pure},
    {"binary", "decode_unsigned", 1, binary_decode_unsigned_1, BifKind::plain, Authority::pure},
    {"binary", "decode_unsigned", 2, binary_decode_unsigned_2, BifKind::plain, Authority::pure},
    {"binary", "encode_unsigned", 1, binary_encode_unsigned_1, BifKind::plain, Authority::pure},
    {"binary", "encode_unsigned", 2, binary_encode_unsigned_2, BifKind::plain, Authority::pure},
    {"binary", "first", 1, binary_first_1, BifKind::plain, Authority::pure},
    {"binary", "last", 1, binary_last_1, BifKind::plain, Authority::pure},
    {"binary", "list_to_bin", 1, binary_list_to_bin_1, BifKind::plain, Authority::pure},
    {"binary", "longest_common_prefix", 1, binary_longest_common_prefix_1, BifKind::plain, Authority::pure},
    {"binary", "longest_common_suffix", 1, binary_longest_common_suffix_1, BifKind::plain, Authority::pure},
    {"binary", "part", 2, binary_part_2, BifKind::plain, Authority::pure},
    {"binary", "part", 3, binary_part_3, BifKind::plain, Authority::pure},
    {"binary", "referenced_byte_size", 1, binary_referenced_byte_size_1, BifKind::plain, Authority::pure},
};
const BifTable binary_parts_bifs = rows;

}  // namespace hanse
