%% Closures of all kinds: captured values, recursion, named funs, nesting, arity.
-module(closures).
-export([main/0]).
-export([inc/1, id/1]).
main() ->
    show(adder, fun() -> [(adder(N))(10) || N <- [1, 2.5, 1 bsl 70]] end),
    show(nested, fun() -> (((curry(fun(A, B, C) -> {A, B, C} end))(1))(2))(3) end),
    show(named, fun() -> F = fun Loop(0) -> []; Loop(N) -> [N | Loop(N - 1)] end, F(5) end),
    show(named_captures, fun() -> K = id(3), F = fun L(0, A) -> A; L(N, A) -> L(N - 1, A + K) end, F(10, 0) end),
    show(many, fun() -> many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10) end),
    show(local, fun() -> lists:map(fun inc/1, [1, 2]) end),
    show(external, fun() -> lists:map(fun ?MODULE:inc/1, [1, 2]) end),
    show(external_dynamic, fun() -> M = id(lists), F = id(reverse), A = id(1), G = fun M:F/A, G([1, 2]) end),
    show(shadow, fun() -> X = id(1), F = fun(X) -> X + 1 end, {X, F(5)} end),
    show(bound_in_fun, fun() -> X = id(1), F = fun(Y) -> X = Y end, {F(1), element(1, element(2, catch F(2)))} end),
    show(y, fun() -> Y = fun(G) -> (fun(H) -> H(H) end)(fun(H) -> G(fun(X) -> (H(H))(X) end) end) end,
                     (Y(fun(Self) -> fun(0) -> 1; (N) -> N * Self(N - 1) end end))(20) end),
    show(compose, fun() -> (lists:foldl(fun(_, F) -> fun(X) -> F(X + 1) end end, fun(X) -> X end, lists:seq(1, 1000)))(0) end),
    show(equal, fun() -> {adder(1) == adder(1), adder(1) == adder(2), adder(1) =:= adder(1), fun inc/1 == fun inc/1,
                          fun ?MODULE:inc/1 == fun ?MODULE:inc/1, fun lists:map/2 < fun lists:map/3} end),
    show(key, fun() -> maps:get(fun ?MODULE:inc/1, #{fun ?MODULE:inc/1 => yes}) end),
    show(wrong_fun, fun() -> (id(not_a_fun))(1) end),
    show(wrong_arity, fun() -> (id(fun(X) -> X end))(1, 2) end),
    show(clause, fun() -> (fun(a) -> b end)(id(c)) end),
    show(undefined, fun() -> (fun lists:no_such_function/3)(1, 2, 3) end),
    show(apply_fun, fun() -> apply(fun(A, B) -> A - B end, [5, 3]) end),
    show(apply_wrong, fun() -> apply(fun(A, B) -> A - B end, [5]) end),
    show(apply_improper, fun() -> apply(fun(A, B) -> A - B end, id([5 | 3])) end),
    show(info, fun() -> [erlang:fun_info(adder(1), K) || K <- [module, arity, env, type]] end),
    show(info_external, fun() -> lists:sort(erlang:fun_info(fun lists:map/2)) end).

show(Name, F) ->
    io:format("~p: ~p~n", [Name, try F() catch C:{badfun, _} -> {C, badfun}; C:{badarity, {_, A}} -> {C, badarity, A}; C:R -> {C, R} end]).
id(X) -> X.
inc(X) -> X + 1.
adder(N) -> fun(X) -> X + N end.
curry(F) -> fun(A) -> fun(B) -> fun(C) -> F(A, B, C) end end end.
many(A, B, C, D, E, F, G, H, I, J) -> (fun(X) -> [A, B, C, D, E, F, G, H, I, J, X] end)(id(k)).
