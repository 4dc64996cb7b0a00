%% Scopes of call traces that follow one another; what is traced of code to be loaded; functions that are called in the midst of a match;
%% several kinds of trace on one function, and on tail calls; time stamps of the processors.
-module(trace_scopes).
-export([main/0, f/1, down/1, down/2, bits/1, tail/2]).

main() ->
    scopes(), on_load(), combined(), in_a_match(), processor_time(), dead_tracer(), reports().

%% Each setting is followed by what trace_info tells.
scopes() ->
    MFA = {?MODULE, f, 1},
    Steps = [{true, [local]}, {false, [global]}, {false, [local]}, {true, []}, {false, [local]}, {false, [local, meta, call_count, call_time]}, {true, [meta]}, {false, [meta]},
             {true, [global]}, {true, [call_count]}, {true, [global]}, {true, [call_time]}, {false, [call_time]}, {true, [local, call_count]}, {true, []}, {false, []},
             {true, [local, meta]}, {false, [global]}, {false, [meta]}, {false, [local]}],
    [io:format("~w ~w: ~w ~w~n", [On, Flags, erlang:trace_pattern(MFA, On, Flags), [plain(erlang:trace_info(MFA, I)) || I <- [traced, match_spec, meta, call_count, call_time]]]) || {On, Flags} <- Steps].
plain({meta, P}) when is_pid(P) -> meta;
plain(X) -> X.
f(X) -> X.

on_load() ->
    io:format("~w~n", [[erlang:trace_info(on_load, I) || I <- [traced, match_spec, meta, meta_match_spec, call_count, call_time, all]]]),
    erlang:trace_pattern(on_load, true, [local]),
    io:format("~w~n", [[erlang:trace_info(on_load, I) || I <- [traced, match_spec, meta, meta_match_spec, call_count]]]),
    erlang:trace_pattern(on_load, false, [local]).

%% Calls, meta, times and returns of the same functions; the return is told once for a chain of tail calls.
combined() ->
    T = spawn_link(fun collect/0),
    Return = [{'_', [], [{return_trace}]}],
    [erlang:trace_pattern({?MODULE, down, '_'}, S, F) || {S, F} <- [{[], [local]}, {true, [call_time, call_count]}, {Return, [{meta, T}]}]],
    [erlang:trace_pattern({erlang, term_to_binary, 1}, S, F) || {S, F} <- [{[], [local]}, {true, [call_time]}, {Return, [{meta, T}]}]],
    1 = erlang:trace(self(), true, [call, return_to, {tracer, T}]),
    _ = down(3), _ = binary_to_term(term_to_binary(a)),
    erlang:trace(self(), false, [all]),
    {Meta, Calls} = lists:partition(fun(E) -> element(1, E) =:= trace_ts end, ask(T)),
    [io:format("~w~n", [lists:sublist(tuple_to_list(E), 3, 2)]) || E <- Calls],
    [io:format("~w~n", [lists:sublist(tuple_to_list(E), 3, 2)]) || E <- Meta],
    {call_time, [{_, N, _, _}]} = erlang:trace_info({?MODULE, down, 2}, call_time),
    io:format("~w ~w~n", [N, erlang:trace_info({?MODULE, down, 2}, call_count)]),
    erlang:trace_pattern({'_', '_', '_'}, false, [local, meta, call_time, call_count]).
down(N) -> down(N, []).
down(0, L) -> L;
down(N, L) -> down(N - 1, [N | L]).

%% What is left of the binary is told as a bitstring.
in_a_match() ->
    T = spawn_link(fun collect/0),
    erlang:trace_pattern({?MODULE, '_', '_'}, [{'_', [], [{return_trace}]}], [local]),
    erlang:trace_pattern({?MODULE, tail, 2}, true, [{meta, T}]),
    1 = erlang:trace(self(), true, [call, {tracer, T}]),
    _ = bits(<<1, 2, 3:3>>), _ = bits(list_to_binary(lists:seq(1, 70))), _ = (catch bits(<<9, 200>>)),
    erlang:trace(self(), false, [all]),
    erlang:trace_pattern({'_', '_', '_'}, false, [local, meta]),
    [io:format("~w~n", [lists:sublist(tuple_to_list(E), 3, 3)]) || E <- ask(T), element(1, E) =:= trace],
    P = spawn_link(fun() -> waits(<<1, 2, 3, 4>>) end),
    wait(fun() -> process_info(P, status) =:= {status, waiting} end),
    {backtrace, B} = process_info(P, backtrace), io:format("~w~n", [byte_size(B) > 100]),
    unlink(P), exit(P, kill).
bits(<<A, Rest/bits>>) -> tail(Rest, A).
tail(<<200>>, 9) -> error(nine);
tail(<<A, Rest/bits>>, Sum) -> tail(Rest, Sum + A);
tail(Rest, Sum) -> {bit_size(Rest), Sum}.
waits(<<A, Rest/binary>>) -> receive go -> ok end, waits(Rest) + A;
waits(<<>>) -> 0.

processor_time() ->
    T = spawn_link(fun collect/0),
    erlang:trace(all, true, [cpu_timestamp]),
    P = spawn_link(fun() -> receive go -> ok end end),
    1 = erlang:trace(P, true, ['receive', timestamp, {tracer, T}]),
    P ! go,
    {trace_ts, P, 'receive', go, {Mega, S, Us}} = first(T),
    erlang:trace(all, false, [cpu_timestamp]),
    io:format("~w ~w~n", [Mega < 1000, S < 1000000 andalso Us < 1000000]).

%% The time of calls is measured for who is traced; not after the tracer's end.
dead_tracer() ->
    {T, M} = spawn_monitor(fun() -> receive stop -> ok end end),
    erlang:trace_pattern({?MODULE, f, 1}, true, [call_time]),
    1 = erlang:trace(self(), true, [call, set_on_spawn, {tracer, T}]),
    f(1), f(2),
    {call_time, [{_, 2, _, _}]} = erlang:trace_info({?MODULE, f, 1}, call_time),
    exit(T, kill), receive {'DOWN', M, _, _, _} -> ok end, erlang:yield(),
    erlang:trace_pattern({?MODULE, f, 1}, restart, [call_time]),
    f(3),
    {C, M2} = spawn_monitor(fun() -> f(4) end), receive {'DOWN', M2, _, C, _} -> ok end,
    io:format("~w ~w~n", [erlang:trace_info({?MODULE, f, 1}, call_time), erlang:trace_info(self(), flags)]),
    erlang:trace_pattern({?MODULE, f, 1}, false, [call_time]).

%% Texts about the node.
reports() ->
    P = spawn_link(fun() -> register(a_reported_process, self()), put(a_key, a_value), receive stop -> ok end end),
    P ! a_message, P ! another,
    wait(fun() -> process_info(P, message_queue_len) =:= {message_queue_len, 2} andalso whereis(a_reported_process) =:= P end),
    Procs = erlang:system_info(procs),
    [Own] = [B || B <- binary:split(Procs, <<"=proc:">>, [global]), binary:match(B, <<"Name: a_reported_process">>) =/= nomatch],
    io:format("~w~n", [[binary:match(Own, Part) =/= nomatch || Part <- [<<"Spawned as: erlang:apply/2\n">>, <<"Message queue length: 2\n">>, <<"a_key">>, <<"a_value">>, <<"Link list: [">>, <<"Reductions: ">>, <<"Stack dump:\n">>, <<"Program counter: ">>]]]),
    unlink(P), exit(P, kill),
    io:format("~w~n", [[binary:match(erlang:system_info(I), Part) =/= nomatch || {I, Part} <- [{info, <<"=memory\ntotal: ">>}, {info, <<"=index_table:atom_tab\n">>}, {info, <<"=allocated_areas\n">>}, {loaded, <<"Current code: ">>}, {loaded, <<"\nlists ">>}, {dist, <<"=node:'nonode@nohost'\n=no_distribution\n">>}]]]),
    io:format("~w~n", [[erlang:system_info(I) || I <- [constant_pool_support, ets_always_compress, ets_realloc_moves, hipe_architecture, io_thread, lock_counting, port_tasks]]]),
    N = erlang:system_info(schedulers),
    io:format("~w~n", [[erlang:system_info(schedulers_total) =:= N, erlang:system_info(run_queues) =:= N, length(erlang:system_info(reader_groups_map)) =:= N, [K || {K, _, _, _} <- erlang:system_info(all_schedulers_state)], [K || {K, _} <- erlang:system_info(os_monotonic_time_source)], [K || {K, _} <- erlang:system_info(os_system_time_source)]]]).

first(T) -> case ask(T) of [E | _] -> E; [] -> first(T) end.
wait(F) -> case F() of true -> ok; false -> erlang:yield(), wait(F) end.
ask(T) ->
    R = erlang:trace_delivered(all), receive {trace_delivered, all, R} -> ok end,
    T ! {self(), events}, receive {T, Events} -> Events end.
collect() -> receive {From, events} -> From ! {self(), all()}, collect() end.
all() -> receive E when element(1, E) =:= trace; element(1, E) =:= trace_ts -> [E | all()] after 0 -> [] end.
