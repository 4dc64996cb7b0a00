// erts_debug:get_internal_state/1, set_internal_state/2: the door to the emulator's internals that OTP's tests use. Of
// stock's many items those are here that make sense for this emulator; ask tests/oracle/internal_state.erl.
#include "process/internal_state.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include <fmt/format.h>

#include "bif/cpu_topology.h"
#include "bif/internal_state_links.h"
#include "bif/list_builder.h"
#include "bif/memory_info.h"
#include "bif/persistent_term.h"
#include "bif/process_info.h"
#include "bif/process_reply.h"
#include "bif/tables.h"
#include "code/literal_collector.h"
#include "process/crash_dump.h"
#include "process/distribution.h"
#include "process/erlang_clock.h"
#include "process/machine.h"
#include "process/process_states.h"
#include "process/process_table.h"
#include "process/scheduler.h"
#include "process/signals.h"
#include "process/system_monitor.h"
#include "term/big.h"
#include "term/binary_view.h"
#include "term/copy.h"
#include "term/hash.h"
#include "term/map.h"
#include "term/node.h"
#include "term/text.h"

namespace hanse {
namespace {

// {InUse, Kept}: what the C library has given out, and what was given back and is kept for the next who asks. Not of stock's.
Result get_allocated_bytes(Call& call, Term) {
#ifdef __GLIBC__
  struct mallinfo2 info = ::mallinfo2();
  return make_tuple(call.arena(), make_unsigned(call.arena(), info.uordblks + info.hblkhd), make_unsigned(call.arena(), info.fordblks));
#else
  return am::undefined;
#endif
}

// How many areas of literals wait to be freed. Not of stock's.
Result get_retired_literals(Call& call, Term) { return make_unsigned(call.arena(), retired_literal_areas()); }

// The figures of erlang:memory/0, as crash dumps tell them.
Result get_memory(Call& call, Term) {
  ListBuilder list(call.arena());
  for (const MemoryFigure& figure : memory_figures(call.process.machine.account))
    list.add(make_tuple(call.arena(), make_atom(figure.name), make_unsigned(call.arena(), figure.bytes)));
  return list.finish();
}

// What is left of the stack of the thread that runs the caller, in bytes.
Result get_stack_check(Call& call, Term) {
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return am::false_;
  void* lowest = nullptr;
  size_t size = 0;
  pthread_attr_getstack(&attributes, &lowest, &size);
  pthread_attr_destroy(&attributes);
  return make_unsigned(call.arena(), static_cast<uint64_t>(reinterpret_cast<char*>(__builtin_frame_address(0)) - static_cast<char*>(lowest)));
}

// --- processes ---

Result get_reds_left(Call& call, Term) { return make_integer(call.arena(), call.process.reductions_left); }
Result set_reds_left(Call& call, Term value) {
  if (!value.is_small() || value.as_small() < 0) return raise_badarg(call);
  call.process.reductions_left = std::min<int64_t>(call.process.reductions_left, value.as_small());
  return am::true_;
}

Result get_process_status(Call& call, Term pid) {
  if (!pid.is_local_pid()) return raise_badarg(call);
  epoch::Guard guard;
  Process* process = find_process(pid);
  return process == nullptr || (process->state.load(std::memory_order_relaxed) & process_state::exited) != 0 ? am::undefined : am::running;
}

Result get_processes(Call& call, Term) {
  ListBuilder list(call.arena());
  for (Term pid : all_pids()) list.add(pid);
  return list.finish();
}

// How processes/0 goes about it: the table is one piece, and the call never yields.
Result get_processes_bif_info(Call& call, Term) {
  Arena& arena = call.arena();
  constexpr int64_t pids_per_reduction = 8;
  int64_t slots = static_cast<int64_t>(process_limit());
  Term fields[] = {make_atom("ptab_list_bif_info"), Term::small(1), Term::small(1), Term::small(slots),
                   Term::small(slots), Term::small(0), Term::small(slots), Term::small(0),
                   Term::small(pids_per_reduction), Term::small(0)};
  return make_tuple(arena, std::span<const Term>(fields));
}

Result get_process_info_args(Call& call, Term) { return make_list(call.arena(), process_info_item_names()); }

// Numbers of pids only grow: a smaller one is not taken.
Result set_next_pid(Call& call, Term value) {
  if (!value.is_small() || value.as_small() < 0) return raise_badarg(call);
  return make_unsigned(call.arena(), skip_pids_to(static_cast<uint64_t>(value.as_small())));
}
Result get_next_pid(Call& call, Term) { return make_unsigned(call.arena(), skip_pids_to(0)); }

Result set_force_gc(Call& call, Term pid) {
  if (auto reply = take_reply(call)) return *reply;
  if (!pid.is_local_pid()) return raise_badarg(call);
  uint64_t serial = expect_reply(call);
  Term caller = call.process.self;
  request_task(
      pid,
      [caller, serial](Process& process) {
        (void)collect_process(process, CollectionKind::minor);
        send_reply(caller, serial, am::true_);
      },
      [caller, serial] { send_reply(caller, serial, am::false_); });
  if (pid == caller) call.process.handle_signals();
  return Result::wait();
}

// {Pid, Milliseconds}: the process handles no signals for so long.
Result set_signal_block(Call& call, Term value) {
  if (!is_tuple_of_arity(value, 2)) return raise_badarg(call);
  Term pid = as_tuple(value)->elements[0], ms = as_tuple(value)->elements[1];
  if (!pid.is_local_pid() || !ms.is_small() || ms.as_small() < 0) return raise_badarg(call);
  epoch::Guard guard;
  if (!find_process(pid)) return am::false_;
  auto* signal = new ActionSignal;
  signal->action = [time = std::chrono::milliseconds(ms.as_small())](Process&) { std::this_thread::sleep_for(time); };
  signal->gone = [] {};
  deliver_signal(pid, signal);
  return am::true_;
}
// Everybody who sends may do so at the same time, always.
Result set_signal_buffers(Call& call, Term value) {
  return value == am::true_ || value == am::false_ ? Result(am::true_) : raise_badarg(call);
}

// --- the node ---

// Who refers to which node is not looked up: nothing is counted but this node.
Result get_node_references(Call& call, Term) {
  Arena& arena = call.arena();
  ThisNode node = this_node();
  Term incarnation = make_tuple(arena, node.name, make_unsigned(arena, node.creation));
  auto only = [&](const char* table, Term entry) {
    return make_tuple(arena, make_atom(table), make_cons(arena, make_tuple(arena, entry, Term::small(0), Term::nil()), Term::nil()));
  };
  Term nodes = only("node_references", incarnation);
  return make_tuple(arena, nodes, only("dist_references", node.name));
}

// The port or process that controls the connection to a node.
Result get_dist_ctrl(Call& call, Term node) {
  DistributionSignals* remote = distribution_signals();
  Term list = remote == nullptr ? Term::nil() : remote->controllers(call.arena());
  for (; list.is_cons(); list = list.as_cons()->tail) {
    Tuple* pair = as_tuple(list.as_cons()->head);
    if (pair->elements[0] == node) return pair->elements[1];
  }
  return am::undefined;
}

// Slots of the table.
Result get_persistent_term(Call& call, Term) {
  Term keys[] = {am::table}, values[] = {make_unsigned(call.arena(), persistent_term_slots())};
  return map_from_pairs(call.arena(), keys, values);
}

// As tries see it.
Result get_internal_hash(Call& call, Term term) { return make_unsigned(call.arena(), internal_hash(term) >> 32); }

// The atom of that number in the table, which is filled up that far if need be.
Result get_atom(Call& call, Term index) {
  if (!index.is_small() || index.as_small() < 0 || static_cast<size_t>(index.as_small()) >= atom_limit()) return raise_badarg(call);
  while (atom_count() <= static_cast<size_t>(index.as_small())) {
    call.charge(1);
    (void)make_atom(fmt::format("am{:x}", atom_count()));
  }
  return Term::atom(static_cast<uint32_t>(index.as_small()));
}

// {refc_binary, Size, {binary, AllocatedSize}, Flags} or heap_binary. Bytes.
Result get_binary_info(Call& call, Term term) {
  if (!term.is_bitstring()) return raise_badarg(call);
  Arena& arena = call.arena();
  OffHeapBinary* owner = off_heap_owner(term);
  if (owner == nullptr) return make_atom("heap_binary");
  Term size = make_unsigned(arena, (bit_view(term).bit_size + 7) / 8);
  Term stored = make_tuple(arena, am::binary, make_unsigned(arena, owner->size));
  return make_tuple(arena, make_atom("refc_binary"), size, stored, Term::small(0));
}

Result get_min_monotonic(Call&, Term) { return Term::small(Term::small_min); }
Result get_monotonic_state(Call& call, Term) { return make_unsigned(call.arena(), last_monotonic_unique()); }
Result set_monotonic_state(Call& call, Term value) {
  uint64_t number = 0;
  if (value.is_small()) number = static_cast<uint64_t>(value.as_small());  // modulo 2^64
  else if (!value.is_integer() || !integer_fits_uint64(value, number)) return raise_badarg(call);
  set_last_monotonic_unique(number);
  return am::true_;
}

// Stock has these in debug builds only.
Result get_not_supported(Call&, Term) { return am::notsup; }
Result get_false(Call&, Term) { return am::false_; }

// --- delays ---

// Nothing is freed later than the caller could notice.
Result set_wait(Call& call, Term value) {
  if (!value.is_atom()) return raise_badarg(call);
  return am::ok;
}
// How long (ms) nodes stay known that nobody refers to; below 0: as at first.
Result set_node_delay(Call& call, Term value) {
  if (!value.is_small()) return raise_badarg(call);
  set_node_delay_ms(value.as_small() < 0 ? default_node_delay_ms : value.as_small());
  return am::ok;
}
// References draw no numbers per process.
Result set_nothing(Call&, Term) { return am::ok; }

Result set_collection_delay(Call& call, Term value) {
  if (!value.is_small() || value.as_small() < 0) return raise_badarg(call);
  collection_delay_ms.store(static_cast<uint32_t>(value.as_small()), std::memory_order_relaxed);
  return am::true_;
}

// The term, in a fragment of its own.
Result set_fragment(Call& call, Term value) {
  if (!value.is_pointer()) return value;
  FragmentArena arena(16);
  Term copied = copy(arena, value);
  call.process.heap.attach(arena.take());
  return copied;
}

// Ends the node with a crash dump.
Result set_broken_halt(Call& call, Term slogan) {
  auto text = characters_of_list(slogan);
  if (!text) return raise_badarg(call);
  write_crash_dump(*text);
  halt_node(1, false);
  return Result::wait();  // for ever
}

// Searches give way by the time they take, not by steps.
Result set_re_loop_limit(Call& call, Term value) {
  return value == am::default_ || (value.is_small() && value.as_small() >= 0) ? Result(Term::small(-1)) : raise_badarg(call);
}
// Nor do those in binaries and texts. The limit before.
template <int64_t stock_limit>
Result set_loop_limit(Call& call, Term value) {
  static std::atomic<int64_t> limit{stock_limit};
  if (value == am::default_ || value == Term::small(0)) return make_integer(call.arena(), limit.exchange(stock_limit));
  if (!value.is_small() || value.as_small() < 0) return raise_badarg(call);
  return make_integer(call.arena(), limit.exchange(value.as_small()));
}

// The scheduler's thread sleeps; milliseconds.
Result set_sleep(Call& call, Term value) {
  if (!value.is_small() || value.as_small() < 0) return raise_badarg(call);
  std::this_thread::sleep_for(std::chrono::milliseconds(value.as_small()));
  return am::true_;
}

// The whole program stands still for so many milliseconds, as if the system had stopped it: a child wakes it.
Result set_block(Call& call, Term value) {
  if (!value.is_small() || value.as_small() < 0) return raise_badarg(call);
  std::string script = fmt::format("until grep -q '^State:.T' /proc/{0}/status; do sleep 0.01; done; sleep {1}; kill -CONT {0}",
                                   getpid(), static_cast<double>(value.as_small()) / 1000);
  std::string shell = "/bin/sh", option = "-c";
  char* arguments[] = {shell.data(), option.data(), script.data(), nullptr};
  pid_t child;
  if (posix_spawn(&child, shell.c_str(), nullptr, nullptr, arguments, environ) != 0) return raise_badarg(call);
  kill(getpid(), SIGSTOP);
  waitpid(child, nullptr, 0);
  return am::true_;
}

constexpr InternalStateItem items[] = {
    // name, set, get (an item with an argument is asked for as {Name, Argument})
    {"allocated_bytes", nullptr, get_allocated_bytes},
    {"atom", nullptr, get_atom},
    {"binary_info", nullptr, get_binary_info},
    {"binary_loop_limit", set_loop_limit<0>, nullptr},
    {"block", set_block, nullptr},
    {"broken_halt", set_broken_halt, nullptr},
    {"dist_ctrl", nullptr, get_dist_ctrl},
    {"ets_force_trap", [](Call& call, Term) { return get_not_supported(call, Term::nil()); }, nullptr},
    {"fake_scheduler_bindings", nullptr, get_fake_scheduler_bindings},
    {"flxctr_memory_usage", nullptr, get_not_supported},
    {"force_gc", set_force_gc, nullptr},
    {"force_heap_frags", nullptr, get_false},
    {"internal_hash", nullptr, get_internal_hash},
    {"link_list", nullptr, get_link_list},
    {"mbuf", set_fragment, nullptr},
    {"memory", nullptr, get_memory},
    {"min_unique_monotonic_integer", nullptr, get_min_monotonic},
    {"monitor_list", nullptr, get_monitor_list},
    {"next_pid", set_next_pid, get_next_pid},
    {"node_and_dist_references", nullptr, get_node_references},
    {"node_tab_delayed_delete", set_node_delay, nullptr},
    {"persistent_term", nullptr, get_persistent_term},
    {"proc_sig_block", set_signal_block, nullptr},
    {"proc_sig_buffers", set_signal_buffers, nullptr},
    {"process_info_args", nullptr, get_process_info_args},
    {"process_status", nullptr, get_process_status},
    {"process_uniq_counter", set_nothing, nullptr},
    {"processes", nullptr, get_processes},
    {"processes_bif_info", nullptr, get_processes_bif_info},
    {"re_loop_limit", set_re_loop_limit, nullptr},
    {"reds_left", set_reds_left, get_reds_left},
    {"retired_literals", nullptr, get_retired_literals},
    {"scheduler_dump", nullptr, get_false},
    {"sleep", set_sleep, nullptr},
    {"stack_check", nullptr, get_stack_check},
    {"test_long_gc_sleep", set_collection_delay, nullptr},
    {"unicode_loop_limit", set_loop_limit<40000>, nullptr},
    {"unique_monotonic_integer_state", set_monotonic_state, get_monotonic_state},
    {"wait", set_wait, nullptr},
};

const InternalStateItem* find_item(Term name) {
  if (!name.is_atom()) return nullptr;
  for (const InternalStateItem& item : items)
    if (make_atom(item.name) == name) return &item;
  return find_internal_state_item(name);
}

// Opened by erts_debug:set_internal_state(available_internal_state, true), for the whole node as in stock.
std::atomic<bool> available{false};

Result erts_debug_get_internal_state_1(Call& call) {
  Term name = call.args[0], argument = Term::nil();
  if (name == am::available_internal_state) return boolean(available.load(std::memory_order_relaxed));
  if (!available.load(std::memory_order_relaxed)) return raise_error(call, am::undef);
  if (is_tuple_of_arity(name, 2)) {
    argument = as_tuple(name)->elements[1];
    name = as_tuple(name)->elements[0];
  }
  const InternalStateItem* item = find_item(name);
  return item == nullptr || item->get == nullptr ? raise_badarg(call) : item->get(call, argument);
}

Result erts_debug_set_internal_state_2(Call& call) {
  Term name = call.args[0], value = call.args[1];
  if (name == am::available_internal_state) {
    if (value != am::true_ && value != am::false_) return raise_badarg(call);
    return boolean(available.exchange(value == am::true_, std::memory_order_relaxed));
  }
  if (!available.load(std::memory_order_relaxed)) return raise_error(call, am::undef);
  const InternalStateItem* item = find_item(name);
  return item == nullptr || item->set == nullptr ? raise_badarg(call) : item->set(call, value);
}

constexpr BifRow rows[] = {
    {"erts_debug", "get_internal_state", 1, erts_debug_get_internal_state_1, BifKind::plain, Authority::host},
    {"erts_debug", "set_internal_state", 2, erts_debug_set_internal_state_2, BifKind::plain, Authority::host},
};

}  // namespace
const BifTable internal_state_bifs = rows;

}  // namespace hanse
