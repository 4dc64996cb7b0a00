%% erlang:raise/3 with every shape of stack trace, taken and refused, and what then is caught, linked and reported.
-module(raised_traces).
-export([main/0]).

main() ->
    logger:set_primary_config(level, none),
    Heads = [a, 1, fun erlang:node/0, "m", {}, []],
    Functions = [f, 1, []],
    Arities = [0, 1, -1, 255, 256, 1 bsl 60, 1 bsl 70, a, [], [x], [x | y], 1.5, <<>>],
    Places = [[], [{file, "f"}, {line, 1}], [{line, a}], [x], [x | y], a, 1, {file, "f"}],
    [show({M, F, A}, [{M, F, A}]) || M <- Heads, F <- Functions, A <- Arities],
    [show({M, F, A, L}, [{M, F, A, L}]) || M <- [m, 1, fun erlang:node/0], F <- [f, 1], A <- Arities, L <- Places],
    [show({F, A}, [{F, A}]) || F <- Heads, A <- Arities],
    [show({F, A, L}, [{F, A, L}]) || F <- Heads, A <- [0, a, [], [x | y]], L <- Places],
    [show(T, T) || T <- [[], a, 1, [a], [[]], [{}], [{m}], [{m, f, 1, [], x}], [{m, f, 1} | t], [{m, f, 1}, x], [{m, f, 1}, {m, f, 1, []}, {fun erlang:node/0, []}], <<>>, #{}]],
    Long = [{m, f, N, [{line, N}]} || N <- lists:seq(1, 300)],
    show(long, fun() -> erlang:raise(error, long, Long) end, fun length/1),
    [io:format("~w ~w~n", [C, raised(C, [{m, f, 0}])]) || C <- [error, exit, throw, 'EXIT', 1, "error"]],
    [ended(C, R, T) || C <- [error, exit, throw], R <- [normal, kill, x], T <- [[], [{m, f, 0, []}]]],
    io:format("~p~n", [catch erlang:raise(error, caught, [{m, f, 2, [{line, 3}]}])]),
    io:format("~p~n", [catch erlang:raise(exit, caught, [{m, f, 2, [{line, 3}]}])]),
    io:format("~p~n", [catch erlang:raise(throw, caught, [{m, f, 2, [{line, 3}]}])]),
    io:format("~w~n", [in_after()]),
    io:format("~w~n", [twice()]).

raised(Class, Trace) -> try erlang:raise(Class, reason, Trace) of V -> {returned, V} catch C:R:S -> {C, R, S} end.
show(Name, Trace) -> io:format("~p: ~p~n", [Name, raised(error, Trace)]).
show(Name, F, G) -> io:format("~p: ~p~n", [Name, try F() catch _:_:S -> G(S) end]).
ended(C, R, T) ->
    {_, M} = spawn_monitor(fun() -> erlang:raise(C, R, T) end),
    receive {'DOWN', M, _, _, Why} -> io:format("~w ~w ~w: ~p~n", [C, R, T, Why]) end.
in_after() ->
    try try erlang:raise(throw, one, [{m, f, 0}]) after put(x, erlang:raise(error, two, bad)) end catch C:R:S -> {C, R, S, erase(x)} end.
twice() ->
    try try erlang:raise(error, one, [{m, f, 0}]) catch E:R:S -> erlang:raise(exit, {E, R}, [{again, x, [y]} | S]) end catch C:Q:T -> {C, Q, T} end.
