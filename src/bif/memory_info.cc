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

// What system_info tells of mseg_alloc and sys_alloc: all memory comes from the C library, and no segments are kept for later.
Term segment_figures(Arena& arena, Term kind) {
  auto zeros = [&](const char* name) { return make_tuple(arena, make_atom(name), Term::small(0), Term::small(0), Term::small(0)); };
  if (kind == am::allocator_sizes) return singleton(arena, zeros("segments_size"));
  auto figure = [&](const char* name) { return pair(arena, make_atom(name), Term::small(0)); };
  Term status[] = {figure("cached_segments"), figure("cache_hits"), zeros("segments"), figure("segments_watermark"), zeros("segments_size")};
  std::vector<Term> calls;
  for (const char* call : {"mseg_alloc", "mseg_dealloc", "mseg_realloc", "mseg_create_resize", "mseg_create", "mseg_destroy",
                           "mseg_recreate", "mseg_clear_cache", "mseg_check_cache"})
    calls.push_back(make_tuple(arena, make_atom(call), Term::small(0), Term::small(0)));
  Term memory[] = {pair(arena, am::name, make_string(arena, "all memory")), pair(arena, am::status, make_list(arena, status)),
                   pair(arena, make_atom("calls"), make_list(arena, calls))};
  return singleton(arena, pair(arena, make_atom("memkind"), make_list(arena, memory)));
}
Term system_figures(Arena& arena, Term kind) {
  if (kind == am::allocator_sizes) return Term::nil();
  Term options = make_cons(arena, pair(arena, make_atom("e"), am::true_), singleton(arena, pair(arena, make_atom("m"), make_atom("libc"))));
  return singleton(arena, pair(arena, am::options, options));
}

// Blocks and carriers of `bytes` bytes in all: one of each, if there are any. {allocator, _} tells more of them than their sizes.
Term carrier_figures(Arena& arena, const char* name, Term allocator, int64_t bytes, bool all) {
  Term size = make_integer(arena, bytes), count = Term::small(bytes > 0 ? 1 : 0);
  auto thrice = [&](const char* what, Term value) { return make_tuple(arena, make_atom(what), value, value, value); };
  Term figures = singleton(arena, thrice("size", size));
  if (all) figures = make_cons(arena, thrice("count", count), figures);
  Term blocks = bytes > 0 ? singleton(arena, pair(arena, allocator, figures)) : Term::nil();
  std::vector<Term> list = {pair(arena, am::blocks, blocks), thrice("carriers_size", size)};
  if (all) {
    list.insert(list.begin() + 1, {thrice("carriers", count), pair(arena, make_atom("mseg_alloc_carriers"), Term::small(0)),
                                   pair(arena, make_atom("sys_alloc_carriers"), count)});
    list.insert(list.end(), {pair(arena, make_atom("mseg_alloc_carriers_size"), Term::small(0)),
                             pair(arena, make_atom("sys_alloc_carriers_size"), size)});
  }
  return pair(arena, make_atom(name), make_list(arena, list));
}

// An instance in system_info({allocator, _}) and ({allocator_sizes, _}). Blocks in carriers of their own (sbcs) are not told apart.
Term instance_figures(Call& call, Term kind, Term allocator) {
  Arena& arena = call.arena();
  bool all = kind == am::allocator;
  std::vector<Term> list;
  if (all) {
    list.push_back(make_tuple(arena, make_atom("versions"), make_string(arena, "0.9"), make_string(arena, "3.0")));
    list.push_back(pair(arena, am::options, singleton(arena, pair(arena, make_atom("e"), am::true_))));
  }
  if (allocator == am::fix_alloc) list.push_back(fixed_size_figures(arena));
  int64_t bytes = std::max<int64_t>(0, allocator_bytes(call.process.machine.account, allocator));
  list.push_back(carrier_figures(arena, "mbcs", allocator, bytes, all));
  list.push_back(carrier_figures(arena, "sbcs", allocator, 0, all));
  if (all) list.push_back(pair(arena, make_atom("calls"), Term::nil()));
  return make_list(arena, list);
}

// {Allocator, Instance, Figures}, or {Allocator, false} for what does not exist here; none: no such allocator.
Term answer_about(Call& call, Term kind, Term allocator) {
  Arena& arena = call.arena();
  auto answer = [&](Term figures) { return make_tuple(arena, allocator, Term::small(0), figures); };
  if (is_allocator(allocator))
    return answer(kind == am::memory_internal ? allocator_figures(call, allocator) : instance_figures(call, kind, allocator));
  if (kind == am::memory_internal) return Term::none();
  if (allocator == make_atom("mseg_alloc")) return answer(segment_figures(arena, kind));
  if (allocator == make_atom("sys_alloc")) return answer(system_figures(arena, kind));
  if (allocator == make_atom("erts_mmap") || allocator == make_atom("test_alloc")) return make_tuple(arena, allocator, am::false_);
  return Term::none();
}

}  // namespace

bool is_allocator(Term name) { return std::find(std::begin(allocators), std::end(allocators), name) != std::end(allocators); }

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
  std::vector<Term> list;
  for (; wanted.is_cons(); wanted = wanted.as_cons()->tail) {
    Term answer = answer_about(call, kind, wanted.as_cons()->head);
    if (answer.is_none()) return raise_badarg(call);
    list.push_back(answer);
  }
  if (!wanted.is_nil() || list.empty()) return raise_badarg(call);
  deliver(call.process.self, make_tuple(arena, reference, Term::small(0), make_list(arena, list)));
  return am::true_;
}

// One thread answers requests for figures, besides the one that asks.
static Result erts_internal_no_aux_work_threads_0(Call&) { return Term::small(auxiliary_threads); }

static constexpr BifRow rows[] = {
    {"erts_internal", "no_aux_work_threads", 0, erts_internal_no_aux_work_threads_0, BifKind::plain, Authority::statistics},
};
const BifTable memory_info_bifs = rows;

}  // namespace hanse
