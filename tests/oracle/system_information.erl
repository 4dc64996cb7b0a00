%% Items of system_info, statistics and memory that are the same on every emulator of this release.
-module(system_information).
-export([main/0]).
main() ->
    io:format("~w ~w~n", [erlang:system_info(end_time), erlang:system_info(start_time) =< erlang:monotonic_time()]),
    io:format("~w~n", [[M || {M, _, _} <- erlang:system_info(snifs), lists:member(M, [prim_buffer, prim_net, prim_socket, zlib])]]),
    io:format("~w~n", [[{F, lists:member(F, erlang:system_info(snifs)), begin {M, N, A} = F, erlang:is_builtin(M, N, A) end} || F <- [{erlang, apply, 2}, {erlang, apply, 3}, {erlang, hibernate, 3}, {erlang, '+', 2}]]]),
    D = erlang:system_flag(backtrace_depth, 0), io:format("~w~n", [process_info(self(), current_stacktrace)]), erlang:system_flag(backtrace_depth, D),
    [show(I, erlang:system_info(I)) || I <- [otp_release, machine, wordsize, {wordsize, internal}, {wordsize, external}, endian, threads, smp_support, multi_scheduling, process_limit, port_limit, ets_limit, atom_limit, compat_rel, delayed_node_table_gc, dist_ctrl, creation, heap_type, kernel_poll, max_heap_size, message_queue_data, min_heap_size, min_bin_vheap_size, fullsweep_after, multi_scheduling_blockers, normal_multi_scheduling_blockers, nif_version, driver_version, tolerant_timeofday, version, time_correction, time_warp_mode, trace_control_word, debug_compiled, port_parallelism, scheduler_bind_type, thread_pool_size], is_ok(I)],
    [show(I, is_integer(erlang:system_info(I))) || I <- [process_count, port_count, ets_count, atom_count, schedulers, schedulers_online, logical_processors_online, dirty_cpu_schedulers, dirty_cpu_schedulers_online, dirty_io_schedulers, scheduler_id, start_time]],
    show(bad, [try erlang:system_info(X) catch error:E -> E end || X <- [foo, 1, {a, b}, "otp_release", {wordsize, x}]]),
    show(memory, [try is_integer(erlang:memory(T)) catch error:E -> E end || T <- [total, processes, processes_used, system, atom, atom_used, binary, code, ets, foo]]), show(memory_list, lists:sort([K || {K, _} <- erlang:memory()])), show(sums, (fun(M) -> proplists:get_value(total, M) =:= proplists:get_value(processes, M) + proplists:get_value(system, M) end)(erlang:memory())),
    show(statistics, [tuple_size(erlang:statistics(I)) || I <- [runtime, wall_clock, reductions, exact_reductions, garbage_collection, io, context_switches]]), show(lengths, [is_integer(erlang:statistics(I)) || I <- [run_queue, total_run_queue_lengths, total_active_tasks]]), show(bad_statistics, try erlang:statistics(foo) catch error:E1 -> E1 end),
    show(flags, [try erlang:system_flag(F, V) catch error:E -> E end || {F, V} <- [{fullsweep_after, 65535}, {min_heap_size, 233}, {backtrace_depth, 8}, {foo, 1}, {backtrace_depth, -1}]]), show(node, [node(), nodes(), is_alive(), node(self())]), show(dist, [erlang:get_cookie()]), show(loaded, [erlang:module_loaded(lists), erlang:module_loaded(nothing_at_all), lists:member(init, erlang:pre_loaded())]).
is_ok(_) -> true.
show(N, X) -> io:format("~w: ~p~n", [N, X]).
