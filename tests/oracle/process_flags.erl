%% process_flag/2: every flag, what it answers, what process_info tells afterwards, wrong values; process_flag/3.
-module(process_flags).
-export([main/0]).

main() ->
    logger:set_primary_config(level, none),
    Flags = [{trap_exit, [true, false, 1, a]}, {priority, [low, normal, high, max, normal, medium, 1]}, {error_handler, [some_module, error_handler, 1, "x"]}, {fullsweep_after, [0, 1, 65535, -1, a, 65535]},
             {min_heap_size, [0, 1, 233, 234, 1000, 1 bsl 20, 1 bsl 60, -1, a, 233]}, {min_bin_vheap_size, [0, 1, 46422, 46423, 100000, -1, a, 46422]}, {message_queue_data, [off_heap, on_heap, mixed, 1]}, {sensitive, [true, false, 1]}, {save_calls, [0, 10001, -1, a, 0]},
             {async_dist, [true, false, 1]}, {monitor_nodes, [true, false, 1]}, {nonsense, [1]}, {1, [1]}, {"trap_exit", [true]}, {scheduler, [0, 1, 99999, a]}],
    [io:format("~w ~w: ~w ~w~n", [F, V, attempt(fun() -> process_flag(F, V) end), info(F)]) || {F, Vs} <- Flags, V <- Vs],
    P = spawn(fun() -> receive stop -> ok end end),
    [io:format("other ~w ~w: ~w~n", [F, V, attempt(fun() -> process_flag(P, F, V) end)]) || {F, V} <- [{save_calls, 0}, {save_calls, -1}, {save_calls, 10001}, {save_calls, a}, {trap_exit, true}, {priority, low}, {1, 2}]],
    io:format("~w~n", [[attempt(fun() -> process_flag(Q, save_calls, 0) end) || Q <- [self(), dead(), a, 1]]]),
    P ! stop,
    Child = spawn_monitor(fun() -> process_flag(trap_exit, true), process_flag(priority, low), process_flag(min_heap_size, 3000), Self = self(), {_, M} = spawn_monitor(fun() -> exit([process_info(self(), I) || I <- [trap_exit, priority, min_heap_size, error_handler]]) end), receive {'DOWN', M, _, _, R} -> exit({Self =:= self(), R}) end end),
    io:format("children ~w~n", [begin {C1, M1} = Child, receive {'DOWN', M1, _, C1, R1} -> R1 end end]),
    %% off_heap and back with messages in the queue.
    [self() ! {n, N} || N <- lists:seq(1, 100)],
    process_flag(message_queue_data, off_heap), [self() ! {n, N} || N <- lists:seq(101, 200)], garbage_collect(), process_flag(message_queue_data, on_heap), [self() ! {n, N} || N <- lists:seq(201, 300)], garbage_collect(),
    io:format("~w~n", [[receive {n, N} -> N end || N <- lists:seq(1, 300)] =:= lists:seq(1, 300)]),
    %% Sensitive processes tell nothing.
    Q2 = spawn(fun() -> process_flag(sensitive, true), put(secret, 1), receive stop -> ok end end), Q2 ! {secret, 2}, Q2 ! {secret, 3},
    wait_until(fun() -> process_info(Q2, status) =:= {status, waiting} end),
    io:format("~w~n", [[shape(process_info(Q2, I)) || I <- [messages, message_queue_len, dictionary, current_function, current_stacktrace, initial_call, last_calls, backtrace]]]),
    Q2 ! stop.

shape({backtrace, B}) -> {backtrace, byte_size(B) < 300};
shape({current_stacktrace, S}) -> {current_stacktrace, length(S)};
shape({current_function, {?MODULE, F, A}}) when is_integer(A) -> {current_function, is_atom(F)};
shape(X) -> X.
info(F) when is_atom(F) -> attempt(fun() -> process_info(self(), F) end);
info(_) -> none.
dead() -> {P, M} = spawn_monitor(fun() -> ok end), receive {'DOWN', M, _, _, _} -> P end.
wait_until(F) -> case F() of true -> ok; false -> erlang:yield(), wait_until(F) end.
attempt(F) -> try F() catch C:R -> {C, R} end.
