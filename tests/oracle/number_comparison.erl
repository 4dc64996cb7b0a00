%% Exact and numeric comparison of integers with floats, near the limits of precision.
-module(number_comparison).
-export([main/0]).
main() ->
    Ints = [0, 1, -1, (1 bsl 53) - 1, 1 bsl 53, (1 bsl 53) + 1, (1 bsl 53) + 2, (1 bsl 59) - 1, 1 bsl 59, (1 bsl 60) + 1, (1 bsl 64) - 1, 1 bsl 64, (1 bsl 64) + 1, -(1 bsl 53) - 1, 1 bsl 1023, (1 bsl 1024) - 1, 1 bsl 1024, -(1 bsl 1024)],
    Floats = [0.0, -0.0, 1.0, -1.0, 0.5, 9007199254740991.0, 9007199254740992.0, 9007199254740994.0, 5.764607523034235e17, 1.152921504606847e18, 1.8446744073709552e19, 1.8446744073709556e19, -9007199254740992.0, 8.98846567431158e307, 1.7976931348623157e308, -1.7976931348623157e308],
    [io:format("~w ~w ~w~n", [I, F, {I < F, I > F, I == F, I =< F, F =< I, F == I, I =:= F, max(I, F), min(F, I)}]) || I <- Ints, F <- Floats],
    io:format("~w~n", [lists:sort(Ints ++ Floats)]),
    io:format("~w~n", [lists:usort(Floats ++ Ints)]),
    io:format("~w~n", [[lists:member(1, [1.0]), lists:member(1.0, [1.0]), lists:keyfind(1, 1, [{1.0, a}]), lists:keyfind(1.0, 1, [{1, a}]), lists:keymember(1, 1, [{1.0}])]]),
    io:format("~w~n", [[maps:is_key(1, #{1.0 => a}), #{1 => a} == #{1.0 => a}, {1} == {1.0}, [1 | 2] == [1.0 | 2.0], {1} =:= {1.0}, lists:subtract([1], [1.0])]]),
    io:format("~w~n", [[case 1.0 of 1 -> int; _ -> no end, case 1 of 1.0 -> float; _ -> no end, case -0.0 of +0.0 -> same; _ -> other end]]).
