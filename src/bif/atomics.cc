// atomics and counters: arrays of 64-bit integers that processes share, behind magic references.
#include "bif/tables.h"
#include "process/call.h"
#include "process/scheduler.h"
#include "term/big.h"
#include "term/map.h"

#include <cstdlib>

namespace hanse {

namespace {

// Zeroed memory of atomics; empty if there is none.
class AtomicArray {
 public:
  explicit AtomicArray(size_t count) : words_(static_cast<std::atomic<uint64_t>*>(std::calloc(count, sizeof(uint64_t)))) {}
  AtomicArray(const AtomicArray&) = delete;
  AtomicArray& operator=(const AtomicArray&) = delete;
  ~AtomicArray() { std::free(words_); }
  explicit operator bool() const { return words_ != nullptr; }
  std::atomic<uint64_t>& operator[](size_t index) { return words_[index]; }

 private:
  std::atomic<uint64_t>* words_;
};

struct Atomics {
  Atomics(size_t count, bool is_signed) : size(count), is_signed(is_signed), words(count) {}
  size_t size;
  bool is_signed;
  AtomicArray words;  // written and read by any thread, sequentially consistent as documented
  static size_t bytes_of(size_t count) { return 40 + count * 8; }  // as stock counts
  size_t bytes() const { return bytes_of(size); }
};

// For counters that many write and few read: each scheduler adds to its own stripe (other threads share the first one), a
// read sums them. Reads may miss additions
// that happen at the same time, as documented for write_concurrency.
struct Counters {
  static constexpr size_t line_words = 8;
  explicit Counters(size_t count)
      : size(count), stripes(stripe_count()), stripe_words(words_of_stripe(count)), words(stripe_words * stripes) {}
  static size_t stripe_count() { return scheduler_options().schedulers + 1; }
  static size_t words_of_stripe(size_t count) { return (count + line_words - 1) / line_words * line_words; }
  static size_t bytes_of(size_t count) { return 32 + words_of_stripe(count) * stripe_count() * 8; }
  size_t size;
  size_t stripes;
  size_t stripe_words;  // a multiple of a cache line
  AtomicArray words;
  size_t bytes() const { return bytes_of(size); }

  std::atomic<uint64_t>& at(size_t stripe, size_t index) { return words[stripe * stripe_words + index]; }
  std::atomic<uint64_t>& mine(size_t index) {
    const SchedulerThread* thread = this_scheduler_thread();
    return at(thread == nullptr || thread->is_dirty ? 0 : thread->id, index);
  }
  uint64_t sum(size_t index) {
    uint64_t total = 0;
    for (size_t i = 0; i < stripes; i++) total += at(i, index).load(std::memory_order_relaxed);
    return total;
  }
};

// More could not be addressed.
constexpr int64_t max_size = int64_t{1} << 56;

template <class T>
T* magic_argument(Term reference) {
  if (!reference.is_boxed_kind(Boxed::magic_reference)) return nullptr;
  return Magic<T>::get(reference.as<MagicReference>()->off_heap.value);
}

// One-based index, as guests give it.
bool index_argument(Term term, size_t size, size_t& index) {
  if (!term.is_small() || term.as_small() < 1 || static_cast<uint64_t>(term.as_small()) > size) return false;
  index = static_cast<size_t>(term.as_small() - 1);
  return true;
}

bool value_argument(Term term, bool is_signed, uint64_t& value) {
  int64_t number;
  if (!term.is_integer()) return false;
  if (!is_signed) return integer_fits_uint64(term, value);
  if (!integer_fits_int64(term, number)) return false;
  value = static_cast<uint64_t>(number);
  return true;
}

// Increments wrap around, and may be given either way.
bool increment_argument(Term term, uint64_t& value) {
  return value_argument(term, true, value) || value_argument(term, false, value);
}

Term value_term(Arena& arena, uint64_t value, bool is_signed) {
  return is_signed ? make_integer(arena, static_cast<int64_t>(value)) : make_unsigned(arena, value);
}

struct Place {
  Atomics* atomics = nullptr;
  size_t index = 0;
  bool find(Call& call) {
    atomics = magic_argument<Atomics>(call.args[0]);
    return atomics != nullptr && index_argument(call.args[1], atomics->size, index);
  }
  std::atomic<uint64_t>& word() { return atomics->words[index]; }
};

// Size of a new array. Not set if `result` is to be returned instead.
bool size_argument(Call& call, Result& result, size_t& size) {
  Term term = call.args[0];
  if (!term.is_integer() || integer_sign(term) <= 0) {
    result = raise_badarg(call);
    return false;
  }
  if (!term.is_small() || term.as_small() > max_size) {
    result = raise_system_limit(call);
    return false;
  }
  size = static_cast<size_t>(term.as_small());
  return true;
}

template <class T, class... Args>
Result make_magic(Call& call, size_t size, Args... args) {
  if (!budget_admits_bytes(T::bytes_of(size))) return raise_system_limit(call);
  OffHeapBinary* binary = Magic<T>::create(size, args...);
  T* object = Magic<T>::get(binary);
  if (!object->words) {
    binary->release();
    return raise_system_limit(call);
  }
  binary->count_elsewhere(object->bytes());
  binary->size = object->bytes();  // what the holder's collector should know about
  return make_magic_reference(call.arena(), binary);
}

}  // namespace

// erts_internal:atomics_new/2. Arguments: size, option bits (1: signed).
static Result erts_internal_atomics_new_2(Call& call) {
  Result result = am::undefined;
  size_t size = 0;
  if (!call.args[1].is_small()) return raise_badarg(call);
  if (!size_argument(call, result, size)) return result;
  return make_magic<Atomics>(call, size, (call.args[1].as_small() & 1) != 0);
}

static Result atomics_put_3(Call& call) {
  Place place;
  uint64_t value;
  if (!place.find(call) || !value_argument(call.args[2], place.atomics->is_signed, value)) return raise_badarg(call);
  place.word().store(value);
  return am::ok;
}

static Result atomics_get_2(Call& call) {
  Place place;
  if (!place.find(call)) return raise_badarg(call);
  return value_term(call.arena(), place.word().load(), place.atomics->is_signed);
}

static Result atomics_add_3(Call& call) {
  Place place;
  uint64_t increment;
  if (!place.find(call) || !increment_argument(call.args[2], increment)) return raise_badarg(call);
  place.word().fetch_add(increment);
  return am::ok;
}

static Result atomics_add_get_3(Call& call) {
  Place place;
  uint64_t increment;
  if (!place.find(call) || !increment_argument(call.args[2], increment)) return raise_badarg(call);
  return value_term(call.arena(), place.word().fetch_add(increment) + increment, place.atomics->is_signed);
}

static Result atomics_exchange_3(Call& call) {
  Place place;
  uint64_t value;
  if (!place.find(call) || !value_argument(call.args[2], place.atomics->is_signed, value)) return raise_badarg(call);
  return value_term(call.arena(), place.word().exchange(value), place.atomics->is_signed);
}

// atomics:compare_exchange/4. Arguments: reference, index, expected, desired. ok, or the actual value.
static Result atomics_compare_exchange_4(Call& call) {
  Place place;
  uint64_t expected, desired;
  if (!place.find(call) || !value_argument(call.args[2], place.atomics->is_signed, expected) ||
      !value_argument(call.args[3], place.atomics->is_signed, desired))
    return raise_badarg(call);
  if (place.word().compare_exchange_strong(expected, desired)) return am::ok;
  return value_term(call.arena(), expected, place.atomics->is_signed);
}

static Result atomics_info_1(Call& call) {
  auto* atomics = magic_argument<Atomics>(call.args[0]);
  if (atomics == nullptr) return raise_badarg(call);
  Arena& arena = call.arena();
  uint64_t max = atomics->is_signed ? INT64_MAX : UINT64_MAX;
  uint64_t min = atomics->is_signed ? static_cast<uint64_t>(INT64_MIN) : 0;
  Term keys[] = {am::max, am::memory, am::min, am::size};
  Term values[] = {make_unsigned(arena, max), make_unsigned(arena, atomics->bytes()),
                   value_term(arena, min, atomics->is_signed), make_unsigned(arena, atomics->size)};
  return map_from_pairs(arena, keys, values);
}

static Result erts_internal_counters_new_1(Call& call) {
  Result result = am::undefined;
  size_t size = 0;
  if (!size_argument(call, result, size)) return result;
  return make_magic<Counters>(call, size);
}

static Result erts_internal_counters_get_2(Call& call) {
  auto* counters = magic_argument<Counters>(call.args[0]);
  size_t index;
  if (counters == nullptr || !index_argument(call.args[1], counters->size, index)) return raise_badarg(call);
  return make_integer(call.arena(), static_cast<int64_t>(counters->sum(index)));
}

static Result erts_internal_counters_add_3(Call& call) {
  auto* counters = magic_argument<Counters>(call.args[0]);
  size_t index;
  uint64_t increment;
  if (counters == nullptr || !index_argument(call.args[1], counters->size, index) || !increment_argument(call.args[2], increment))
    return raise_badarg(call);
  counters->mine(index).fetch_add(increment, std::memory_order_relaxed);
  return am::ok;
}

static Result erts_internal_counters_put_3(Call& call) {
  auto* counters = magic_argument<Counters>(call.args[0]);
  size_t index;
  uint64_t value;
  if (counters == nullptr || !index_argument(call.args[1], counters->size, index) || !value_argument(call.args[2], true, value))
    return raise_badarg(call);
  for (size_t i = 1; i < counters->stripes; i++) counters->at(i, index).store(0, std::memory_order_relaxed);
  counters->at(0, index).store(value, std::memory_order_relaxed);
  return am::ok;
}

static Result erts_internal_counters_info_1(Call& call) {
  auto* counters = magic_argument<Counters>(call.args[0]);
  if (counters == nullptr) return raise_badarg(call);
  Term keys[] = {am::memory, am::size};
  Term values[] = {make_unsigned(call.arena(), counters->bytes()), make_unsigned(call.arena(), counters->size)};
  return map_from_pairs(call.arena(), keys, values);
}

// A reference is a capability: whoever has one may use what it stands for.
static constexpr BifRow rows[] = {
    {"atomics", "add", 3, atomics_add_3, BifKind::plain, Authority::own_process},
    {"atomics", "add_get", 3, atomics_add_get_3, BifKind::plain, Authority::own_process},
    {"atomics", "compare_exchange", 4, atomics_compare_exchange_4, BifKind::plain, Authority::own_process},
    {"atomics", "exchange", 3, atomics_exchange_3, BifKind::plain, Authority::own_process},
    {"atomics", "get", 2, atomics_get_2, BifKind::plain, Authority::own_process},
    {"atomics", "info", 1, atomics_info_1, BifKind::plain, Authority::own_process},
    {"atomics", "put", 3, atomics_put_3, BifKind::plain, Authority::own_process},
    {"erts_internal", "atomics_new", 2, erts_internal_atomics_new_2, BifKind::plain, Authority::own_process},
    {"erts_internal", "counters_add", 3, erts_internal_counters_add_3, BifKind::plain, Authority::own_process},
    {"erts_internal", "counters_get", 2, erts_internal_counters_get_2, BifKind::plain, Authority::own_process},
    {"erts_internal", "counters_info", 1, erts_internal_counters_info_1, BifKind::plain, Authority::own_process},
    {"erts_internal", "counters_new", 1, erts_internal_counters_new_1, BifKind::plain, Authority::own_process},
    {"erts_internal", "counters_put", 3, erts_internal_counters_put_3, BifKind::plain, Authority::own_process},
};
const BifTable atomics_bifs = rows;

}  // namespace hanse
