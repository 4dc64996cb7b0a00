%% The functions of math on ordinary and extreme arguments.
-module(float_math).
-export([main/0]).
main() ->
    One = [sin, cos, tan, asin, acos, atan, sinh, cosh, tanh, asinh, acosh, atanh, exp, log, log2, log10, sqrt, erf, erfc, ceil, floor],
    Values = [0, 0.0, -0.0, 1, 0.5, -0.5, 2, -1, 10, 1000, 1.0e10, -1.0e308, 1 bsl 64, 1 bsl 1100, a],
    [io:format("~w(~p) = ~p~n", [F, if V > 1.0e300 -> large; true -> V end, try near(math:F(V)) catch error:R -> R end]) || F <- One, V <- Values],
    [io:format("~w(~p, ~p) = ~p~n", [F, A, B, try near(math:F(A, B)) catch error:R -> R end]) || F <- [pow, atan2, fmod], A <- [0, 2, -2.0, 0.5, 10, 1.0e200, x], B <- [0, 1, 0.5, -1, 3, 400, x]],
    io:format("~p~n", [near(math:pi())]).
near(X) when abs(X) < 1.0e15 -> list_to_float(float_to_list(float(X), [{scientific, 12}]));
near(X) -> list_to_float(float_to_list(float(X), [{scientific, 10}])).
