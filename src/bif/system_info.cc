// erlang:system_info/1: one function per item, one row per item in the table at the end. Items that name a kind of thing
// in a tuple, such as {wordsize, internal}, are in system_info_2.
#include <gnu/libc-version.h>
#include <sys/resource.h>
#include <sys/utsname.h>

#include <cstdio>
#include <string>
#include <vector>

#include "bif/cpu_topology.h"
#include "bif/memory_info.h"
#include "bif/native_modules.h"
#include "bif/system_report.h"
#include "bif/system_values.h"
#include "bif/tables.h"
#include "code/native_function.h"
#include "heap/heap_sizes.h"
#include "process/call.h"
#include "process/distribution.h"
#include "process/idle_poller.h"
#include "process/machine.h"
#include "process/node_clock.h"
#include "process/node_settings.h"
#include "process/processors.h"
#include "process/process_table.h"
#include "process/run_queues.h"
#include "process/scheduler.h"
#include "process/scheduling_block.h"
#include "process/seq_trace.h"
#include "process/spawn.h"
#include "term/node.h"

namespace hanse {
namespace {

Term text(Call& call, std::string_view latin1) { return make_string(call.arena(), latin1); }
Term number(Call& call, uint64_t value) { return make_unsigned(call.arena(), value); }
Term pair(Call& call, Term name, Term value) { return make_tuple(call.arena(), name, value); }

// --- what this is ---
Result item_otp_release(Call& call) { return text(call, otp_release); }
Result item_version(Call& call) { return text(call, erts_version); }
// The compiler and epp take this as the name of the target; every release of OTP says BEAM.
Result item_machine(Call& call) { return text(call, "BEAM"); }
Result item_nif_version(Call& call) { return text(call, "2.16"); }
Result item_driver_version(Call& call) { return text(call, "3.3"); }
Result item_build_type(Call&) { return am::opt; }
Result item_emu_flavor(Call&) { return am::emu; }
Result item_system_version(Call& call) {
  const SchedulerOptions& threads = scheduler_options();
  std::string line = "Erlang/OTP " + std::string(otp_release) + " [erts-" + erts_version + "] [hanse-" + hanse_version +
                     "] [64-bit] [smp:" + std::to_string(threads.schedulers) + ":" + std::to_string(online_schedulers()) +
                     "] [ds:" + std::to_string(threads.dirty_cpu) + ":" + std::to_string(online_dirty_cpu()) + ":" +
                     std::to_string(threads.dirty_io) + "] [async-threads:" + std::to_string(node_settings().async_threads) + "]\n";
  return text(call, line);
}
Result item_system_architecture(Call& call) {
#if defined(__x86_64__)
  return text(call, "x86_64-pc-linux-gnu");
#elif defined(__aarch64__)
  return text(call, "aarch64-unknown-linux-gnu");
#else
#error "Hanse supports x86-64 and 64-bit ARM only"
#endif
}
Result item_compat_rel(Call&) { return Term::small(25); }
Result item_compile_info(Call& call) {
  Term flags = pair(call, am::cflags, Term::nil());
  return make_cons(call.arena(), pair(call, am::ldflags, Term::nil()), make_cons(call.arena(), flags, Term::nil()));
}
Result item_c_compiler_used(Call& call) {
  Term version = make_tuple(call.arena(), Term::small(__clang_major__), Term::small(__clang_minor__),
                            Term::small(__clang_patchlevel__));
  return pair(call, am::clang, version);
}
Result item_emu_args(Call& call) {
  Term list = Term::nil();
  auto& arguments = node_settings().emulator_arguments;
  for (size_t i = arguments.size(); i-- > 0;) list = make_cons(call.arena(), text(call, arguments[i]), list);
  return list;
}

// --- the machine and its system ---
Result item_os_type(Call& call) { return pair(call, am::unix_, am::linux_); }
Result item_os_version(Call& call) {
  utsname name;
  unsigned major = 0, minor = 0, patch = 0;
  if (uname(&name) == 0) std::sscanf(name.release, "%u.%u.%u", &major, &minor, &patch);
  return make_tuple(call.arena(), Term::small(major), Term::small(minor), Term::small(patch));
}
Result item_wordsize(Call&) { return Term::small(8); }
Result item_endian(Call&) { return am::little; }
Result item_logical_processors(Call&) { return Term::small(processors_configured()); }
Result item_logical_processors_available(Call&) { return Term::small(processors_available()); }
Result item_cpu_topology(Call& call) { return cpu_topology_term(call.arena(), am::used); }
Result item_update_cpu_info(Call&) { return look_at_processors() ? make_atom("changed") : am::unchanged; }
Result item_kernel_poll(Call&) { return am::true_; }

// What stock says of each of its sets of descriptors; here there is one.
Result item_check_io(Call& call) {
  Arena& arena = call.arena();
  auto pair = [&](const char* name, Term value) { return make_tuple(arena, make_atom(name), value); };
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  size_t watched = idle_poller() != nullptr ? idle_poller()->watched_descriptors() : 0;
  static constexpr size_t bytes_each = 64;  // about what the table takes
  Term epoll = make_atom("epoll");
  Term set = make_list(arena, std::initializer_list<Term>{pair("name", make_atom("erts_poll")), pair("primary", epoll), pair("kernel_poll", epoll),
      pair("memory_size", make_unsigned(arena, watched * bytes_each)), pair("total_poll_set_size", make_unsigned(arena, watched)),
      pair("lazy_updates", am::false_), pair("pending_updates", Term::small(0)), pair("batch_updates", am::false_),
      pair("concurrent_updates", am::true_), pair("fallback", am::false_), pair("max_fds", make_unsigned(arena, files.rlim_cur)),
      pair("active_fds", Term::small(0)), pair("poll_threads", Term::small(1))});
  return make_list(arena, std::initializer_list<Term>{set});
}


// --- threads ---
Result item_schedulers(Call&) { return Term::small(scheduler_options().schedulers); }
Result item_schedulers_online(Call&) { return Term::small(online_schedulers()); }
Result item_schedulers_state(Call& call) {
  Term all = Term::small(scheduler_options().schedulers), online = Term::small(online_schedulers());
  return make_tuple(call.arena(), all, online, Term::small(active_schedulers()));
}
// The kinds of threads: how many, how many online, how many that may work now.
Result item_all_schedulers_state(Call& call) {
  Arena& arena = call.arena();
  const SchedulerOptions& threads = scheduler_options();
  auto row = [&](Term kind, unsigned total, unsigned online, unsigned active) {
    return make_tuple(arena, kind, Term::small(total), Term::small(online), Term::small(active));
  };
  unsigned dirty_online = online_dirty_cpu();
  Term rows[] = {row(am::normal, threads.schedulers, online_schedulers(), active_schedulers()),
                 row(make_atom("dirty_cpu"), threads.dirty_cpu, dirty_online, dirty_online),
                 row(make_atom("dirty_io"), threads.dirty_io, threads.dirty_io, threads.dirty_io)};
  return make_list(arena, rows);
}
Result item_dirty_cpu(Call&) { return Term::small(scheduler_options().dirty_cpu); }
Result item_dirty_io(Call&) { return Term::small(scheduler_options().dirty_io); }
Result item_scheduler_id(Call&) {
  SchedulerThread* thread = this_scheduler_thread();
  return Term::small(thread ? thread->id : 0);
}
Result item_scheduler_bind_type(Call&) { return bind_type_atom(); }
Result item_scheduler_bindings(Call& call) { return scheduler_bindings_term(call.arena()); }
Result item_multi_scheduling(Call&) { return multi_scheduling_state(); }
Result item_multi_scheduling_blockers(Call& call) { return make_list(call.arena(), scheduling_blockers(BlockKind::all)); }
Result item_normal_blockers(Call& call) { return make_list(call.arena(), scheduling_blockers(BlockKind::normal)); }
Result item_thread_pool_size(Call&) { return Term::small(node_settings().async_threads); }

// --- counts and limits ---
Result item_atom_count(Call& call) { return number(call, atom_count()); }
Result item_atom_limit(Call& call) { return number(call, atom_limit()); }
Result item_process_count(Call& call) { return number(call, process_count()); }
Result item_process_limit(Call& call) { return number(call, process_limit()); }
Result item_port_count(Call& call) { return number(call, node_settings().port_count ? node_settings().port_count() : 0); }
Result item_port_limit(Call& call) { return number(call, call.process.machine.port_limit); }
Result item_ets_count(Call& call) {
  return number(call, node_settings().ets_table_count ? node_settings().ets_table_count() : 0);
}
Result item_ets_limit(Call& call) { return number(call, node_settings().ets_limit); }
Result item_dist_buf_busy_limit(Call& call) {
  DistributionSignals* remote = distribution_signals();
  return number(call, remote ? remote->busy_limit() : 1 << 20);
}
Result item_delayed_node_table_gc(Call&) {
  return node_delay_ms() == keep_nodes_for_ever ? am::infinity : Term::small(node_delay_ms() / 1000);
}
Result item_dist_ctrl(Call& call) {
  DistributionSignals* remote = distribution_signals();
  return remote ? remote->controllers(call.arena()) : Term::nil();
}
Result item_outstanding_requests(Call&) { return Term::small(node_settings().outstanding_system_requests); }
Result item_creation(Call& call) { return number(call, this_node().creation); }

// --- heaps ---
Result item_fullsweep_after(Call& call) { return pair(call, am::fullsweep_after, Term::small(default_heap_settings().full_sweep_after)); }
Result item_min_heap_size(Call& call) { return pair(call, am::min_heap_size, Term::small(default_heap_settings().minimum_words)); }
Result item_min_bin_vheap_size(Call& call) {
  return pair(call, am::min_bin_vheap_size, Term::small(default_heap_settings().minimum_binary_words));
}
Result item_max_heap_size(Call& call) { return system_max_heap_size(call.arena()); }
Result item_garbage_collection(Call& call) {
  Term items[] = {
      pair(call, am::max_heap_size, Term::small(static_cast<int64_t>(default_heap_settings().maximum_words))),
      pair(call, am::min_bin_vheap_size, Term::small(default_heap_settings().minimum_binary_words)),
      pair(call, am::min_heap_size, Term::small(default_heap_settings().minimum_words)),
      pair(call, am::fullsweep_after, Term::small(default_heap_settings().full_sweep_after)),
  };
  return make_list(call.arena(), items);
}
Result item_heap_sizes(Call& call) {
  std::vector<Term> sizes;
  for (size_t size = 0; size < size_t{1} << 56;) {
    size = next_heap_size(size + 1);
    sizes.push_back(number(call, size));
  }
  return make_list(call.arena(), sizes);
}
Result item_allocator(Call& call) {
  unsigned major = 0, minor = 0;
  std::sscanf(gnu_get_libc_version(), "%u.%u", &major, &minor);
  Term version[] = {Term::small(major), Term::small(minor)};
  return make_tuple(call.arena(), am::glibc, make_list(call.arena(), version), TRY(system_alloc_util_allocators(call)), Term::nil());
}

// --- time ---
// The limits of erlang:monotonic_time/0.
Result item_start_time(Call&) { return Term::small(Term::small_min); }
Result item_end_time(Call& call) { return make_integer(call.arena(), 8646911283000000000); }

// --- the rest ---
Result item_system_logger(Call&) { return system_logger(); }
Result item_trace_control_word(Call& call) { return number(call, node_settings().trace_control_word.load()); }
Result item_sequential_tracer(Call& call) { return pair(call, am::sequential_tracer, seq_tracer_term(call.arena(), seq_tracer())); }
Result item_break_ignored(Call&) { return boolean(node_settings().break_ignored); }
Result item_snifs(Call& call) {
  Term list = Term::nil();
  auto add = [&](BifTable table) {
    for (const BifRow& row : table) {
      bool is_instruction = row.kind == BifKind::engine && std::string_view(row.name) == "apply";
      if (is_instruction || is_native_module(row.module) || std::string_view(row.name) == "yield") continue;
      Term entry = make_tuple(call.arena(), make_atom(row.module), make_atom(row.name), Term::small(row.arity));
      list = make_cons(call.arena(), entry, list);
    }
  };
#define TABLE(name) add(name);
#include "bif/tables.def"
#undef TABLE
  return list;
}
Result item_true(Call&) { return am::true_; }
Result item_false(Call&) { return am::false_; }
Result item_nil(Call&) { return Term::nil(); }
Result item_taints(Call& call) { return make_list(call.arena(), tainted_modules()); }
Result item_none(Call&) { return am::none; }
Result item_undefined(Call&) { return am::undefined; }

struct Item {
  Term name;
  Result (*value)(Call&);
};
// os_type is asked for much more often than all others: it comes first.
constexpr Item items[] = {
    {am::os_type, item_os_type},
    {am::all_schedulers_state, item_all_schedulers_state},
    {am::alloc_util_allocators, system_alloc_util_allocators},
    {am::allocated_areas, system_allocated_areas},
    {am::allocator, item_allocator},
    {am::atom_count, item_atom_count},
    {am::atom_limit, item_atom_limit},
    {am::beam_jump_table, item_true},
    {am::break_ignored, item_break_ignored},
    {am::build_type, item_build_type},
    {am::c_compiler_used, item_c_compiler_used},
    {am::check_io, item_check_io},
    {am::compat_rel, item_compat_rel},
    {am::compile_info, item_compile_info},
    {am::constant_pool_support, item_true},
    {am::cpu_quota, [](Call&) -> Result { return am::unknown; }},  // limits of control groups are not looked at
    {am::cpu_topology, item_cpu_topology},
    {am::context_reductions, [](Call&) -> Result { return Term::small(slice_reductions); }},
    {am::creation, item_creation},
    {am::debug_compiled, item_false},
    {am::decentralized_counter_groups_map, [](Call& call) -> Result { return scheduler_groups(call.arena()); }},
    {am::delayed_node_table_gc, item_delayed_node_table_gc},
    {am::dirty_cpu_schedulers, item_dirty_cpu},
    {am::dirty_cpu_schedulers_online, [](Call&) -> Result { return Term::small(online_dirty_cpu()); }},
    {am::dirty_io_schedulers, item_dirty_io},
    {am::dist, system_report},
    {am::dist_buf_busy_limit, item_dist_buf_busy_limit},
    {am::dist_ctrl, item_dist_ctrl},
    {am::driver_version, item_driver_version},
    {am::dynamic_trace, item_none},
    {am::dynamic_trace_probes, item_false},
    {am::eager_check_io, item_true},
    {am::emu_args, item_emu_args},
    {am::emu_flavor, item_emu_flavor},
    {am::emu_type, item_build_type},
    {am::end_time, item_end_time},
    {am::endian, item_endian},
    {am::ethread_info, item_nil},
    {am::ets_always_compress, item_false},  // there is no such command-line option
    {am::ets_count, item_ets_count},
    {am::ets_limit, item_ets_limit},
    {am::ets_realloc_moves, item_false},
    {am::fullsweep_after, item_fullsweep_after},
    {am::garbage_collection, item_garbage_collection},
    {am::heap_sizes, item_heap_sizes},
    {am::heap_type, [](Call&) -> Result { return am::private_; }},
    {am::hipe_architecture, item_undefined},
    {am::info, system_report},
    {am::io_thread, item_false},
    {am::kernel_poll, item_kernel_poll},
    {am::loaded, system_report},
    {am::lock_checking, item_false},
    {am::lock_counting, item_false},
    {am::logical_processors, item_logical_processors},
    {am::logical_processors_available, item_logical_processors_available},
    {am::logical_processors_online, item_logical_processors},
    {am::machine, item_machine},
    {am::max_heap_size, item_max_heap_size},
    {am::message_queue_data, [](Call&) -> Result { return node_settings().message_queue_off_heap ? am::off_heap : am::on_heap; }},
    {am::min_bin_vheap_size, item_min_bin_vheap_size},
    {am::min_heap_size, item_min_heap_size},
    {am::modified_timing_level, item_undefined},
    {am::multi_scheduling, item_multi_scheduling},
    {am::multi_scheduling_blockers, item_multi_scheduling_blockers},
    {am::nif_version, item_nif_version},
    {am::normal_multi_scheduling_blockers, item_normal_blockers},
    {am::os_monotonic_time_source, [](Call& call) -> Result { return os_time_source(call.arena(), true); }},
    {am::os_system_time_source, [](Call& call) -> Result { return os_time_source(call.arena(), false); }},
    {am::os_version, item_os_version},
    {am::otp_release, item_otp_release},
    {am::outstanding_system_requests_limit, item_outstanding_requests},
    {am::port_count, item_port_count},
    {am::port_limit, item_port_limit},
    {am::port_parallelism, item_false},
    {am::port_tasks, item_true},
    {am::process_count, item_process_count},
    {am::process_limit, item_process_limit},
    {am::procs, system_report},
    {am::reader_groups_map, [](Call& call) -> Result { return scheduler_groups(call.arena()); }},
    {am::run_queues, item_schedulers},
    {am::scheduler_bind_type, item_scheduler_bind_type},
    {am::scheduler_bindings, item_scheduler_bindings},
    {am::scheduler_id, item_scheduler_id},
    {am::schedulers, item_schedulers},
    {am::schedulers_active, item_schedulers_online},
    {am::schedulers_online, item_schedulers_online},
    {am::schedulers_state, item_schedulers_state},
    {am::schedulers_total, item_schedulers},
    {am::sequential_tracer, item_sequential_tracer},
    {am::smp_support, item_true},
    {am::snifs, item_snifs},
    {am::start_time, item_start_time},
    {am::system_architecture, item_system_architecture},
    {am::system_logger, item_system_logger},
    {am::system_version, item_system_version},
    {am::taints, item_taints},
    {am::thread_pool_size, item_thread_pool_size},
    {am::threads, item_true},
    {am::time_correction, [](Call&) -> Result { return boolean(node_clock().corrects()); }},
    {am::time_offset, [](Call&) -> Result { return time_offset_atom(node_clock().offset_state()); }},
    {am::time_warp_mode, [](Call&) -> Result { return time_warp_atom(node_clock().warp()); }},
    {am::tolerant_timeofday, [](Call&) -> Result { return am::enabled; }},
    {am::trace_control_word, item_trace_control_word},
    {am::update_cpu_info, item_update_cpu_info},
    {am::version, item_version},
    {am::wordsize, item_wordsize},
};

// {Item, Which}
Result system_info_2(Call& call, Term item, Term which) {
  if (item == am::wordsize && (which == am::internal || which == am::external)) return Term::small(8);
  if (item == am::cpu_topology) {
    if (which == am::defined || which == am::detected || which == am::used) return cpu_topology_term(call.arena(), which);
  }
  if (item == am::allocator || item == am::allocator_sizes) {  // the Erlang side asks for figures and sorts them
    Term function = item == am::allocator ? make_atom("alloc_info") : make_atom("alloc_sizes");
    call.args[0] = which;
    call.process.trap_target = call.process.machine.realm.export_for(am::erlang, function, 1);
    return Result::trap();
  }
  return raise_badarg(call);
}

Result erlang_system_info_1(Call& call) {
  Term wanted = call.args[0];
  if (wanted.is_atom()) {
    for (const Item& item : items)
      if (item.name == wanted) return item.value(call);
  } else if (is_tuple_of_arity(wanted, 2)) {
    return system_info_2(call, as_tuple(wanted)->elements[0], as_tuple(wanted)->elements[1]);
  } else if (is_tuple_of_arity(wanted, 3)) {
    Tuple* request = as_tuple(wanted);
    return system_memory_request(call, request->elements[0], request->elements[1], request->elements[2]);
  }
  return raise_badarg(call);
}

constexpr BifRow rows[] = {
    {"erlang", "system_info", 1, erlang_system_info_1, BifKind::plain, Authority::statistics},
};

}  // namespace
const BifTable system_info_bifs = rows;

}  // namespace hanse
