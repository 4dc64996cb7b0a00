%% Shifts of small and big integers by small, negative and huge counts.
-module(big_shifts).
-export([main/0]).
main() ->
    Values = [0, 1, -1, 5, -5, (1 bsl 59) - 1, -(1 bsl 59), 1 bsl 64, -(1 bsl 64), -(1 bsl 64) - 1, 1 bsl 100 + 12345, -(1 bsl 100) - 12345],
    Counts = [0, 1, 2, 3, 31, 32, 58, 59, 60, 63, 64, 65, 100, 128, 1000],
    [io:format("~w ~w ~w~n", [V, C, {V bsl C, V bsr C, V bsl -C, V bsr -C}]) || V <- Values, C <- Counts],
    Huge = [1 bsl 40, 1 bsl 58, 1 bsl 62, 1 bsl 64, 1 bsl 100],
    [io:format("~w ~w ~w~n", [V, C, [try F(V, C) catch error:E -> E end || F <- [fun(A, B) -> A bsr B end, fun(A, B) -> A bsl -B end]]]) || V <- Values, C <- Huge],
    [io:format("~w ~w ~w~n", [V, C, try V bsl C catch error:E -> E end]) || V <- [0, 1, -1, 1 bsl 64], C <- [1 bsl 62, 1 bsl 64, 1 bsl 100]],
    io:format("~w~n", [[try A bsl B catch error:E -> E end || A <- [1, a, 1.0], B <- [a, 1.0, 2]]]),
    io:format("~w~n", [erlang:phash2(1 bsl 100000)]),
    io:format("~w~n", [byte_size(integer_to_binary(3 bsl 20000))]),
    io:format("~w~n", [(fun F(0, X) -> X; F(N, X) -> F(N - 1, (X bsl 7) bxor (X bsr 3)) end)(50, 12345)]).
