%% Trees of processes: who ends when one ends, through links, monitors, trapped exits and spawn options; what a parent learns of thousands of children.
-module(process_trees).
-export([main/0, init/1, child/0]).

main() ->
    logger:set_primary_config(level, none),
    process_flag(trap_exit, true),
    [show({chain, N, Reason}, chain(N, Reason)) || N <- [1, 10, 500], Reason <- [normal, shutdown, kill, {error, x}]],
    [show({star, Reason}, star(50, Reason)) || Reason <- [normal, shutdown, boom, kill]],
    [show({ring, N}, ring(N)) || N <- [2, 3, 100]],
    show(trapper, trapper()),
    show(trapped_reasons, [trapped(R) || R <- [normal, kill, killed, shutdown, {shutdown, x}, noproc, {a, [b]}]]),
    show(supervised, supervised(20)),
    show(all_monitors, monitors(2000)),
    show(late_monitors, [late(F) || F <- [monitor, link]]),
    show(orders, orders()),
    show(unlinked, unlinked()),
    show(self_exit, [self_exit(R) || R <- [normal, kill, x]]),
    show(linked_to_dead, linked_to_dead()),
    show(group_leaders, group_leaders()),
    show(results, gather(lists:seq(1, 300))),
    show(race, lists:usort([race() || _ <- lists:seq(1, 200)])),
    show(left, receive X -> X after 0 -> nothing end).

%% A chain of links; the last one ends; a process outside watches all.
chain(N, Reason) ->
    Self = self(),
    First = spawn(fun() -> link_on(N, Self, Reason) end),
    Pids = [receive {in_chain, I, P} -> P end || I <- lists:seq(N, 1, -1)],
    Monitors = watched(Pids),
    lists:last(Pids) ! go,
    Reasons = case Reason of
                  normal -> timer:sleep(0), Alive = [P || P <- lists:droplast(Pids), is_process_alive(P)], exit(First, kill), {alive, length(Alive)};
                  _ -> x
              end,
    {Reasons, count([receive {'DOWN', M, process, P, R} -> R after 10000 -> alive end || {P, M} <- Monitors])}.

link_on(0, _, _) -> ok;
link_on(N, Top, Reason) ->
    Top ! {in_chain, N, self()},
    case N of
        1 -> receive go -> exit(Reason) end;
        _ -> spawn_link(fun() -> link_on(N - 1, Top, Reason) end), receive never -> ok end
    end.

star(N, Reason) ->
    Self = self(),
    Centre = spawn(fun() ->
                       Children = [spawn_link(fun() -> receive {stop, R} -> exit(R) end end) || _ <- lists:seq(1, N)],
                       Self ! {children, Children},
                       receive never -> ok end
                   end),
    Children = receive {children, Cs} -> Cs end,
    Monitors = watched([Centre | Children]),
    case Reason of kill -> exit(Centre, kill); _ -> lists:nth(N div 2, Children) ! {stop, Reason} end,
    case Reason of
        normal -> {P, M} = lists:nth(N div 2 + 1, Monitors), receive {'DOWN', M, process, P, normal} -> ok end, exit(Centre, kill);
        _ -> ok
    end,
    count([receive {'DOWN', M2, process, P2, R} -> R after 10 -> case is_process_alive(P2) of false -> gone; true -> receive {'DOWN', M2, process, P2, R} -> R after 10000 -> alive end end end || {P2, M2} <- Monitors]).

ring(N) ->
    Self = self(),
    Pids = [spawn(fun() -> receive {next, P} -> link(P), Self ! linked, receive {die, R} -> exit(R) end end end) || _ <- lists:seq(1, N)],
    [A ! {next, B} || {A, B} <- lists:zip(Pids, tl(Pids) ++ [hd(Pids)])],
    [receive linked -> ok end || _ <- Pids],
    Monitors = watched(Pids),
    lists:nth(N div 2 + 1, Pids) ! {die, ring_broken},
    count([receive {'DOWN', M, process, P, R} -> R after 10000 -> alive end || {P, M} <- Monitors]).

trapper() ->
    Pids = [spawn_link(fun() -> exit({reason, I}) end) || I <- lists:seq(1, 20)],
    [receive {'EXIT', P, {reason, I}} -> I end || P <- Pids].

trapped(R) ->
    Self = self(),
    P = spawn_link(fun() -> process_flag(trap_exit, true), Self ! ready, receive {'EXIT', From, Why} when From =:= Self -> Self ! {got, Why} after 5000 -> Self ! {got, nothing} end end),
    receive ready -> ok end,
    exit(P, R),
    receive {got, W} -> receive {'EXIT', P, E} -> {W, E} end; {'EXIT', P, E} -> {not_trapped, E} end.

supervised(N) ->
    {ok, S} = supervisor_of(N),
    Children = [P || {_, P, _, _} <- supervisor:which_children(S)],
    exit(hd(Children), kill),
    until(fun() -> length([1 || {_, P, _, _} <- supervisor:which_children(S), is_pid(P), not lists:member(P, [hd(Children)])]) =:= N end),
    Kept = length([1 || {_, P, _, _} <- supervisor:which_children(S), lists:member(P, Children)]),
    unlink(S),
    M = monitor(process, S),
    spawn(fun() -> gen_server:stop(S, shutdown, 5000) end),
    receive {'DOWN', M, process, S, R} -> {Kept, R, [P || P <- tl(Children), is_process_alive(P)]} end.

supervisor_of(N) ->
    Parent = self(),
    P = spawn_link(fun() ->
                       {ok, S} = supervisor:start_link(?MODULE, N),
                       Parent ! {supervisor, S},
                       process_flag(trap_exit, true),
                       receive {'EXIT', S, R} -> exit(R) end
                   end),
    receive {supervisor, S} -> put(owner, P), {ok, S} end.

init(N) -> {ok, {#{strategy => one_for_one, intensity => 5, period => 5}, [#{id => I, start => {?MODULE, child, []}} || I <- lists:seq(1, N)]}}.
child() -> {ok, spawn_link(fun() -> receive never -> ok end end)}.

monitors(N) ->
    Pids = [spawn_monitor(fun() -> receive stop -> exit(I rem 7) end end) || I <- lists:seq(1, N)],
    [P ! stop || {P, _} <- Pids],
    lists:sort(maps:to_list(lists:foldl(fun({P, M}, C) -> receive {'DOWN', M, process, P, R} -> maps:update_with(R, fun(K) -> K + 1 end, 1, C) end end, #{}, Pids))).

late(monitor) ->
    P = spawn(fun() -> ok end),
    until(fun() -> not is_process_alive(P) end),
    M = monitor(process, P),
    receive {'DOWN', M, process, P, R} -> R end;
late(link) ->
    P = spawn(fun() -> ok end),
    until(fun() -> not is_process_alive(P) end),
    {catch link(P), receive {'EXIT', P, R} -> R after 1000 -> none end}.


%% Messages come before the exit that was caused after them.
orders() ->
    P = spawn_link(fun() -> receive {from, Pid} -> [Pid ! {number, I} || I <- lists:seq(1, 100)], exit(done) end end),
    P ! {from, self()},
    Seen = collect(P),
    {length(Seen), lists:last(Seen), lists:droplast(Seen) =:= lists:seq(1, 100)}.

collect(P) -> receive {number, I} -> [I | collect(P)]; {'EXIT', P, R} -> [R] end.

unlinked() ->
    P = spawn_link(fun() -> receive stop -> exit(x) end end),
    unlink(P),
    M = monitor(process, P),
    P ! stop,
    receive {'DOWN', M, process, P, R} -> {R, receive {'EXIT', P, _} = E -> E after 0 -> no_exit end} end.

self_exit(R) ->
    {P, M} = spawn_monitor(fun() -> catch exit(self(), R), receive never -> ok after 20 -> exit(survived) end end),
    receive {'DOWN', M, process, P, Why} -> Why end.

linked_to_dead() ->
    {P, M} = spawn_monitor(fun() -> ok end),
    receive {'DOWN', M, process, P, _} -> ok end,
    {Q, N} = spawn_monitor(fun() -> try link(P), receive never -> ok after 20 -> no_exit end catch C:R -> exit({C, R}) end end),
    receive {'DOWN', N, process, Q, Why} -> Why end.

group_leaders() ->
    Self = self(),
    Leader = spawn_link(fun() -> leader(Self) end),
    P = spawn_link(fun() -> receive go -> spawn_link(fun() -> io:format("from a grandchild~n"), Self ! {leader, group_leader() =:= Leader} end), receive never -> ok end end end),
    group_leader(Leader, P),
    P ! go,
    R = {receive {printed, T} -> T end, receive {leader, L} -> L end},
    [begin unlink(X), exit(X, kill) end || X <- [P, Leader]],
    flush_exits(),
    R.

leader(Top) -> receive {io_request, From, As, Request} -> Top ! {printed, element(1, Request)}, From ! {io_reply, As, ok}, leader(Top) end.

gather(L) ->
    Self = self(),
    Pids = [spawn_link(fun() -> Self ! {self(), catch compute(X)} end) || X <- L],
    Sum = lists:sum([receive {P, R} when is_integer(R) -> R; {P, _} -> 0 end || P <- Pids]),
    [receive {'EXIT', P, _} -> ok end || P <- Pids],
    Sum.

compute(X) when X rem 10 =:= 0 -> error(multiple_of_ten);
compute(X) -> X * X.

%% Either the answer or the exit comes first, never nothing.
race() ->
    {P, M} = spawn_monitor(fun() -> receive {ask, F} -> F ! answer after 0 -> exit(early) end end),
    P ! {ask, self()},
    receive {'DOWN', M, process, P, R} when R =:= normal -> receive answer -> fine after 0 -> lost end; {'DOWN', M, process, P, early} -> receive answer -> wrong after 0 -> fine end end.

%% A process that was asked whether it lives has seen the monitor.
watched(Pids) ->
    Monitors = [{P, monitor(process, P)} || P <- Pids],
    [true = is_process_alive(P) || P <- Pids],
    Monitors.

flush_exits() -> receive {'EXIT', _, _} -> flush_exits() after 0 -> ok end.

count(L) -> lists:sort(maps:to_list(lists:foldl(fun(R, M) -> maps:update_with(R, fun(N) -> N + 1 end, 1, M) end, #{}, L))).

until(F) -> case F() of true -> ok; false -> timer:sleep(2), until(F) end.

show(What, Value) -> io:format("~p: ~0p~n", [What, Value]).
