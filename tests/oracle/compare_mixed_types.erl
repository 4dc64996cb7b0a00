%% All comparison operators on all pairs of values of different types.
-module(compare_mixed_types).
-export([main/0]).
main() ->
    Values = values(),
    [io:format("~w: ~ts~n", [I, [row(A, B) || B <- Values]]) || {I, A} <- lists:zip(lists:seq(1, length(Values)), Values)],
    io:format("~p~n", [lists:sort(Values)]),
    io:format("~p~n", [lists:usort(Values)]),
    io:format("~p ~p~n", [lists:max(Values), lists:min(Values)]).

values() ->
    [0, 0.0, 1, -1, 1.0, 1.5, 1 bsl 59, 1 bsl 60, float(1 bsl 60), 1 bsl 64, -(1 bsl 64), 1.0e20, a, b, '', true, {}, {a}, {b, a}, {1.0},
     {1}, #{}, #{a => 1}, #{a => 1.0}, #{1 => a}, #{1.0 => a}, #{a => 1, b => 2}, [], [a], [a | b], [1], [1.0], [1, 2], "abc",
     <<>>, <<1>>, <<1:1>>, <<1, 2>>, <<255>>, <<0:7>>, fun lists:map/2, fun lists:map/1].

row(A, B) ->
    Flags = [A < B, A > B, A =< B, A >= B, A == B, A /= B, A =:= B, A =/= B, min(A, B) =:= A, max(A, B) =:= A, guard(A, B)],
    [$\s | string:lowercase(integer_to_list(lists:foldl(fun(F, N) -> N * 2 + bit(F) end, 0, Flags), 36))].

bit(true) -> 1;
bit(false) -> 0.

guard(A, B) when A < B, A =< B, A /= B, A =/= B -> true;
guard(A, B) when A > B; A == B -> false;
guard(_, _) -> wrong.
