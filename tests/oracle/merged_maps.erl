%% Large maps put together, compared and taken apart: whichever of them has a key, and whether they share what they hold.
-module(merged_maps).
-export([main/0]).

main() ->
    Sizes = [0, 1, 31, 32, 33, 64, 100, 1000, 5000],
    [show(A, B, Shift) || A <- Sizes, B <- Sizes, Shift <- [0, 1, 50, 10000]],
    shared(),
    equality(),
    ordering().

numbered(Count, From, Make) -> maps:from_list([{key(I), Make(I)} || I <- lists:seq(From, From + Count - 1)]).

key(I) when I rem 5 =:= 0 -> I;
key(I) when I rem 5 =:= 1 -> {k, I};
key(I) when I rem 5 =:= 2 -> integer_to_binary(I);
key(I) when I rem 5 =:= 3 -> [I, I];
key(I) -> float(I).

show(A, B, Shift) ->
    Older = numbered(A, 1, fun(I) -> {older, I} end),
    Newer = numbered(B, 1 + Shift, fun(I) -> {newer, I} end),
    Merged = maps:merge(Older, Newer),
    Expected = lists:foldl(fun({K, V}, M) -> M#{K => V} end, Older, maps:to_list(Newer)),
    io:format("~p ~p ~p: ~p ~p ~p ~p~n", [A, B, Shift, map_size(Merged), Merged =:= Expected, erlang:phash2(Merged),
        lists:sort(maps:to_list(Merged)) =:= lists:sort(maps:to_list(Expected))]).

shared() ->
    Map = numbered(3000, 1, fun(I) -> I end),
    Changed = lists:foldl(fun(I, M) -> M#{key(I) := changed} end, Map, lists:seq(1, 3000, 97)),
    Fewer = maps:without([key(I) || I <- lists:seq(1, 3000, 13)], Map),
    More = maps:merge(Map, #{extra => 1, 7777 => 2}),
    Named = [{map, Map}, {changed, Changed}, {fewer, Fewer}, {more, More}],
    [io:format("~p ~p: ~p ~p~n", [X, Y, map_size(maps:merge(A, B)), erlang:phash2(maps:merge(A, B))]) || {X, A} <- Named, {Y, B} <- Named],
    io:format("~p~n", [maps:merge(Fewer, Map) =:= Map]).

equality() ->
    Integers = numbered(500, 1, fun(I) -> [I, {I}, #{v => I}] end),
    Floats = numbered(500, 1, fun(I) -> [float(I), {float(I)}, #{v => float(I)}] end),
    Keys = maps:from_list([{I, x} || I <- lists:seq(1, 500)]),
    FloatKeys = maps:from_list([{float(I), x} || I <- lists:seq(1, 500)]),
    Nested = maps:map(fun(_, _) -> Integers end, numbered(40, 1, fun(I) -> I end)),
    NestedFloats = maps:map(fun(_, _) -> Floats end, numbered(40, 1, fun(I) -> I end)),
    Pairs = [{Integers, Integers#{}}, {Integers, Floats}, {Keys, FloatKeys}, {Nested, NestedFloats}, {Integers, maps:remove(5, Integers)},
        {Integers, Integers#{5 := 1}}, {Integers, maps:remove(5, Integers#{other => 1})}, {Nested, Nested#{5 := Floats}}, {Nested, Keys},
        {[1, 2.0, {3, [4.0]}], [1.0, 2, {3.0, [4]}]}, {[a | 1], [a | 1.0]}, {{1, a, 2}, {1.0, b, 2}}, {{1, 2, {x}}, {1.0, 2.0, {y}}},
        {1 bsl 70, float(1 bsl 70)}, {{1 bsl 70}, {float(1 bsl 70)}}, {{1}, {"1"}}, {[1], [[]]}, {#{1 => 2}, #{1 => 2.0}}, {#{1 => 2}, #{1.0 => 2}},
        {fun() -> Integers end, 1}, {{<<1:3>>, 1}, {<<1:3>>, 1.0}}, {0.0, -0.0}, {{0}, {-0.0}}, {[0.0], [0]}],
    [io:format("~p ~p ~p ~p~n", [A == B, A =:= B, A /= B, A =/= B]) || {A, B} <- Pairs].

ordering() ->
    Maps = [numbered(N, From, fun(I) -> I rem Rem end) || N <- [33, 40], From <- [1, 2, 3], Rem <- [1, 3]],
    Numbered = lists:zip(lists:seq(1, length(Maps)), Maps),
    io:format("~p~n", [[{I, J, A < B, A =< B, A == B} || {I, A} <- Numbered, {J, B} <- Numbered]]),
    io:format("~p~n", [[I || {M, I} <- lists:sort([{M, I} || {I, M} <- Numbered]), is_map(M)]]),
    Tuples = [{1, a}, {1, b}, {1.0, a}, {1, a, x}, {2, a}, {1, [a]}, {1, {a}}, {}, {1}, {1, 1}, {1, 1.0}, {1, 2.0}, {1, -1}],
    io:format("~w~n", [[{A < B, A == B, A =:= B} || A <- Tuples, B <- Tuples]]).
