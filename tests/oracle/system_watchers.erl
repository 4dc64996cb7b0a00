%% system_monitor and system_profile: who watches, what is refused, what is told of a large heap.
-module(system_watchers).
-export([main/0]).

main() ->
    Me = self(),
    show(none, [erlang:system_monitor(), erlang:system_monitor(undefined), erlang:system_profile()]),
    show(set, [erlang:system_monitor(Me, [busy_port, {large_heap, 100000}]), name(erlang:system_monitor()), name(erlang:system_monitor({Me, [{long_gc, 100000}]})), name(erlang:system_monitor())]),
    show(wrong, [catch_(fun() -> erlang:system_monitor(P, O) end) || {P, O} <- [{a, []}, {Me, a}, {Me, [foo]}, {Me, [{large_heap, a}]}, {Me, [{large_heap, -1}]}, {Me, [busy_port | x]}]]),
    show(wrong1, [catch_(fun() -> erlang:system_monitor(X) end) || X <- [a, {}, {a, []}, {Me}, {Me, [foo]}]]),
    show(kept, name(erlang:system_monitor())),
    show(large, begin
                    erlang:system_monitor(Me, [{large_heap, 50000}]),
                    Pid = spawn(fun() -> L = lists:seq(1, 200000), Me ! {sum, lists:sum(L)}, receive stop -> hd(L) end end),
                    Told = receive {monitor, Pid, large_heap, Info} -> lists:sort([K || {K, _} <- Info]) after 10000 -> nothing end,
                    Pid ! stop,
                    Told
                end),
    show(off, [name(erlang:system_monitor(undefined)), erlang:system_monitor(Me, []), erlang:system_monitor()]),
    show(profile, [erlang:system_profile(Me, [runnable_procs]), name(erlang:system_profile()), name(erlang:system_profile(undefined, [])), erlang:system_profile()]),
    show(profile_wrong, [catch_(fun() -> erlang:system_profile(P, O) end) || {P, O} <- [{a, []}, {a, [scheduler]}, {Me, [foo]}, {Me, a}]]).

name({Pid, Options}) when is_pid(Pid) -> {Pid =:= self(), lists:sort(Options)};
name(X) -> X.
catch_(F) -> try F() catch C:R -> {C, R} end.
show(Name, X) -> io:format("~w: ~0p~n", [Name, X]).
