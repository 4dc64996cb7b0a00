// erlang: clocks, units and unique integers. The native unit is the nanosecond.
#include <atomic>

#include "bif/tables.h"
#include "bif/unique_integer.h"
#include "bif/time_units.h"
#include "process/call.h"
#include "term/big.h"

namespace hanse {

static int64_t units_per_second(Term unit) {
  if (unit == am::second || unit == am::seconds) return 1;
  if (unit == am::millisecond || unit == am::milli_seconds) return 1000;
  if (unit == am::microsecond || unit == am::micro_seconds) return 1000000;
  if (unit == am::nanosecond || unit == am::nano_seconds || unit == am::native || unit == am::perf_counter)
    return 1000000000;
  return unit.is_small() && unit.as_small() > 0 ? unit.as_small() : 0;
}

Term convert_ns(Arena& arena, int64_t ns, Term unit) {
  static constexpr int64_t second = 1000000000;
  int64_t per_second = units_per_second(unit);
  if (per_second == 0) {
    if (!unit.is_boxed_kind(Boxed::positive_big)) return Term::none();
    Term product = integer_multiply(arena, make_integer(arena, ns), unit);
    if (ns < 0) product = integer_subtract(arena, product, Term::small(second - 1));  // rounds down
    return integer_divide(arena, product, Term::small(second));
  }
  __int128 product = static_cast<__int128>(ns) * per_second;
  __int128 quotient = product / second;
  if (product % second < 0) quotient--;
  if (quotient >= INT64_MIN && quotient <= INT64_MAX) return make_integer(arena, static_cast<int64_t>(quotient));
  uint8_t bytes[16];
  bool negative = quotient < 0;
  auto magnitude = static_cast<unsigned __int128>(negative ? -quotient : quotient);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(magnitude), magnitude >>= 8;
  return integer_from_magnitude(arena, negative, bytes, sizeof bytes);
}

static Result in_unit(Call& call, int64_t ns) {
  Term value = convert_ns(call.arena(), ns, call.args[0]);
  return value.is_none() ? raise_badarg(call) : Result(value);
}

static Result erlang_monotonic_time_0(Call& call) { return make_integer(call.arena(), erlang_monotonic_ns()); }
static Result erlang_monotonic_time_1(Call& call) { return in_unit(call, erlang_monotonic_ns()); }
static Result erlang_system_time_0(Call& call) { return make_integer(call.arena(), erlang_system_ns()); }
static Result erlang_system_time_1(Call& call) { return in_unit(call, erlang_system_ns()); }
static Result erlang_time_offset_0(Call& call) { return make_integer(call.arena(), time_offset_ns()); }
static Result erlang_time_offset_1(Call& call) { return in_unit(call, time_offset_ns()); }
static Result erts_internal_time_unit_0(Call&) { return Term::small(1000000000); }
static Result erts_internal_perf_counter_unit_0(Call&) { return Term::small(1000000000); }

static Result erlang_timestamp_0(Call& call) { return make_timestamp(call.arena(), erlang_system_ns() / 1000); }
static Result erlang_now_0(Call& call) { return make_now(call.arena()); }

// --- unique integers ---

// Not monotonic ones: each thread draws a block at a time.
static uint64_t next_unique() {
  static constexpr uint64_t block = 1024;
  static std::atomic<uint64_t> next_block{0};
  thread_local uint64_t next = 0, end = 0;
  if (next == end) {
    next = next_block.fetch_add(block, std::memory_order_relaxed);
    end = next + block;
  }
  return next++;
}
Term unique_integer(Arena& arena, bool positive, bool monotonic) {
  if (monotonic && !positive) return make_monotonic_unique(arena);
  uint64_t drawn = monotonic ? next_monotonic_unique() : next_unique();
  if (positive) return make_unsigned(arena, drawn + 1);
  return make_integer(arena, Term::small_min + static_cast<int64_t>(drawn));
}

static Result erlang_unique_integer_0(Call& call) { return unique_integer(call.arena(), false, false); }

static Result erlang_unique_integer_1(Call& call) {
  bool positive = false, monotonic = false;
  Term list = call.args[0];
  for (; list.is_cons(); list = list.as_cons()->tail) {
    if (list.as_cons()->head == am::positive) positive = true;
    else if (list.as_cons()->head == am::monotonic) monotonic = true;
    else return raise_badarg(call);
  }
  if (!list.is_nil()) return raise_badarg(call);
  return unique_integer(call.arena(), positive, monotonic);
}

static constexpr BifRow rows[] = {
    {"erlang", "monotonic_time", 0, erlang_monotonic_time_0, BifKind::plain, Authority::clock},
    {"erlang", "monotonic_time", 1, erlang_monotonic_time_1, BifKind::plain, Authority::clock},
    {"erlang", "system_time", 0, erlang_system_time_0, BifKind::plain, Authority::clock},
    {"erlang", "system_time", 1, erlang_system_time_1, BifKind::plain, Authority::clock},
    {"erlang", "time_offset", 0, erlang_time_offset_0, BifKind::plain, Authority::clock},
    {"erlang", "time_offset", 1, erlang_time_offset_1, BifKind::plain, Authority::clock},
    {"erlang", "timestamp", 0, erlang_timestamp_0, BifKind::plain, Authority::clock},
    {"erlang", "now", 0, erlang_now_0, BifKind::plain, Authority::clock},
    {"erlang", "unique_integer", 0, erlang_unique_integer_0, BifKind::plain, Authority::own_process},
    {"erlang", "unique_integer", 1, erlang_unique_integer_1, BifKind::plain, Authority::own_process},
    {"erts_internal", "time_unit", 0, erts_internal_time_unit_0, BifKind::plain, Authority::pure},
    {"erts_internal", "perf_counter_unit", 0, erts_internal_perf_counter_unit_0, BifKind::plain, Authority::pure},
};
const BifTable time_bifs = rows;

}  // namespace hanse
