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
    P ! stop.

echo() -> spawn(fun() -> loop() end).
loop() -> receive stop -> ok; {priority, L} -> process_flag(priority, L), loop(); {From, X} -> From ! {self(), X}, loop() end.
status(P) -> element(2, process_info(P, status)).
dead() -> {P, M} = spawn_monitor(fun() -> ok end), receive {'DOWN', M, _, _, _} -> P end.
attempt(F) -> try F() catch C:R -> {C, R} end.
