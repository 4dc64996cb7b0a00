// erlang: hashes of terms, checksums of iodata.
#include <zlib.h>

#include "base/md5.h"
#include "bif/binary_bytes.h"
#include "bif/iolist.h"
#include "bif/tables.h"
#include "process/call.h"
#include "term/big.h"
#include "term/hash.h"

namespace hanse {

static constexpr uint64_t hash_range = uint64_t{1} << 32;

// A range of 1 to 2^32; 0 for anything else.
static uint64_t range_of(Term term) {
  if (!term.is_small() || term.as_small() < 1 || static_cast<uint64_t>(term.as_small()) > hash_range) return 0;
  return static_cast<uint64_t>(term.as_small());
}

static Result erlang_phash_2(Call& call) {
  uint64_t range = range_of(call.args[1]);
  if (range == 0) return raise_badarg(call);
  return Term::small(static_cast<int64_t>(portable_hash(call.args[0]) % range + 1));
}

static Result erlang_phash2_1(Call& call) { return Term::small(portable_hash2(call.args[0]) & ((1 << 27) - 1)); }

static Result erlang_phash2_2(Call& call) {
  uint64_t range = range_of(call.args[1]);
  if (range == 0) return raise_badarg(call);
  return Term::small(static_cast<int64_t>(portable_hash2(call.args[0]) % range));
}

// Calls update(Bytes) for every run of bytes of iodata, after checking all of it. False if it is no iodata.
template <class Update>
static bool for_each_run(Call& call, Term iodata, Update update) {
  size_t size;
  if (!iolist_size(iodata, size) || !budget_admits_bytes(size)) return false;  // shared parts may add up to years
  call.charge(size / 256);
  uint8_t run[256];
  size_t length = 0;
  auto flush = [&] {
    if (length > 0) update(Bytes(run, length));
    length = 0;
  };
  walk_iolist(
      iodata,
      [&](uint8_t byte) {
        if (length == sizeof(run)) flush();
        run[length++] = byte;
        return true;
      },
      [&](Term binary) {
        flush();
        BinaryBytes bytes(binary);
        update(bytes.span());
        return true;
      });
  flush();
  return true;
}

// --- MD5: a context is the state, the number of bits so far and the unfinished block, 88 bytes as in stock ---

static constexpr size_t context_size = 88;

static Term context_term(Arena& arena, const Md5& md5) {
  uint8_t bytes[context_size];
  uint64_t bits = md5.length * 8;
  std::memcpy(bytes, md5.state, 16);
  std::memcpy(bytes + 16, &bits, 8);
  std::memcpy(bytes + 24, md5.block, 64);
  return make_binary(arena, std::span<const uint8_t>(bytes));
}

static bool read_context(Term term, Md5& md5) {
  if (!term.is_binary()) return false;
  BinaryBytes bytes(term);
  if (bytes.size() != context_size) return false;
  std::memcpy(md5.state, bytes.data(), 16);
  md5.length = load_unaligned<uint64_t>(bytes.data() + 16) / 8;
  std::memcpy(md5.block, bytes.data() + 24, 64);
  return true;
}

static Term digest_term(Arena& arena, Md5& md5) {
  Md5::Digest digest = md5.finish();
  return make_binary(arena, std::span<const uint8_t>(digest));
}

static Result erlang_md5_1(Call& call) {
  Md5 md5;
  if (!for_each_run(call, call.args[0], [&](Bytes run) { md5.update(run); })) return raise_badarg(call);
  return digest_term(call.arena(), md5);
}

static Result erlang_md5_init_0(Call& call) { return context_term(call.arena(), Md5()); }

static Result erlang_md5_update_2(Call& call) {
  Md5 md5;
  if (!read_context(call.args[0], md5)) return raise_badarg(call);
  if (!for_each_run(call, call.args[1], [&](Bytes run) { md5.update(run); })) return raise_badarg(call);
  return context_term(call.arena(), md5);
}

static Result erlang_md5_final_1(Call& call) {
  Md5 md5;
  if (!read_context(call.args[0], md5)) return raise_badarg(call);
  return digest_term(call.arena(), md5);
}

// --- CRC-32 and Adler-32 ---

static bool read_checksum(Term term, uLong& value) {
  if (!term.is_small() || term.as_small() < 0 || term.as_small() > UINT32_MAX) return false;
  value = static_cast<uLong>(term.as_small());
  return true;
}

using Checksum = uLong (*)(uLong, const Bytef*, z_size_t);

static Result checksum(Call& call, Checksum function, uLong start, Term iodata) {
  bool valid = for_each_run(call, iodata, [&](Bytes run) {
    if (!run.empty()) start = function(start, run.data(), run.size());
  });
  if (!valid) return raise_badarg(call);
  return Term::small(static_cast<int64_t>(start));
}

static Result checksum_from(Call& call, Checksum function) {
  uLong start;
  if (!read_checksum(call.args[0], start)) return raise_badarg(call);
  return checksum(call, function, start, call.args[1]);
}

static Result erlang_crc32_1(Call& call) { return checksum(call, crc32_z, 0, call.args[0]); }
static Result erlang_crc32_2(Call& call) { return checksum_from(call, crc32_z); }
static Result erlang_adler32_1(Call& call) { return checksum(call, adler32_z, 1, call.args[0]); }
static Result erlang_adler32_2(Call& call) { return checksum_from(call, adler32_z); }

// Arguments: two checksums and the number of bytes of the second.
static Result combine(Call& call, uLong (*function)(uLong, uLong, z_off_t)) {
  uLong first, second, size;
  if (!read_checksum(call.args[0], first) || !read_checksum(call.args[1], second) || !read_checksum(call.args[2], size))
    return raise_badarg(call);
  return Term::small(static_cast<int64_t>(function(first, second, static_cast<z_off_t>(size))));
}
static Result erlang_crc32_combine_3(Call& call) { return combine(call, crc32_combine); }
static Result erlang_adler32_combine_3(Call& call) {
  // zlib has answered differently over time for a second part of no bytes.
  uLong first;
  if (call.args[2] == Term::small(0) && read_checksum(call.args[0], first) && read_checksum(call.args[1], first))
    return call.args[0];
  return combine(call, adler32_combine);
}

static constexpr BifRow rows[] = {
    {"erlang", "adler32", 1, erlang_adler32_1, BifKind::plain, Authority::pure},
    {"erlang", "adler32", 2, erlang_adler32_2, BifKind::plain, Authority::pure},
    {"erlang", "adler32_combine", 3, erlang_adler32_combine_3, BifKind::plain, Authority::pure},
    {"erlang", "crc32", 1, erlang_crc32_1, BifKind::plain, Authority::pure},
    {"erlang", "crc32", 2, erlang_crc32_2, BifKind::plain, Authority::pure},
    {"erlang", "crc32_combine", 3, erlang_crc32_combine_3, BifKind::plain, Authority::pure},
    {"erlang", "md5", 1, erlang_md5_1, BifKind::plain, Authority::pure},
    {"erlang", "md5_final", 1, erlang_md5_final_1, BifKind::plain, Authority::pure},
    {"erlang", "md5_init", 0, erlang_md5_init_0, BifKind::plain, Authority::pure},
    {"erlang", "md5_update", 2, erlang_md5_update_2, BifKind::plain, Authority::pure},
    {"erlang", "phash", 2, erlang_phash_2, BifKind::plain, Authority::pure},
    {"erlang", "phash2", 1, erlang_phash2_1, BifKind::plain, Authority::pure},
    {"erlang", "phash2", 2, erlang_phash2_2, BifKind::plain, Authority::pure},
};
const BifTable erlang_checksums_bifs = rows;

}  // namespace hanse
