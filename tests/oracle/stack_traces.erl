%% Stack traces: functions, arities, arguments and lines.
-module(stack_traces).
-export([main/0]).
-export([id/1]).
main() ->
    logger:set_primary_config(level, none),
    [show(F) || F <- [fun() -> a(1) end, fun() -> lists:map(fun(X) -> b(X) end, [1]) end, fun() -> c(x) end, fun() -> element(5, id({a})) end,
                      fun() -> error(custom, [1, 2]) end, fun() -> error(custom, none) end, fun() -> erlang:raise(error, raised, [{m, f, 2, [{file, "x"}, {line, 3}]}]) end,
                      fun() -> erlang:raise(throw, raised, [{m, f, [a]}, {n, g, 1}]) end, fun() -> erlang:raise(error, raised, [{m, f, 1, []}, {n, g, [1], [{line, 2}]}]) end,
                      fun() -> nomod:nofun(1, 2) end, fun() -> apply(?MODULE, nofun, [x]) end, fun() -> (id(fun(1) -> 2 end))(3) end, fun() -> (id(fun() -> 2 end))(3) end,
                      fun() -> erlang:error(x, [a], [{error_info, #{module => m}}]) end, fun() -> binary:part(<<1>>, 2, 3) end, fun() -> maps:get(a, #{}) end,
                      fun() -> rethrown() end, fun() -> d(5) end, fun() -> exit(e()) end, fun() -> id(1) + id(a) end, fun() -> << <<X>> || X <- [a]>> end,
                      fun() -> lists:sort(a) end, fun() -> lists:foldl(fun(X, Y) -> X + Y end, 0, [a]) end, fun() -> list_to_integer("x") end, fun() -> ets:lookup(nothing, 1) end,
                      fun() -> g(error, 1), ok end, fun() -> g(error, 2), ok end, fun() -> g(exit, 1), ok end, fun() -> g(throw, 1), ok end, fun() -> g(element, 2), ok end,
                      fun() -> h(error, [x]), ok end, fun() -> h(error, [x, [y]]), ok end, fun() -> h(exit, [x]), ok end, fun() -> h(apply, [erlang, error, [x]]), ok end,
                      fun() -> h(apply, [erlang, apply, [erlang, throw, [x]]]), ok end, fun() -> i(apply, erlang, error, [x]), ok end, fun() -> h(element, [1, a]), ok end,
                      fun() -> h(error, foo), ok end]],
    io:format("~p~n", [catch erlang:raise(foo, bar, [])]),
    io:format("~p~n", [erlang:raise(error, bar, not_a_trace)]),
    io:format("~p~n", [erlang:raise(error, bar, [bad])]),
    {P, M} = spawn_monitor(fun() -> b(q) end), _ = P,
    receive {'DOWN', M, _, _, {R, S}} -> io:format("~p ~p~n", [R, [frame(X) || X <- S]]) end.
show(F) ->
    try F() of R -> io:format("~p~n", [R]) catch C:R:S -> io:format("~p ~p~n", [C, R1 = reason(R)]), R1, [io:format("    ~p~n", [frame(X)]) || X <- S] end.
reason({badarity, {_, A}}) -> {badarity, A};
reason(R) -> R.
frame({M, F, A, I}) -> {M, name(F), A, [X || X <- I, element(1, X) =/= file, M =:= ?MODULE orelse element(1, X) =:= error_info]};
frame(X) -> X.
name(F) -> case atom_to_list(F) of "-" ++ T -> list_to_atom("-" ++ T); _ -> F end.
a(X) -> Y = b(X), {Y}.
b(X) ->
    Z = id(X) +
        id(a),
    {Z}.
c(y) -> ok.
d(0) -> error(bottom);
d(N) -> [d(N - 1)].
e() -> throw(before_exit).
rethrown() -> try a(1) catch C:R:S -> erlang:raise(C, {again, R}, S) end.
g(F, 1) -> M = id(erlang), X = id(x), id(frame), M:F(X);
g(F, 2) -> M = id(erlang), id(frame), M:F(x, [y]).
h(F, A) -> apply(id(erlang), id(F), A).
i(F, X, Y, Z) -> M = id(erlang), M:F(X, Y, Z).
id(X) -> X.
