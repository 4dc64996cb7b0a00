%% All ways to spawn, their options, errors, initial calls and group leaders.
-module(process_spawning).
-export([main/0]).
-export([entry/2]).
main() ->
    logger:set_primary_config(level, none),
    S = self(), spawn(fun() -> S ! one end), show(get_one()), spawn(?MODULE, entry, [S, two]), show(get_one()), spawn(node(), fun() -> S ! three end), show(get_one()), spawn_link(node(), ?MODULE, entry, [S, four]), show(get_one()),
    {P5, R5} = spawn_monitor(?MODULE, entry, [S, five]), show(get_one()), show(receive {'DOWN', R5, process, P5, X5} -> X5 end), {P6, R6} = spawn_monitor(node(), fun() -> exit(six) end), show(receive {'DOWN', R6, process, P6, X6} -> X6 end),
    [begin P = spawn_opt(fun() -> receive stop -> ok end end, O), show({O, is_pid(P), [process_info(P, I) || I <- Is]}), P ! stop end || {O, Is} <- [{[], [priority]}, {[{priority, high}], [priority]}, {[{fullsweep_after, 3}], [fullsweep_after]}, {[link], [trap_exit]}, {[{message_queue_data, off_heap}], [message_queue_data]}, {[{priority, low}, {min_heap_size, 100}, {max_heap_size, 1000000}], [priority]}, {[{scheduler, 0}], [priority]}]],
    show([try spawn_opt(fun() -> ok end, O) of P -> is_pid(P) catch error:E -> E end || O <- [[foo], a, [{priority, x}], [{min_heap_size, -1}], [link | x], [{max_heap_size, 1}], [{message_queue_data, x}], [{scheduler, -1}]]]),
    show([try spawn(X) of P -> is_pid(P) catch error:E -> E end || X <- [a, fun(_) -> ok end, 1]]), show([try spawn(M, F, A) of P -> is_pid(P) catch error:E -> E end || {M, F, A} <- [{1, f, []}, {m, 1, []}, {m, f, a}, {m, f, [a | b]}, {m, f, {}}]]),
    I = spawn(fun() -> receive stop -> ok end end), show(element(1, element(2, process_info(I, initial_call)))), I ! stop, J = spawn(timer, sleep, [1000]), show(process_info(J, initial_call)), exit(J, kill),
    G = spawn(fun gl/0), show(group_leader(G, K = spawn(fun() -> S ! {gl, group_leader()}, receive after 5000 -> ok end end))), show(is_pid(receive {gl, L} -> L end)), timer:sleep(100), show(process_info(K, group_leader) =:= {group_leader, G}), show([try group_leader(A, B) catch error:E -> E end || {A, B} <- [{a, self()}, {self(), a}, {1, 2}]]),
    Rq = spawn_request(fun() -> S ! requested end), show(receive {spawn_reply, Rq, ok, Pq} -> is_pid(Pq) after 5000 -> none end), show(get_one()), Rq2 = spawn_request(?MODULE, entry, [S, x], [{reply_tag, mine}, monitor]), show(receive {mine, Rq2, ok, _} -> tagged after 5000 -> none end), show(get_one()), show(receive {'DOWN', Rq2, _, _, X7} -> X7 after 5000 -> none end), show(spawn_request_abandon(Rq2)), show(try spawn_request(a) catch error:E -> E end), Rq3 = spawn_request(fun() -> S ! quiet end, [{reply, no}]), show(get_one()), show(receive {spawn_reply, Rq3, _, _} -> reply after 50 -> none end),
    show(length(lists:usort([spawn(fun() -> ok end) || _ <- lists:seq(1, 1000)]))), show(ring(300, 20)).
gl() -> receive stop -> ok end.
entry(To, M) -> To ! M.
get_one() -> receive M when is_atom(M) -> M after 2000 -> none end.
ring(N, Laps) -> S = self(), L = lists:foldl(fun(_, Next) -> spawn(fun() -> hop(Next) end) end, S, lists:seq(1, N)), lap(L, Laps, 0).
hop(Next) -> receive stop -> Next ! stop; X -> Next ! X + 1, hop(Next) end.
lap(L, 0, X) -> L ! stop, receive stop -> X end; lap(L, N, X) -> L ! X, receive Y when is_integer(Y) -> lap(L, N - 1, Y) end.
show(X) -> io:format("~w~n", [X]).
