#include "bif/memory_info.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "bif/tables.h"
#include "process/machine.h"
#include "process/node_settings.h"
#include "process/send.h"

namespace hanse {
namespace {

// What of an account each allocator stands for. Everything that is no process, binary or table is in ll_alloc.
int64_t allocator_bytes(const Account& account, Term allocator) {
  using enum MemoryKind;
  if (allocator == am::eheap_alloc) return account.bytes(heap) + account.bytes(fragment) + account.bytes(mailbox);
  if (allocator == am::ets_alloc) return account.bytes(ets);
  if (allocator == am::binary_alloc) return account.bytes(binary);
  if (allocator == am::literal_alloc) return account.bytes(literal);
  if (allocator == am::driver_alloc) return account.bytes(port);
  if (allocator == am::ll_alloc)
    return account.bytes(code) + account.bytes(system) + static_cast<int64_t>(atom_table_bytes());
  return 0;
}

constexpr Term allocators[] = {am::temp_alloc, am::sl_alloc,  am::std_alloc,     am::ll_alloc,     am::eheap_alloc,
                               am::ets_alloc,  am::fix_alloc, am::literal_alloc, am::binary_alloc, am::driver_alloc};

Term pair(Arena& arena, Term name, Term value) { return make_tuple(arena, name, value); }
Term singleton(Arena& arena, Term element) { return make_cons(arena, element, Term::nil()); }

// Objects of fixed sizes: of these only the timers of guests are known. [{fix_types, [{Type, Allocated, Used}]}]
Term fixed_size_figures(Arena& arena) {
  Term bytes = make_unsigned(arena, guest_timer_bytes());
  Term types = singleton(arena, make_tuple(arena, make_atom("bif_timer"), bytes, bytes));
  return pair(arena, make_atom("fix_types"), types);
}

// [{mbcs, [{blocks, [{Allocator, [{size, Bytes, Bytes, Bytes}]}]}, {carriers_size, ...}]}]
Term allocator_figures(Call& call, Term allocator) {
  Arena& arena = call.arena();
  Term bytes = make_integer(arena, std::max<int64_t>(0, allocator_bytes(call.process.machine.account, allocator)));
  Term size = make_tuple(arena, am::size, bytes, bytes, bytes);
  Term blocks = pair(arena, am::blocks, singleton(arena, pair(arena, allocator, singleton(arena, size))));
  Term carriers = make_tuple(arena, am::carriers_size, bytes, bytes, bytes);
  Term figures = make_cons(arena, blocks, singleton(arena, carriers));
  Term all = singleton(arena, pair(arena, am::mbcs, figures));
  return allocator == am::fix_alloc ? make_cons(arena, fixed_size_figures(arena), all) : all;
}

// mseg_alloc, which keeps no segments for later: [{instance, 0, [{memkind, [{name, "all memory"}, {status, Counts}]}]}]
Term segment_figures(Arena& arena) {
  Term counts = singleton(arena, pair(arena, make_atom("cached_segments"), Term::small(0)));
  Term name = pair(arena, am::name, make_string(arena, "all memory"));
  Term kind = make_cons(arena, name, singleton(arena, pair(arena, am::status, counts)));
  Term figures = singleton(arena, pair(arena, make_atom("memkind"), kind));
  return singleton(arena, make_tuple(arena, make_atom("instance"), Term::small(0), figures));
}

}  // namespace

bool is_allocator(Term name) { return std::find(std::begin(allocators), std::end(allocators), name) != std::end(allocators); }

namespace {

// [{instance, 0, Figures}]. Blocks in carriers of their own (sbcs) are not told apart.
Term allocator_instances(Call& call, Term allocator) {
  Arena& arena = call.arena();
  Term single = pair(arena, make_atom("sbcs"), singleton(arena, pair(arena, am::blocks, Term::nil())));
  Term figures = make_cons(arena, single, allocator_figures(call, allocator));
  return singleton(arena, make_tuple(arena, make_atom("instance"), Term::small(0), figures));
}

}  // namespace

// [{instance, 0, [{options, [{e, true}, {m, libc}]}]}]: all memory comes from the C library.
Result system_allocator_options(Call& call) {
  Arena& arena = call.arena();
  Term options = make_cons(arena, pair(arena, make_atom("e"), am::true_), singleton(arena, pair(arena, make_atom("m"), make_atom("libc"))));
  Term figures = singleton(arena, pair(arena, am::options, options));
  return singleton(arena, make_tuple(arena, make_atom("instance"), Term::small(0), figures));
}

Result system_allocator_sizes(Call& call, Term wanted) {
  if (is_allocator(wanted)) return allocator_instances(call, wanted);
  std::vector<Term> sizes;
  for (; wanted.is_cons(); wanted = wanted.as_cons()->tail) {
    Term name = wanted.as_cons()->head;
    if (!is_allocator(name)) return raise_badarg(call);
    sizes.push_back(pair(call.arena(), name, allocator_instances(call, name)));
  }
  if (!wanted.is_nil()) return raise_badarg(call);
  return make_list(call.arena(), sizes);
}

std::vector<MemoryFigure> memory_figures(const Account& account) {
  auto bytes = [&](Term allocator) { return static_cast<uint64_t>(std::max<int64_t>(0, allocator_bytes(account, allocator))); };
  auto code = static_cast<uint64_t>(std::max<int64_t>(0, account.bytes(MemoryKind::code)));
  uint64_t total = 0, atoms = atom_table_bytes();
  for (Term allocator : allocators) total += bytes(allocator);
  uint64_t processes = bytes(am::eheap_alloc) + guest_timer_bytes();
  return {{"total", total}, {"processes", processes}, {"processes_used", processes}, {"system", total - std::min(total, processes)},
          {"atom", atoms},  {"atom_used", atoms},     {"binary", bytes(am::binary_alloc)}, {"code", code},
          {"ets", bytes(am::ets_alloc)}};
}

Result system_alloc_util_allocators(Call& call) { return make_list(call.arena(), allocators); }

Result system_segments(Call& call) { return segment_figures(call.arena()); }

Result system_allocated_areas(Call& call) {
  Arena& arena = call.arena();
  const Account& account = call.process.machine.account;
  Term atoms = make_unsigned(arena, atom_table_bytes());
  Term areas[] = {
      make_tuple(arena, am::atom_space, atoms, atoms),
      pair(arena, am::loaded_code, make_integer(arena, std::max<int64_t>(0, account.bytes(MemoryKind::code)))),
      pair(arena, am::process_table, Term::small(0)),
  };
  return make_list(arena, areas);
}

Result system_memory_request(Call& call, Term kind, Term reference, Term wanted) {
  bool known = kind == am::memory_internal || kind == am::allocator || kind == am::allocator_sizes;
  if (!known || !reference.is_internal_reference()) return raise_badarg(call);
  Arena& arena = call.arena();
  Term list = Term::nil();
  for (; wanted.is_cons(); wanted = wanted.as_cons()->tail) {
    Term allocator = wanted.as_cons()->head;
    if (!is_allocator(allocator)) return raise_badarg(call);
    list = make_cons(arena, make_tuple(arena, allocator, Term::small(0), allocator_figures(call, allocator)), list);
  }
  if (!wanted.is_nil()) return raise_badarg(call);
  // The Erlang side merges in the order it asked for.
  Term ordered = Term::nil();
  for (; list.is_cons(); list = list.as_cons()->tail) ordered = make_cons(arena, list.as_cons()->head, ordered);
  deliver(call.process.self, make_tuple(arena, reference, Term::small(0), ordered));
  return am::true_;
}

// One thread answers requests for figures, besides the one that asks.
static Result erts_internal_no_aux_work_threads_0(Call&) { return Term::small(auxiliary_threads); }

static constexpr BifRow rows[] = {
    {"erts_internal", "no_aux_work_threads", 0, erts_internal_no_aux_work_threads_0, BifKind::plain, Authority::statistics},
};
const BifTable memory_info_bifs = rows;

}  // namespace hanse
