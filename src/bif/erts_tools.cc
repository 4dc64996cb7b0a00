// What OTP's tools ask of an emulator's inside and Hanse has nothing of: the answers are those of stock's JIT without lock counters.
#include "bif/memory_info.h"
#include "bif/tables.h"
#include "process/call.h"

namespace hanse {

// erts_debug:disassemble/1: machine code cannot be shown.
static Result erts_debug_disassemble_1(Call&) { return am::false_; }

// erts_debug:interpreter_size/0, in bytes.
static Result erts_debug_interpreter_size_0(Call&) { return Term::small(0); }

// Locks are not counted: there is nothing to clear or to collect, and nothing that could be set.
static Result erts_debug_lcnt_nothing(Call&) { return am::error; }
static Result erts_debug_lcnt_control(Call& call) { return raise_badarg(call); }

// Argument: {Allocator, Scheduler, Width, Start, Reference}, of which stock believes the last three. How many messages will come:
// none, since no allocator keeps histograms, which instrument:allocations/0 and carriers/0 call not_enabled.
static Result erts_internal_gather(Call& call) {
  Term request = call.args[0];
  if (!is_tuple_of_arity(request, 5)) return raise_badarg(call);
  const Term* field = as_tuple(request)->elements;
  if (!(is_allocator(field[0]) || field[0] == make_atom("sys_alloc")) || !field[4].is_internal_reference()) return raise_badarg(call);
  if (!field[1].is_small() || field[1].as_small() < 0 || field[1].as_small() >= auxiliary_threads) return raise_badarg(call);
  return Term::small(0);
}

// Signals of processes on dirty threads are handled by the threads themselves.
static Result erts_internal_dirty_signals(Call& call) { return raise_error(call, am::notsup); }

static constexpr BifRow rows[] = {
    {"erts_debug", "disassemble", 1, erts_debug_disassemble_1, BifKind::plain, Authority::host},
    {"erts_debug", "interpreter_size", 0, erts_debug_interpreter_size_0, BifKind::plain, Authority::host},
    {"erts_debug", "lcnt_clear", 0, erts_debug_lcnt_nothing, BifKind::plain, Authority::host},
    {"erts_debug", "lcnt_collect", 0, erts_debug_lcnt_nothing, BifKind::plain, Authority::host},
    {"erts_debug", "lcnt_control", 1, erts_debug_lcnt_control, BifKind::plain, Authority::host},
    {"erts_debug", "lcnt_control", 2, erts_debug_lcnt_control, BifKind::plain, Authority::host},
    {"erts_internal", "check_dirty_process_code", 2, erts_internal_dirty_signals, BifKind::plain, Authority::host},
    {"erts_internal", "gather_alloc_histograms", 1, erts_internal_gather, BifKind::plain, Authority::host},
    {"erts_internal", "gather_carrier_info", 1, erts_internal_gather, BifKind::plain, Authority::host},
    {"erts_internal", "dirty_process_handle_signals", 1, erts_internal_dirty_signals, BifKind::plain, Authority::host},
};
const BifTable erts_tools_bifs = rows;

}  // namespace hanse
