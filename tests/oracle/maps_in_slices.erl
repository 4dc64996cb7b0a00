%% maps: functions on many elements give others their turn, and a process that is inside one says so.
-module(maps_in_slices).
-export([main/0]).

main() ->
    Keys = [K || {_, K} <- lists:sort([{erlang:phash2(N), N} || N <- lists:seq(1, 100000)])],
    Pairs = [{K, K} || K <- Keys],
    Map = maps:from_list(Pairs),
    io:format("~p ~p~n", [map_size(Map), Map =:= maps:from_list(lists:reverse(Pairs))]),
    [io:format("~p ~p~n", [F, slices(F, length(A), fun() -> Check(apply(maps, F, A)) end) > 2])
     || {F, A, Check} <- [{from_list, [[{-1, -1} | Pairs]], fun(M) -> map_size(M) =:= 100001 end},
                          {from_keys, [[-1 | Keys], ok], fun(M) -> map_size(M) =:= 100001 end},
                          {from_keys, [[-1, -1 | Keys], ok], fun(M) -> map_size(M) =:= 100001 end}]],
    io:format("~p~n", [[lists:sort(maps:F(Map)) =:= lists:seq(1, 100000) || F <- [keys, values]]]),
    [io:format("~p ~p~n", [F, try apply(maps, F, A) catch C:R -> {C, R} end])
     || {F, A} <- [{from_list, [[{1, 2} | a]]}, {from_list, [[{1, 2}, a]]}, {from_list, [foo]}, {from_keys, [[1 | a], x]}, {from_keys, [foo, x]},
                   {from_keys, [[], x]}, {from_list, [[]]}, {keys, [foo]}, {values, [foo]}, {keys, [#{}]}, {values, [#{a => b}]}]].

%% How often a process that runs the function is taken off its scheduler inside the function of maps.
slices(Function, Arity, Run) ->
    Tracer = self(),
    {P, M} = spawn_monitor(fun() -> erlang:trace(self(), true, [running, {tracer, Tracer}]), true = Run() end),
    receive {'DOWN', M, process, P, normal} -> ok end,
    D = erlang:trace_delivered(P),
    receive {trace_delivered, P, D} -> ok end,
    count(P, {maps, Function, Arity}, 0).

count(P, Place, N) ->
    receive
        {trace, P, out, Place} -> count(P, Place, N + 1);
        {trace, P, _, _} -> count(P, Place, N)
    after 0 -> N
    end.
