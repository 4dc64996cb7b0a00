%% suspend_process and resume_process: counts, options, who may resume, signals to suspended processes, suspenders that end.
-module(suspended_processes).
-export([main/0]).

main() ->
    logger:set_primary_config(level, none),
    P = echo(),
    io:format("~p~n", [[erlang:suspend_process(P), status(P), erlang:suspend_process(P), status(P), erlang:resume_process(P), status(P), erlang:resume_process(P), status(P) =/= suspended, attempt(fun() -> erlang:resume_process(P) end)]]),
    io:format("~p~n", [[{O, attempt(fun() -> erlang:suspend_process(P, O) end)} || O <- [[], [unless_suspending], [unless_suspending], [asynchronous], [unless_suspending, asynchronous], [x], [asynchronous | x], x, [{asynchronous, tag}], [{asynchronous, 1} | a]]]]),
    io:format("suspended ~p ~p~n", [element(2, process_info(self(), suspending)) =:= [{P, 4, 0}], element(1, hd(element(2, process_info(self(), suspending)))) =:= P]),
    io:format("reply ~p~n", [receive {tag, Reply} -> Reply after 5000 -> none end]),
    P ! {self(), hello},
    io:format("no answer ~p ~p~n", [receive {P, A0} -> A0 after 50 -> none end, process_info(P, message_queue_len)]),
    Resumed = [attempt(fun() -> erlang:resume_process(P) end) || _ <- lists:seq(1, 5)],
    io:format("resumed ~p ~p~n", [Resumed, receive {P, A1} -> A1 after 5000 -> none end]),
    io:format("~p~n", [[attempt(fun() -> erlang:suspend_process(T) end) || T <- [self(), dead(), a, 1, hd(erlang:ports())]]]),
    io:format("~p~n", [[attempt(fun() -> erlang:resume_process(T) end) || T <- [self(), dead(), a, 1, P]]]),
    io:format("~p~n", [[attempt(fun() -> erlang:suspend_process(dead(), O) end) || O <- [[asynchronous], [unless_suspending], [{asynchronous, x}]]]]),
    io:format("~p~n", [receive {x, R} -> R after 5000 -> none end]),
    %% Another one suspends and ends: what it suspended goes on.
    Self = self(),
    {Q, M} = spawn_monitor(fun() -> erlang:suspend_process(P), erlang:suspend_process(P), Self ! suspended, receive stop -> ok end end),
    receive suspended -> ok end,
    io:format("~p ~p~n", [status(P), attempt(fun() -> erlang:resume_process(P) end)]),
    erlang:suspend_process(P), Q ! stop, receive {'DOWN', M, _, _, _} -> ok end,
    io:format("~p~n", [status(P) =:= suspended]),
    erlang:resume_process(P), P ! {self(), again},
    io:format("~p~n", [receive {P, A2} -> A2 after 5000 -> none end]),
    %% Signals reach who is suspended.
    Items = [begin
        V = echo(), N = monitor(process, V), erlang:suspend_process(V), What(V),
        Died = receive {'DOWN', N, _, _, Why} -> Why after Wait -> alive end,
        catch erlang:resume_process(V), V ! stop,
        {Name, Died, if Died =:= alive -> receive {'DOWN', N, _, _, Late} -> Late after 5000 -> never end; true -> at_once end}
     end || {Name, What, Wait} <- [{kill, fun(V) -> exit(V, kill) end, 5000}, {exit, fun(V) -> exit(V, x) end, 5000}, {normal, fun(V) -> exit(V, normal) end, 50}, {info, fun(V) -> {status, suspended} = process_info(V, status) end, 50}, {collect, fun(V) -> true = garbage_collect(V) end, 50}, {check, fun(V) -> false = erlang:check_process_code(V, no_such_module) end, 50}, {priority, fun(V) -> V ! {priority, low} end, 50}]],
    io:format("~p~n", [Items]),
    %% Two that suspend each other in turns, and many times.
    Count = [begin erlang:suspend_process(P), erlang:resume_process(P), P ! {self(), N}, receive {P, N} -> N end end || N <- lists:seq(1, 300)],
    io:format("~p ~p~n", [lists:sum(Count), process_info(self(), suspending)]),
    P ! stop,
    under_way(),
    in_dirty_calls().

%% What is told of suspends that are under way: all or nothing of what one process wants of another.
under_way() ->
    P = echo(), at_rest(P),
    At_rest = [begin erlang:suspend_process(P, O), [{P, A, B}] = suspending(), {A, B} end || O <- [[asynchronous], [{asynchronous, tag}], [unless_suspending, asynchronous], []]],
    io:format("at rest ~p ~p~n", [At_rest, receive {tag, R} -> R after 5000 -> none end]),
    [erlang:resume_process(P) || _ <- lists:seq(1, 3)],
    io:format("~p ~p~n", [suspending(), attempt(fun() -> erlang:resume_process(P) end)]),
    Loop = spawn(fun() -> turns() end),
    Seen = [begin
        erlang:suspend_process(Loop, [asynchronous]), erlang:suspend_process(Loop, [asynchronous]),
        First = suspending(), Last = in_force(),
        erlang:suspend_process(Loop, [unless_suspending]), erlang:suspend_process(Loop),
        All = suspending(), [erlang:resume_process(Loop) || _ <- [1, 2, 3]],
        {lists:member(First, [[{Loop, 0, 2}], [{Loop, 2, 0}]]), Last =:= [{Loop, 2, 0}], All =:= [{Loop, 3, 0}], suspending()}
     end || _ <- lists:seq(1, 100)],
    io:format("under way ~p~n", [lists:usort(Seen)]),
    Synchronous = [begin erlang:suspend_process(Loop, [asynchronous]), X = erlang:suspend_process(Loop), Y = suspending() =:= [{Loop, 2, 0}], [erlang:resume_process(Loop) || _ <- [1, 2]], {X, Y} end || _ <- lists:seq(1, 100)],
    io:format("synchronous ~p~n", [lists:usort(Synchronous)]),
    erlang:suspend_process(Loop, [asynchronous]), exit(Loop, kill), erlang:suspend_process(P),
    io:format("ended ~p ~p~n", [gone(Loop), [{A, B} || {Q, A, B} <- suspending(), Q =:= P]]),
    erlang:resume_process(P), P ! stop.

at_rest(P) -> case status(P) of waiting -> ok; _ -> erlang:yield(), at_rest(P) end.
turns() -> turns().
suspending() -> element(2, process_info(self(), suspending)).
in_force() -> case suspending() of [{_, 0, _}] -> erlang:yield(), in_force(); L -> L end.
gone(P) -> case is_process_alive(P) of true -> gone(P); false -> lists:keymember(P, 1, suspending()) end.

%% Who is suspended during a dirty call goes no further when that is over.
in_dirty_calls() ->
    Self = self(),
    Outcomes = [begin
        P = spawn(fun() -> Self ! {self(), started}, Self ! {self(), Call()} end),
        receive {P, started} -> ok end,
        wait_for_dirty(P),
        erlang:suspend_process(P, [asynchronous]),
        Early = receive {P, _} -> early after 600 -> none end,
        S = status(P), erlang:resume_process(P),
        {Early, S, receive {P, _} -> ended after 5000 -> lost end}
     end || Call <- [fun() -> erts_debug:dirty_cpu(wait, 300) end, fun() -> erts_debug:dirty_io(wait, 300) end, fun() -> apply(erts_debug, dirty_io, [wait, 300]) end]],
    io:format("~p~n", [Outcomes]).
wait_for_dirty(P) -> case erts_internal:is_process_executing_dirty(P) of true -> ok; false -> erlang:yield(), wait_for_dirty(P) end.

echo() -> spawn(fun() -> loop() end).
loop() -> receive stop -> ok; {priority, L} -> process_flag(priority, L), loop(); {From, X} -> From ! {self(), X}, loop() end.
status(P) -> element(2, process_info(P, status)).
dead() -> {P, M} = spawn_monitor(fun() -> ok end), receive {'DOWN', M, _, _, _} -> P end.
attempt(F) -> try F() catch C:R -> {C, R} end.
