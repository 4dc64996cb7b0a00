%% Functions of many arguments, apply with many arguments, the limit of 255.
-module(arity_limits).
-export([main/0]).
-export([f20/20, f30/30, id/1]).
main() ->
    io:format("~w~n", [f20(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20)]),
    io:format("~w~n", [apply(?MODULE, f30, lists:seq(1, 30))]),
    io:format("~w~n", [apply(fun f20/20, lists:seq(1, 20))]),
    io:format("~w~n", [try apply(fun f20/20, lists:seq(1, 19)) catch error:{badarity, {_, L}} -> length(L) end]),
    io:format("~w~n", [[try apply(?MODULE, nothing, lists:seq(1, N)) catch error:R -> R end || N <- [200, 254, 255]]]),
    io:format("~w~n", [[try element(1, spawn_check(N)) catch error:R -> R end || N <- [100, 255]]]),
    {ok, T, _} = erl_scan:string("f(" ++ lists:append(lists:join(",", ["A" ++ integer_to_list(I) || I <- lists:seq(1, 255)])) ++ ") -> A255 + A1 + A100."),
    {ok, Form} = erl_parse:parse_form(T),
    {ok, M, B} = compile:forms([{attribute, 1, module, arity_made}, {attribute, 1, export, [{f, 255}]}, Form]),
    {module, M} = code:load_binary(M, "arity_made.erl", B),
    io:format("~w~n", [apply(M, f, lists:seq(1, 255))]),
    F = fun M:f/255, io:format("~w~n", [apply(F, lists:seq(1, 255))]),
    io:format("~w~n", [try erlang:make_fun(M, f, 256) of G -> is_function(G, 256) catch error:Bad -> Bad end]),
    {ok, T2, _} = erl_scan:string("fun(" ++ lists:append(lists:join(",", ["A" ++ integer_to_list(I) || I <- lists:seq(1, 20)])) ++ ") -> A1 * A20 end."),
    {ok, [E]} = erl_parse:parse_exprs(T2), {value, H, _} = erl_eval:expr(E, []), io:format("~w~n", [apply(H, lists:seq(1, 20))]),
    io:format("~w~n", [tuple_size(list_to_tuple(lists:seq(1, 100000)))]),
    io:format("~w~n", [[try erlang:make_tuple(N, x) of X -> tuple_size(X) catch error:R -> R end || N <- [16777215, 16777216, -1, 1 bsl 70]]]).
spawn_check(N) -> logger:set_primary_config(level, none), {P, Ref} = spawn_monitor(?MODULE, id, lists:seq(1, N)), receive {'DOWN', Ref, _, P, {undef, _}} -> {undef}; {'DOWN', Ref, _, P, R} -> {R} end.
f20(A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q, R, S, T) -> Self = self(), spawn(fun() -> Self ! {A, T, J, K} end), X = receive Y -> Y end, {X, A + B + C + D + E + F + G + H + I + J + K + L + M + N + O + P + Q + R + S + T}.
f30(A1, A2, A3, A4, A5, A6, A7, A8, A9, A10, A11, A12, A13, A14, A15, A16, A17, A18, A19, A20, A21, A22, A23, A24, A25, A26, A27, A28, A29, A30) ->
    [A30, A29, A28, A27, A26, A25, A24, A23, A22, A21, A20, A19, A18, A17, A16, A15, A14, A13, A12, A11, A10, A9, A8, A7, A6, A5, A4, A3, A2, A1].
id(X) -> X.
