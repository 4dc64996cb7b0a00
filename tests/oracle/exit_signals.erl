%% Exit signals: every reason from links, exit/2 and exit/1, to processes that trap exits and that do not, to oneself, to names and the dead.
-module(exit_signals).
-export([main/0]).

main() ->
    logger:set_primary_config(level, none),
    Reasons = [normal, kill, killed, shutdown, {shutdown, x}, noproc, noconnection, {nested, {kill}}, "text", 0],
    [io:format("exit/2 ~w ~w ~w: ~p~n", [R, Trap, Linked, sent(R, Trap, Linked)]) || R <- Reasons, Trap <- [false, true], Linked <- [false, true]],
    [io:format("link ~w ~w: ~p~n", [R, Trap, linked(R, Trap)]) || R <- Reasons, Trap <- [false, true]],
    [io:format("self ~w ~w: ~p~n", [R, Trap, to_self(R, Trap)]) || R <- Reasons, Trap <- [false, true]],
    [io:format("raise ~w ~w: ~p~n", [C, R, ended(C, R)]) || C <- [exit, error, throw], R <- [normal, kill, shutdown, x]],
    [io:format("chain ~w: ~p~n", [R, chain(R, 5)]) || R <- [normal, kill, x]],
    io:format("~p~n", [[attempt(fun() -> exit(P, R) end) || P <- [dead(), no_such_name, 1, {a, node()}, make_ref(), []], R <- [normal, kill]] =:= [true, true, badarg, badarg, badarg, badarg, badarg, badarg, badarg, badarg, badarg, badarg]]),
    process_flag(trap_exit, true),
    D = dead(),
    io:format("~p~n", [attempt(fun() -> link(D) end)]),
    receive {'EXIT', D, R0} -> io:format("link to the dead ~p~n", [R0]) after 5000 -> io:format("nothing~n") end,
    link(self()), unlink(self()), unlink(D),
    P = spawn_link(fun() -> receive stop -> exit(bye) end end),
    link(P), link(P), unlink(P), P ! stop,
    gone(P),
    io:format("unlinked ~p~n", [receive {'EXIT', P, R1} -> R1 after 0 -> none end]),
    Q = spawn_link(fun() -> exit(early) end),
    gone(Q),
    receive {'EXIT', Q, early} -> self() ! {'EXIT', Q, early} after 5000 -> never end,
    unlink(Q),
    io:format("a message stays ~p~n", [receive {'EXIT', Q, R2} -> R2 after 0 -> none end]),
    Many = [spawn_link(fun() -> receive stop -> exit({n, N}) end end) || N <- lists:seq(1, 200)],
    [M ! stop || M <- Many],
    io:format("many ~p~n", [lists:sort([receive {'EXIT', M, {n, N}} -> N end || M <- Many]) =:= lists:seq(1, 200)]),
    process_flag(trap_exit, false).

dead() -> {P, M} = spawn_monitor(fun() -> ok end), receive {'DOWN', M, _, _, _} -> P end.
gone(P) -> M = monitor(process, P), receive {'DOWN', M, _, _, R} -> R end.
attempt(F) -> try F() catch error:R -> R end.

%% The receiver tells what it gets; a second message makes it end if it is still there.
sent(Reason, Trap, Linked) ->
    Parent = self(),
    {Middle, M} = spawn_monitor(fun() ->
        process_flag(trap_exit, true),
        Middle = self(),
        P = spawn(fun() -> process_flag(trap_exit, Trap), [link(Middle) || Linked], Middle ! ready, listen(Parent, []) end),
        Mon = monitor(process, P),
        receive ready -> ok end,
        exit(P, Reason), P ! stop,
        receive {'DOWN', Mon, _, _, Why} -> ok end,
        Parent ! {down, Why, receive {'EXIT', P, Told} -> {told, Told} after if Linked -> 5000; true -> 0 end -> none end}
    end),
    receive {'DOWN', M, _, _, normal} -> ok end,
    receive {down, Why, Told} -> {Why, Told, receive {heard, H} -> H after 0 -> nothing end} end.
listen(Parent, Heard) -> receive stop -> Parent ! {heard, lists:reverse(Heard)}; {'EXIT', _, R} -> listen(Parent, [R | Heard]) end.

linked(Reason, Trap) ->
    Parent = self(),
    {_, M} = spawn_monitor(fun() ->
        process_flag(trap_exit, Trap),
        P = spawn_link(fun() -> receive go -> exit(Reason) end end),
        Mon = monitor(process, P), P ! go,
        receive {'DOWN', Mon, _, _, R} -> Parent ! {down, R} end,
        receive {'EXIT', P, T} -> exit({trapped, T}) after if Trap -> 5000; true -> 30 end -> exit(alive) end
    end),
    receive {'DOWN', M, _, _, Why} -> {Why, receive {down, R} -> R after 0 -> died_first end} end.

to_self(Reason, Trap) ->
    {_, M} = spawn_monitor(fun() -> process_flag(trap_exit, Trap), exit(self(), Reason), receive {'EXIT', P, R} -> exit({got, P =:= self(), R}) after 0 -> exit(still_here) end end),
    receive {'DOWN', M, _, _, Why} -> Why end.
ended(Class, Reason) ->
    {_, M} = spawn_monitor(fun() -> erlang:raise(Class, Reason, []) end),
    receive {'DOWN', M, _, _, Why} -> Why end.
chain(Reason, N) ->
    Self = self(),
    Ps = build(N, Self, []),
    Ms = [monitor(process, P) || P <- Ps],
    exit(hd(Ps), Reason),
    [P ! stop || Reason =:= normal, P <- Ps],
    [receive {'DOWN', M, _, _, R} -> R end || M <- Ms].
build(0, _, Ps) -> Ps;
build(N, Self, Ps) ->
    P = spawn(fun() -> [link(Q) || Q <- lists:sublist(Ps, 1)], Self ! {linked, self()}, receive stop -> ok end end),
    receive {linked, P} -> ok end,
    build(N - 1, Self, [P | Ps]).
