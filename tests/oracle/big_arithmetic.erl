%% Arithmetic of big integers: every operator, every sign, sizes around the borders of words.
-module(big_arithmetic).
-export([main/0]).
main() ->
    Values = [0, 1, -1, 2, -3, 10, 255, (1 bsl 28) - 1, 1 bsl 31, -(1 bsl 31), (1 bsl 59) - 1, 1 bsl 59, -(1 bsl 59), -(1 bsl 59) - 1, (1 bsl 63) - 1, 1 bsl 63, -(1 bsl 63), (1 bsl 64) - 1, 1 bsl 64,
              -(1 bsl 64), (1 bsl 64) + 1, (1 bsl 127) - 1, 1 bsl 128, -(1 bsl 128) + 1, 12345678901234567890123456789012345678901234567890, -(3 bsl 200) - 12345],
    [io:format("~w ~w ~w~n", [A, B, [safe(F, A, B) || F <- operators()]]) || A <- Values, B <- Values],
    [io:format("~w ~w~n", [A, {-A, bnot A, abs(A), A * A * A, float(A)}]) || A <- Values].
operators() ->
    [fun(A, B) -> A + B end, fun(A, B) -> A - B end, fun(A, B) -> A * B end, fun(A, B) -> A div B end, fun(A, B) -> A rem B end,
     fun(A, B) -> A band B end, fun(A, B) -> A bor B end, fun(A, B) -> A bxor B end, fun(A, B) -> A < B end, fun(A, B) -> A == B end, fun(A, B) -> A / B end].
safe(F, A, B) -> try F(A, B) catch error:E -> E end.
