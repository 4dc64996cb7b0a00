%% os: environment and clock. system_info items that do not depend on the virtual machine.
-module(os_environment).
-export([main/0]).

p(Label, Fun) ->
    Result = try Fun() catch Class:Reason -> {Class, Reason} end,
    io:format("~s: ~0p~n", [Label, Result]).

main() ->
    [p(io_lib:format("getenv ~0p", [N]), fun() -> os:getenv(N) end)
     || N <- ["A=B", "", "=", "=A", <<"PATH">>, 'PATH', "NO_SUCH_VARIABLE", 1, [-1], [1 bsl 70], [0], ["a" | $b]]],
    p("nested", fun() -> os:getenv(["PA", ["TH"]]) =:= os:getenv("PATH") end),
    [p(io_lib:format("putenv ~0p ~0p", [N, V]), fun() -> {os:putenv(N, V), os:getenv(N)} end)
     || {N, V} <- [{"a", "a=b"}, {"a=", "ab"}, {"X", []}, {"X", [16#e5, 16#3042]}, {"X", [16#d800]}, {"X", x}, {x, "x"}]],
    p("putenv empty name", fun() -> os:putenv("", "a") end),
    p("unsetenv", fun() -> [os:unsetenv("X"), os:getenv("X"), os:unsetenv("X"), os:unsetenv("")] end),
    p("unsetenv =", fun() -> os:unsetenv("a=b") end),
    p("env", fun() -> os:putenv("MINE", "1"), lists:keyfind("MINE", 1, os:env()) end),
    p("getpid", fun() -> is_integer(list_to_integer(os:getpid())) end),
    [p(io_lib:format("system_time ~0p", [U]), fun() -> T = os:system_time(U), is_integer(T) andalso T > 0 end)
     || U <- [second, millisecond, microsecond, nanosecond, native, perf_counter, seconds, milli_seconds, 1, 10, 0, -1,
              foo, 1 bsl 70, 1.0]],
    p("timestamp", fun() -> {A, B, C} = os:timestamp(), A > 1000 andalso B < 1000000 andalso C < 1000000 end),
    p("perf counter", fun() -> A = os:perf_counter(), B = os:perf_counter(nanosecond), B >= A end),
    [p(io_lib:format("system_info ~0p", [I]), fun() -> erlang:system_info(I) end)
     || I <- [otp_release, version, machine, os_type, os_version, wordsize, {wordsize, internal}, {wordsize, external},
              {wordsize, foo}, endian, nif_version, driver_version, heap_type, smp_support, threads, logical_processors,
              logical_processors_online, schedulers, schedulers_online, multi_scheduling, time_offset, time_warp_mode,
              fullsweep_after, min_heap_size, min_bin_vheap_size, max_heap_size, garbage_collection, process_limit,
              port_limit, ets_limit, atom_limit, break_ignored, build_type, debug_compiled, lock_checking, taints,
              dist_ctrl, sequential_tracer, trace_control_word, dynamic_trace, dynamic_trace_probes, scheduler_bind_type,
              dist_buf_busy_limit, outstanding_system_requests_limit, creation, compat_rel, tolerant_timeofday,
              foo, "a", {foo, bar}, {cpu_topology, defined}, cpu_topology, message_queue_data, internal_cpu_topology,
              {a, b, c}, 1, [], port_parallelism, kernel_poll, system_architecture]],
    p("heap sizes", fun() -> lists:sublist(erlang:system_info(heap_sizes), 60) end),
    p("types", fun() -> [is_list(erlang:system_info(I)) || I <- [system_version, emu_args, snifs, taints]] end),
    p("memory", fun() -> lists:all(fun({K, V}) -> is_atom(K) andalso is_integer(V) andalso V >= 0 end, erlang:memory()) end),
    p("memory keys", fun() -> [K || {K, _} <- erlang:memory()] end),
    p("memory total", fun() -> erlang:memory(total) > 0 end),
    p("memory list", fun() -> [K || {K, _} <- erlang:memory([total, ets])] end),
    p("memory bad", fun() -> erlang:memory(foo) end),
    flags(), statistics(), tracing().

flags() ->
    [p(io_lib:format("system_flag ~0p ~0p", [F, V]), fun() -> erlang:system_flag(F, V) end)
     || {F, V} <- [{backtrace_depth, 8}, {backtrace_depth, -1}, {backtrace_depth, a}, {fullsweep_after, 65535},
                   {fullsweep_after, -1}, {min_heap_size, 100}, {min_heap_size, 300}, {min_heap_size, 233},
                   {min_bin_vheap_size, 46422}, {max_heap_size, 1}, {max_heap_size, #{}}, {max_heap_size, #{size => 0}},
                   {max_heap_size, #{size => 0, kill => x}}, {outstanding_system_requests_limit, 0},
                   {outstanding_system_requests_limit, 4}, {schedulers_online, 0}, {schedulers_online, 10000},
                   {trace_control_word, -1}, {trace_control_word, 0}, {time_offset, finalize}, {time_offset, x},
                   {multi_scheduling, unblock}, {microstate_accounting, false}, {foo, bar}, {1, 2}, {system_logger, 1},
                   {sequential_tracer, false}]].

statistics() ->
    [p(io_lib:format("statistics ~0p", [I]), fun() -> shape(erlang:statistics(I)) end)
     || I <- [context_switches, exact_reductions, garbage_collection, io, reductions, run_queue, run_queue_lengths,
              run_queue_lengths_all, runtime, wall_clock, total_run_queue_lengths, total_active_tasks, active_tasks,
              scheduler_wall_time, foo, 1, run_queues]],
    p("wall clock", fun() -> {T1, _} = erlang:statistics(wall_clock), timer:sleep(20), {T2, D} = erlang:statistics(wall_clock),
                             T2 - T1 =:= D andalso D >= 20 end).

shape(T) when is_tuple(T) -> list_to_tuple(shape(tuple_to_list(T)));
shape(L) when is_list(L) -> [shape(E) || E <- L];
shape(I) when is_integer(I) -> integer;
shape(X) -> X.

tracing() ->
    p("dt", fun() -> [erlang:dt_spread_tag(true), erlang:dt_restore_tag(true), erlang:dt_put_tag(<<"a">>), erlang:dt_get_tag()] end),
    p("dt bad", fun() -> erlang:dt_spread_tag(foo) end),
    [p(io_lib:format("seq_trace_info ~0p", [I]), fun() -> erlang:seq_trace_info(I) end)
     || I <- [label, serial, previous, send, 'receive', print, timestamp, foo, 1]],
    p("seq_trace", fun() -> [erlang:seq_trace_print(a), erlang:seq_trace_print(1, b), erlang:seq_trace(sequential_trace_token, [])] end),
    p("monitors", fun() -> [erlang:system_monitor(), erlang:system_profile()] end),
    p("unicode io", fun() -> [net_kernel:dflag_unicode_io(self()), io:printable_range(), error_logger:warning_map()] end),
    p("unicode io bad", fun() -> net_kernel:dflag_unicode_io(a) end).
