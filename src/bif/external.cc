// The external term format for guests: term_to_binary and its relatives.
#include "bif/binary_bytes.h"
#include "bif/tables.h"
#include "code/decode_environment.h"
#include "process/call.h"
#include "process/guest.h"
#include "process/machine.h"
#include "term/external_encoder.h"
#include "term/external_tags.h"

#include <vector>

namespace hanse {

// How many bytes of external terms count as a reduction.
static constexpr size_t bytes_per_reduction = 64;

static bool pair_with_key(Term option, Term key, int64_t low, int64_t high, int& value) {
  if (!is_tuple_of_arity(option, 2) || as_tuple(option)->elements[0] != key) return false;
  Term given = as_tuple(option)->elements[1];
  if (!given.is_small() || given.as_small() < low || given.as_small() > high) return false;
  value = static_cast<int>(given.as_small());
  return true;
}

static bool parse_encode_options(Term list, EncodeOptions& options) {
  for (; list.is_cons(); list = list.as_cons()->tail) {
    Term option = list.as_cons()->head;
    if (option == am::compressed)
      options.compression = 6;
    else if (option == am::deterministic)
      options.deterministic = true;
    else if (!pair_with_key(option, am::compressed, 0, 9, options.compression) &&
             !pair_with_key(option, am::minor_version, 0, 2, options.minor_version))
      return false;
  }
  return list.is_nil();
}

static Result encode_to_binary(Call& call, Term term, const EncodeOptions& options) {
  ByteBuffer buffer;
  encode_external(buffer, term, options);
  call.charge(buffer.position() / bytes_per_reduction);
  Term binary = buffer.take(call.arena());
  if (binary.is_none()) return raise_system_limit(call);
  return binary;
}

static Result erlang_term_to_binary_1(Call& call) { return encode_to_binary(call, call.args[0], {}); }

// erlang:term_to_binary/2. Options: compressed, {compressed, 0..9}, {minor_version, 0..2}, deterministic.
static Result erlang_term_to_binary_2(Call& call) {
  EncodeOptions options;
  if (!parse_encode_options(call.args[1], options)) return raise_badarg(call);
  return encode_to_binary(call, call.args[0], options);
}

// Leaves large binaries where they are and remembers where among the other bytes they belong.
class IovecEncoder final : public ExternalEncoder {
 public:
  using ExternalEncoder::ExternalEncoder;

  // All pieces in order. `rest` is the binary of the bytes in the buffer.
  Term pieces(Arena& arena, Term rest, size_t rest_size) {
    Term list = Term::nil();
    size_t end = rest_size;
    for (size_t i = cuts_.size(); i-- > 0;) {
      list = with_part(arena, rest, cuts_[i].offset, end, list);
      list = make_cons(arena, cuts_[i].binary, list);
      end = cuts_[i].offset;
    }
    return end == rest_size && cuts_.empty() ? make_cons(arena, rest, list) : with_part(arena, rest, 0, end, list);
  }

 private:
  struct Cut {
    size_t offset;
    Term binary;
  };
  void put_large_bytes(Term binary, Bytes bytes) override {
    cuts_.push_back({out_.size(), binary});
    out_.count_elsewhere(bytes.size());
  }
  static Term with_part(Arena& arena, Term rest, size_t begin, size_t end, Term list) {
    if (begin == end) return list;
    return make_cons(arena, make_sub_binary(arena, rest, begin * 8, (end - begin) * 8), list);
  }
  std::vector<Cut> cuts_;
};

static Result encode_to_iovec(Call& call, Term term, const EncodeOptions& options) {
  // As stock does: one binary, and no list around it.
  if (options.compression > 0) return encode_to_binary(call, term, options);
  ByteBuffer buffer;
  buffer.put8(external_tag::version);
  IovecEncoder encoder(buffer, options);
  encoder.encode(term);
  size_t size = buffer.size();
  call.charge(size / bytes_per_reduction);
  Term rest = buffer.take(call.arena());
  if (rest.is_none()) return raise_system_limit(call);
  return encoder.pieces(call.arena(), rest, size);
}

static Result erlang_term_to_iovec_1(Call& call) { return encode_to_iovec(call, call.args[0], {}); }

static Result erlang_term_to_iovec_2(Call& call) {
  EncodeOptions options;
  if (!parse_encode_options(call.args[1], options)) return raise_badarg(call);
  return encode_to_iovec(call, call.args[0], options);
}

static Result size_of_external(Call& call, const EncodeOptions& options) {
  size_t size = external_size(call.args[0], options);
  call.charge(size / (4 * bytes_per_reduction));
  return make_unsigned(call.arena(), size);
}

static Result erlang_external_size_1(Call& call) { return size_of_external(call, {}); }

// erlang:external_size/2. Option: {minor_version, 0..1}; stock takes no others here.
static Result erlang_external_size_2(Call& call) {
  EncodeOptions options;
  Term list = call.args[1];
  for (; list.is_cons(); list = list.as_cons()->tail)
    if (!pair_with_key(list.as_cons()->head, am::minor_version, 0, 1, options.minor_version)) return raise_badarg(call);
  if (!list.is_nil()) return raise_badarg(call);
  return size_of_external(call, options);
}

// What a guest decodes names nothing outside of its machine.
class GuestDecodeEnvironment final : public RealmDecodeEnvironment {
 public:
  GuestDecodeEnvironment(const Process& process, Mode mode) : RealmDecodeEnvironment(process.machine.realm, mode), process_(process) {}
  bool accepts_local(Term identifier) override { return may_name(process_, identifier); }
  bool accepts_foreign() override { return false; }
  bool revives_objects() override { return false; }

 private:
  const Process& process_;
};

static Decoded decode(Call& call, Bytes bytes, RealmDecodeEnvironment::Mode mode) {
  if (call.process.machine.guest() != nullptr) [[unlikely]] {
    GuestDecodeEnvironment environment(call.process, mode);
    return decode_external(call.arena(), bytes, environment);
  }
  RealmDecodeEnvironment environment(call.process.machine.realm, mode);
  return decode_external(call.arena(), bytes, environment);
}

static Result decode_binary(Call& call, RealmDecodeEnvironment::Mode mode, bool tell_used) {
  if (!call.args[0].is_binary()) return raise_badarg(call);
  BinaryBytes bytes(call.args[0]);
  Decoded decoded = decode(call, bytes.span(), mode);
  call.charge(bytes.size() / bytes_per_reduction);
  if (decoded.term.is_none()) {
    bool limit = decoded.error.system_limit && mode == RealmDecodeEnvironment::Mode::trusting;
    return limit ? raise_system_limit(call) : raise_badarg(call);
  }
  if (!tell_used) return decoded.term;
  return make_tuple(call.arena(), decoded.term, make_unsigned(call.arena(), decoded.bytes_used));
}

static Result erlang_binary_to_term_1(Call& call) {
  return decode_binary(call, RealmDecodeEnvironment::Mode::trusting, false);
}

// erlang:binary_to_term/2. Options: safe, used.
static Result erlang_binary_to_term_2(Call& call) {
  auto mode = RealmDecodeEnvironment::Mode::trusting;
  bool tell_used = false;
  Term list = call.args[1];
  for (; list.is_cons(); list = list.as_cons()->tail) {
    Term option = list.as_cons()->head;
    if (option == am::safe)
      mode = RealmDecodeEnvironment::Mode::safe;
    else if (option == am::used)
      tell_used = true;
    else
      return raise_badarg(call, am::badopt);
  }
  if (!list.is_nil()) return raise_badarg(call, am::badopt);
  return decode_binary(call, mode, tell_used);
}

// Decoding may make atoms and functions known: that is the machine's, encoding names only what the caller has.
static constexpr BifRow rows[] = {
    {"erlang", "binary_to_term", 1, erlang_binary_to_term_1, BifKind::plain, Authority::own_machine},
    {"erlang", "binary_to_term", 2, erlang_binary_to_term_2, BifKind::plain, Authority::own_machine},
    {"erlang", "external_size", 1, erlang_external_size_1, BifKind::plain, Authority::pure},
    {"erlang", "external_size", 2, erlang_external_size_2, BifKind::plain, Authority::pure},
    {"erlang", "term_to_binary", 1, erlang_term_to_binary_1, BifKind::plain, Authority::pure},
    {"erlang", "term_to_binary", 2, erlang_term_to_binary_2, BifKind::plain, Authority::pure},
    {"erlang", "term_to_iovec", 1, erlang_term_to_iovec_1, BifKind::plain, Authority::pure},
    {"erlang", "term_to_iovec", 2, erlang_term_to_iovec_2, BifKind::plain, Authority::pure},
};
const BifTable external_bifs = rows;

}  // namespace hanse
