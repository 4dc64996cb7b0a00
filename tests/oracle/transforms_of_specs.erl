%% ets:fun2ms, dbg's way of writing specifications, and running them.
-module(transforms_of_specs).
-include_lib("stdlib/include/ms_transform.hrl").
-export([main/0]).
-record(r, {a, b = 7, c}).

main() ->
    Specs = [ets:fun2ms(fun({A, B}) -> {B, A} end), ets:fun2ms(fun({A, B}) when A > 1, B =/= x -> A end), ets:fun2ms(fun(#r{a = A, b = 7} = R) when is_atom(A) -> R end),
             ets:fun2ms(fun({A, _} = X) when A rem 2 =:= 0; A < 0 -> [X, {A}] end), ets:fun2ms(fun(X) -> X end), ets:fun2ms(fun({_, [H | T]}) -> {H, T} end),
             ets:fun2ms(fun({A, B}) when element(1, B) == A -> #{a => A} end), ets:fun2ms(fun(R) when is_record(R, r) -> R#r.c end),
             ets:fun2ms(fun({A, B}) when is_map_key(A, B) -> map_get(A, B) end), ets:fun2ms(fun({A, B}) when is_binary(B), byte_size(B) > A -> true end)],
    Data = [{1, a}, {2, x}, {4, b}, {-3, [1, 2]}, #r{a = y, c = z}, #r{a = 1}, {5, {5, 6}}, {k, #{k => v}}, {2, <<"abc">>}, {2, <<"a">>}],
    T = ets:new(t, [bag]),
    ets:insert(T, Data),
    [io:format("~0p~n  ~0p~n  ~0p~n", [S, lists:sort(ets:select(T, S)), lists:sort(ets:match_spec_run(Data, ets:match_spec_compile(S)))]) || S <- Specs],
    io:format("~w~n", [[ets:select_count(T, ets:fun2ms(fun({A, _}) when is_integer(A) -> true end)),
                        ets:select_delete(T, ets:fun2ms(fun({2, _}) -> true end)), length(ets:tab2list(T))]]),
    O = ets:new(o, [ordered_set]),
    ets:insert(O, [{N, N * N} || N <- lists:seq(1, 10)]),
    io:format("~w~n", [[ets:select_replace(O, ets:fun2ms(fun({K, V}) when V > 50 -> {K, -V} end)), ets:tab2list(O), ets:select_reverse(O, ets:fun2ms(fun({K, V}) when V < 0 -> K end))]]).
