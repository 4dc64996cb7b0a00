// erts_debug: sizes and identity of terms, and the door to the emulator's internals that OTP's tests use.
#include "base/epoch.h"
#include "bif/persistent_term.h"
#include "bif/tables.h"
#include "process/call.h"
#include "process/internal_state.h"
#include "process/process_states.h"
#include "process/process_table.h"
#include "term/copy.h"
#include "term/copy_whole.h"
#include "term/hash.h"
#include "term/map.h"

#include <atomic>

namespace hanse {

static Result erts_debug_flat_size_1(Call& call) {
  size_t words = whole_size(call.args[0]);
  call.charge(words / 32);
  return make_unsigned(call.arena(), words);
}

static Result erts_debug_size_shared_1(Call& call) {
  size_t words = shared_size(call.args[0]);
  call.charge(words / 16);
  return make_unsigned(call.arena(), words);
}

// erts_debug:same/2: whether both are one object.
static Result erts_debug_same_2(Call& call) { return boolean(call.args[0] == call.args[1]); }

// erts_debug:copy_shared/2. Arguments: term, whether literals are to be copied as well.
static Result erts_debug_copy_shared_2(Call& call) {
  Term term = call.args[0];
  if (call.args[1] != am::true_ && call.args[1] != am::false_) return raise_badarg(call);
  if (call.args[1] == am::true_) {
    size_t words = whole_size(term);
    call.charge(words / 16);
    return copy_whole(call.arena(), term, words);
  }
  call.charge(shared_size(term) / 16);
  return copy_shared(call.arena(), term);
}

// Opened by erts_debug:set_internal_state(available_internal_state, true), for the whole node as in stock.
static std::atomic<bool> internal_state_available{false};

// erts_debug:get_internal_state/1: of stock's many items, those that make sense here.
static Result erts_debug_get_internal_state_1(Call& call) {
  if (call.args[0] == am::available_internal_state) return boolean(internal_state_available.load(std::memory_order_relaxed));
  if (!internal_state_available.load(std::memory_order_relaxed)) return raise_error(call, am::undef);
  if (call.args[0] == am::reds_left) return make_integer(call.arena(), call.process.reductions_left);
  if (is_tuple_of_arity(call.args[0], 2) && as_tuple(call.args[0])->elements[0] == am::internal_hash)  // as tries see it
    return make_unsigned(call.arena(), internal_hash(as_tuple(call.args[0])->elements[1]) >> 32);
  if (is_tuple_of_arity(call.args[0], 2) && as_tuple(call.args[0])->elements[0] == am::process_status) {
    Term pid = as_tuple(call.args[0])->elements[1];
    if (!pid.is_local_pid()) return raise_badarg(call);
    epoch::Guard guard;
    Process* process = find_process(pid);
    return process == nullptr || (process->state.load(std::memory_order_relaxed) & process_state::exited) != 0 ? am::undefined : am::running;
  }
  if (call.args[0] == make_atom("persistent_term")) {  // slots of the table
    Term keys[] = {am::table}, values[] = {make_unsigned(call.arena(), persistent_term_slots())};
    return map_from_pairs(call.arena(), keys, values);
  }
  if (call.args[0] == make_atom("flxctr_memory_usage")) return am::notsup;  // stock has it in debug builds only
  return raise_badarg(call);
}

static Result erts_debug_set_internal_state_2(Call& call) {
  if (call.args[0] == am::available_internal_state) {
    if (call.args[1] != am::true_ && call.args[1] != am::false_) return raise_badarg(call);
    return boolean(internal_state_available.exchange(call.args[1] == am::true_, std::memory_order_relaxed));
  }
  if (!internal_state_available.load(std::memory_order_relaxed)) return raise_error(call, am::undef);
  // Nothing is freed later than the caller could notice.
  if (call.args[0] == am::wait && call.args[1].is_atom()) return am::ok;
  if (call.args[0] == make_atom("ets_force_trap")) return am::notsup;  // stock has it in debug builds only
  if (call.args[0] == am::reds_left && call.args[1].is_small() && call.args[1].as_small() >= 0) {
    call.process.reductions_left = std::min<int64_t>(call.process.reductions_left, call.args[1].as_small());
    return am::true_;
  }
  const InternalStateItem* item = find_internal_state_item(call.args[0]);
  return item == nullptr ? raise_badarg(call) : item->set(call, call.args[1]);
}

static constexpr BifRow rows[] = {
    {"erts_debug", "copy_shared", 2, erts_debug_copy_shared_2, BifKind::plain, Authority::pure},
    {"erts_debug", "flat_size", 1, erts_debug_flat_size_1, BifKind::plain, Authority::pure},
    {"erts_debug", "get_internal_state", 1, erts_debug_get_internal_state_1, BifKind::plain, Authority::host},
    {"erts_debug", "same", 2, erts_debug_same_2, BifKind::plain, Authority::pure},
    {"erts_debug", "set_internal_state", 2, erts_debug_set_internal_state_2, BifKind::plain, Authority::host},
    {"erts_debug", "size_shared", 1, erts_debug_size_shared_1, BifKind::plain, Authority::pure},
};
const BifTable erts_debug_bifs = rows;

}  // namespace hanse
