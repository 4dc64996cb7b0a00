%% monitor and demonitor: options and answers in every situation, targets of every kind, names that come and go, aliases.
-module(monitors_flushed).
-export([main/0]).

main() ->
    logger:set_primary_config(level, none),
    [io:format("~w ~w: ~p~n", [State, O, situation(State, O)]) || State <- [alive, dead, delivered, flushed, twice], O <- [none, [], [flush], [info], [flush, info], [info, flush]]],
    io:format("~p~n", [[attempt(fun() -> demonitor(make_ref(), O) end) || O <- [[], [info], [x], x, [flush | x]]]]),
    io:format("~p~n", [other()]),
    io:format("~p~n", [[target(T) || T <- [no_such_name, {no_such_name, node()}, {no_such_name, nonode@nohost}, self(), {init, node()}, init]]]),
    register(for_a_while, P1 = holder()),
    M1 = monitor(process, for_a_while), M2 = monitor(process, {for_a_while, node()}), M3 = monitor(process, P1),
    unregister(for_a_while), P1 ! stop,
    io:format("~p~n", [[receive {'DOWN', M, T, O, R} -> {T, if O =:= P1 -> pid; true -> O end, R} end || M <- [M1, M2, M3]]]),
    [io:format("alias ~w: ~p~n", [A, aliased(A)]) || A <- [explicit_unalias, demonitor, reply_demonitor]],
    io:format("~p~n", [[attempt(fun() -> monitor(K, T, O) end) || {K, T, O} <- [{process, self(), [{alias, x}]}, {process, self(), [{tag, a}]}, {process, self(), [{tag, a}, {tag, b}]}, {process, self(), x}, {process, self(), [{alias, demonitor} | x]}, {time_offset, clock_service, [{tag, t}]}, {time_offset, x, []}, {port, self(), []}, {x, self(), []}, {process, 1, []}, {process, {a, b, c}, []}]]]),
    P2 = holder(), M4 = monitor(process, P2, [{tag, {tag, "of mine"}}]), P2 ! stop,
    io:format("~p~n", [receive {{tag, "of mine"}, M4, process, P2, R4} -> R4 end]),
    P3 = holder(), Ms = [monitor(process, P3) || _ <- lists:seq(1, 50)],
    io:format("~p ~p ~p~n", [length([x || {process, Q} <- element(2, process_info(self(), monitors)), Q =:= P3]), length([x || Q <- element(2, process_info(P3, monitored_by)), Q =:= self()]), [demonitor(M, [info]) || M <- lists:sublist(Ms, 25)]]),
    P3 ! stop,
    io:format("~p ~p~n", [lists:usort([receive {'DOWN', M, _, _, R} -> R end || M <- lists:nthtail(25, Ms)]), receive {'DOWN', _, _, _, _} -> more after 0 -> none end]),
    port().

holder() -> spawn(fun() -> receive stop -> ok; {exit, R} -> exit(R) end end).
attempt(F) -> try F() of R when is_reference(R) -> demonitor(R, [flush]), reference; V -> V catch C:R -> {C, R} end.

situation(State, O) ->
    P = holder(), M = monitor(process, P),
    case State of
        alive -> ok;
        dead -> stop(P);
        delivered -> stop(P), receive {'DOWN', M, _, _, _} -> ok end;
        flushed -> stop(P), demonitor(M, [flush]);
        twice -> demonitor(M)
    end,
    Answer = case O of none -> demonitor(M); _ -> demonitor(M, O) end,
    Left = receive {'DOWN', M, process, P, R} -> R after 0 -> none end,
    P ! stop,
    {Answer, Left}.
stop(P) -> N = monitor(process, P), P ! stop, receive {'DOWN', N, _, _, _} -> ok end.

%% Monitors belong to who made them.
other() ->
    Self = self(), P = holder(),
    spawn_link(fun() -> M = monitor(process, P), Self ! {made, M}, receive {'DOWN', M, _, _, R} -> Self ! {heard, R} end end),
    receive {made, M} -> ok end,
    Answer = attempt(fun() -> demonitor(M, [info]) end), P ! {exit, ended},
    {Answer, receive {heard, R} -> R end}.
target(T) ->
    try monitor(process, T) of M -> receive {'DOWN', M, K, O, R} -> {K, O, R} after 100 -> {monitored, demonitor(M, [info])} end catch C:R -> {C, R} end.
aliased(A) ->
    P = spawn(fun() -> loop() end), M = monitor(process, P, [{alias, A}]),
    P ! {reply, M, one}, P ! {reply, M, two}, sync(P),
    First = {got(one), got(two), demonitor(M, [info])},
    P ! {reply, M, three}, sync(P),
    Second = {got(three), unalias(M)},
    P ! {reply, M, four}, sync(P),
    P ! stop,
    {First, Second, got(four), receive {'DOWN', M, _, _, R} -> R after 0 -> none end}.
loop() -> receive stop -> ok; {reply, A, X} -> A ! X, loop(); {sync, From, R} -> From ! R, loop() end.
sync(P) -> R = make_ref(), P ! {sync, self(), R}, receive R -> ok end.
got(X) -> receive X -> true after 0 -> false end.
port() ->
    Port = open_port({spawn, "cat"}, [binary]),
    M = monitor(port, Port),
    io:format("~p~n", [[attempt(fun() -> monitor(port, T) end) || T <- [1, self(), no_such, {no_such, node()}, {no_such, other@node}]]]),
    [receive {'DOWN', _, port, {no_such, _}, noproc} -> ok after 0 -> ok end || _ <- [1, 2, 3]],
    port_close(Port),
    io:format("~p~n", [receive {'DOWN', M, port, Port, R} -> R end]),
    N = monitor(port, Port),
    io:format("~p~n", [receive {'DOWN', N, port, Port, R2} -> R2 end]).
